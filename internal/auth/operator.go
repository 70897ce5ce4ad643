package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/store"
)

// operators is the feature of an operator's work on accounts. Each operation
// gets the caller, for the record, and refuses every caller except an operator.
type operators struct {
	*core
	letters  *letters
	mailed   *mailed
	proofs   *proofs
	sessions *sessions
	factors  *secondFactors
	ways     *waysIn
	users    *users
	events   *events
	settings *Settings
}

// Account finds an account by id, address or username. Otherwise it answers
// NOT_FOUND. A text in the form of an id is always taken as an id: a username
// that equals another account's id must not mislead the operator.
func (f *operators) Account(ctx context.Context, c Caller, name string) (*ent.User, error) {
	if !c.operates() {
		return nil, refuse(Forbidden)
	}
	if id, ok := parseID(name); ok {
		u, err := f.store.User.Get(ctx, id)
		if ent.IsNotFound(err) {
			return nil, refuse(NotFound)
		}
		return u, wrap("find the user", err)
	}
	id, err := parseAddress(name)
	if err != nil {
		if id, err = parseUsername(name); err != nil {
			return nil, refuse(NotFound)
		}
	}
	u, err := f.users.find(ctx, id)
	if err == nil && u == nil {
		return nil, refuse(NotFound)
	}
	return u, err
}

// DisableAccount closes an account. Its sessions and mailed tokens are deleted.
// Its API tokens do not work until it is enabled again.
func (f *operators) DisableAccount(ctx context.Context, c Caller, id uuid.UUID) error {
	return f.operate(ctx, c, id, EventAccountDisable, func(tx *store.Tx) error {
		if err := voidMailed(ctx, tx, id); err != nil {
			return err
		}
		if err := distrust(ctx, tx, id); err != nil {
			return err
		}
		if _, err := f.sessions.end(ctx, tx, c, EventSessionRevoke, id); err != nil {
			return err
		}
		now := f.now()
		return tx.User.UpdateOneID(id).SetDisabledAt(now).SetUpdatedAt(now).
			ClearPendingEmail().ClearPendingEmailKey().Exec(ctx)
	})
}

// EnableAccount opens a disabled account again.
func (f *operators) EnableAccount(ctx context.Context, c Caller, id uuid.UUID) error {
	return f.operate(ctx, c, id, EventAccountEnable, func(tx *store.Tx) error {
		return tx.User.UpdateOneID(id).ClearDisabledAt().SetUpdatedAt(f.now()).Exec(ctx)
	})
}

// RemoveAccount deletes an account and everything that belongs to it.
func (f *operators) RemoveAccount(ctx context.Context, c Caller, id uuid.UUID) error {
	return f.locked(ctx, c, id, func(tx *store.Tx, u *ent.User) error { return f.users.delete(ctx, tx, c, u) })
}

// EndSessions ends all of an account's sessions and returns how many there were.
// No browser stays trusted.
func (f *operators) EndSessions(ctx context.Context, c Caller, id uuid.UUID) (int, error) {
	return f.end(ctx, c, id)
}

// EndSession ends one of an account's sessions. It answers NOT_FOUND if the
// account has no such session.
func (f *operators) EndSession(ctx context.Context, c Caller, id, session uuid.UUID) error {
	n, err := f.end(ctx, c, id, usertoken.ID(session))
	if err == nil && n == 0 {
		err = refuse(NotFound)
	}
	return err
}

func (f *operators) end(ctx context.Context, c Caller, id uuid.UUID, which ...predicate.UserToken) (int, error) {
	if !c.operates() {
		return 0, refuse(Forbidden)
	}
	var ended []heldToken
	err := f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if len(which) == 0 {
			if err := distrust(ctx, tx, id); err != nil {
				return err
			}
		}
		ended, err = f.sessions.end(ctx, tx, c, EventSessionRevoke, id, which...)
		return err
	})
	return len(ended), err
}

// operate changes an account on the operator's behalf, and records it.
func (f *operators) operate(ctx context.Context, c Caller, id uuid.UUID, event Event, change func(tx *store.Tx) error) error {
	return f.locked(ctx, c, id, func(tx *store.Tx, _ *ent.User) error {
		if err := change(tx); err != nil {
			return fmt.Errorf("%s: %w", event, err)
		}
		tx.Changed(id)
		return f.events.record(ctx, tx, c, happening{event: event, user: id})
	})
}

// locked runs work on a locked account. It answers NOT_FOUND if there is no
// such account.
func (f *operators) locked(ctx context.Context, c Caller, id uuid.UUID, work func(tx *store.Tx, u *ent.User) error) error {
	if !c.operates() {
		return refuse(Forbidden)
	}
	return f.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := tx.LockUser(ctx, id)
		if ent.IsNotFound(err) {
			return refuse(NotFound)
		}
		if err != nil {
			return fmt.Errorf("lock the user: %w", err)
		}
		return work(tx, u)
	})
}
