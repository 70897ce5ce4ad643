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
	"github.com/authgraph/authgraph/internal/trace"
)

const (
	txTries   = 5
	txBackoff = 20 * time.Millisecond
)

// Tx is a transaction: ent's client for it, and the users that it changed.
type Tx struct {
	*ent.Client
	postgres   bool
	changed    []uuid.UUID
	changedAll bool
	after      []func()
}

// InTx runs fn in one transaction and commits if fn returns nil. The
// transaction may take as long as the patience of the Options. InTx runs fn
// again if PostgreSQL could not serialize the transaction. So fn must have no
// effect outside tx, and must set again every variable that it captures. Inside
// fn use only tx, and never InTx: SQLite has one writer.
//
// Users named by tx.Changed are announced to this process after the commit and
// before InTx returns. That also happens if it is unknown whether the commit
// took effect. Other processes hear of them with the commit.
func (s *Store) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	ctx, cancel := s.Bound(ctx)
	defer cancel()
	backoff := txBackoff
	for try := 1; ; try++ {
		err := s.tryTx(ctx, fn)
		if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err) // database/sql has rolled back, but does not say why
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
	ctx, span := trace.Start(ctx, "transaction", trace.Internal)
	defer func() { span.End(err) }()
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
	committed := s.writes.committing()
	err = raw.Commit()
	committed()
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

// OnChange sets the function that is told of changed users. No users means
// everybody. Call it before the first InTx.
func (s *Store) OnChange(fn func(users ...uuid.UUID)) { s.onChange = fn }

// Changed says that, after the commit, everything known about a user's
// sessions, tokens or rights may be wrong.
func (tx *Tx) Changed(userID uuid.UUID) { tx.changed = append(tx.changed, userID) }

// ChangedAll says the same about all users.
func (tx *Tx) ChangedAll() { tx.changedAll = true }

// AfterCommit registers a function to call after the commit.
func (tx *Tx) AfterCommit(fn func()) { tx.after = append(tx.after, fn) }

// LockText makes others who lock the same text wait until the end of tx,
// whether a row with it exists or not. SQLite needs no lock: it has one writer.
func (tx *Tx) LockText(ctx context.Context, text string) error {
	if !tx.postgres {
		return nil
	}
	_, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", text)
	return err
}

// LockUser reads a user and prevents others from changing it until the end of
// tx. PostgreSQL locks the row; SQLite has one writer anyway. It returns ent's
// not-found error for an unknown id.
func (tx *Tx) LockUser(ctx context.Context, id uuid.UUID) (*ent.User, error) {
	q := tx.User.Query().Where(user.ID(id))
	if tx.postgres {
		q = q.ForUpdate()
	}
	return q.Only(ctx)
}

// shouldRetry reports a serialization failure, a deadlock, a plan that a
// migration made stale, and a connection that became read-only. In each case
// nothing was done.
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
// end of tx. SQLite needs no lock: it has one writer.
func (tx *Tx) Exclusive(ctx context.Context, lock int64) error {
	if !tx.postgres {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", lock); err != nil {
		return fmt.Errorf("wait for a lock: %w", err)
	}
	return nil
}
