package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/user"
)

const (
	txTries   = 5
	txBackoff = 20 * time.Millisecond
)

// Tx is a transaction: ent's client bound to it, and the users it changed.
type Tx struct {
	*ent.Client
	postgres   bool
	changed    []uuid.UUID
	changedAll bool
	after      []func()
}

// InTx runs fn in one transaction and commits it if fn returns nil. It gives
// the transaction as long as the Options' patience, and runs fn again when PostgreSQL could not
// serialize it: fn must have no effect outside of tx, and must set what it
// captures anew. Inside fn use tx only, and never InTx: SQLite has one writer.
//
// Users named by tx.Changed are announced to this process after the commit and
// before InTx returns, also when it is not known whether the commit took
// effect; to others with the commit.
func (s *Store) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	ctx, cancel := s.Bound(ctx)
	defer cancel()
	backoff := txBackoff
	for try := 1; ; try++ {
		err := s.tryTx(ctx, fn)
		if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err) // database/sql has rolled back, and does not say why
		}
		s.writes.note(err)
		if try == txTries || !shouldRetry(err) {
			return err
		}
		timer := time.NewTimer(s.jitter(backoff))
		select {
		case <-timer.C:
			backoff *= 2
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(err, ctx.Err())
		}
	}
}

func (s *Store) tryTx(ctx context.Context, fn func(tx *Tx) error) (err error) {
	raw, err := s.Client.Tx(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	done := false
	defer func() {
		if !done { // fn failed or panicked
			_ = raw.Rollback() // the transaction is lost either way; err says why
		}
	}()
	tx := &Tx{Client: raw.Client(), postgres: s.Postgres()}
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.announce(ctx); err != nil {
		return err
	}
	done = true
	err = raw.Commit()
	switch {
	case tx.changedAll:
		s.onChange()
	case len(tx.changed) > 0:
		s.onChange(tx.changed...)
	}
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, fn := range tx.after {
		fn()
	}
	return nil
}

// OnChange sets what is told of changed users, or of everybody if none is named.
// Call it before the first InTx.
func (s *Store) OnChange(fn func(users ...uuid.UUID)) { s.onChange = fn }

// Changed says that what is known of a user's sessions, tokens or rights is no
// longer true once tx has committed.
func (tx *Tx) Changed(userID uuid.UUID) { tx.changed = append(tx.changed, userID) }

// ChangedAll says that of everybody, once tx has committed.
func (tx *Tx) ChangedAll() { tx.changedAll = true }

// AfterCommit has fn called once tx has committed.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// LockText has others who lock the same text wait until the end of tx, whether
// there is a row about it or not: on SQLite there is one writer anyway.
func (tx *Tx) LockText(ctx context.Context, text string) error {
	if !tx.postgres {
		return nil
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", text)
	return err
}

// LockUser reads a user and, until the end of tx, keeps others from changing
// it: on PostgreSQL by its row, on SQLite there is one writer anyway. It
// returns ent's not-found error for an unknown id.
func (tx *Tx) LockUser(ctx context.Context, id uuid.UUID) (*ent.User, error) {
	q := tx.User.Query().Where(user.ID(id))
	if tx.postgres {
		q = q.ForUpdate()
	}
	return q.Only(ctx)
}

// shouldRetry reports PostgreSQL's serialization failure, deadlock, a plan that a
// migration made stale, and a connection that takes no writes any more: in each
// case nothing was done.
func shouldRetry(err error) bool {
	var readOnly readOnlyError
	if errors.As(err, &readOnly) {
		return readOnly.before
	}
	var pqErr *pq.Error
	if !errors.As(err, &pqErr) {
		return false
	}
	return pqErr.Code == "40001" || pqErr.Code == "40P01" || isStalePlan(err)
}

// Exclusive makes other transactions that ask for the same lock wait until the
// end of tx. On SQLite there is one writer anyway.
func (tx *Tx) Exclusive(ctx context.Context, lock int64) error {
	if !tx.postgres {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", lock); err != nil {
		return fmt.Errorf("wait for a lock: %w", err)
	}
	return nil
}
