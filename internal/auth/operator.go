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

// operatorCaller is the caller of the commands: whoever can run them may do
// everything.
var operatorCaller = Caller{role: "operator"}

// systemCaller is the caller of what the program does by itself.
var systemCaller = Caller{role: "system"}

// Account finds an account by id, address or username. It answers NOT_FOUND
// for what is none of them. What is written as an id is one, so that nobody
// gets in an operator's way by a username that is another's id.
func (s *Service) Account(ctx context.Context, name string) (*ent.User, error) {
	if id, ok := parseID(name); ok {
		u, err := s.store.User.Get(ctx, id)
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
	u, err := s.findUser(ctx, id)
	if err == nil && u == nil {
		return nil, refuse(NotFound)
	}
	return u, err
}

// DisableAccount shuts an account: its sessions and mailed tokens die, its API
// tokens stop working until it is enabled again.
func (s *Service) DisableAccount(ctx context.Context, id uuid.UUID) error {
	return s.operate(ctx, id, EventAccountDisable, func(tx *store.Tx, u *ent.User) error {
		if err := voidMailed(ctx, tx, id); err != nil {
			return err
		}
		if _, err := s.endSessions(ctx, tx, operatorCaller, EventSessionRevoke, id); err != nil {
			return err
		}
		now := s.now()
		return tx.User.UpdateOneID(id).SetDisabledAt(now).SetUpdatedAt(now).
			ClearPendingEmail().ClearPendingEmailKey().Exec(ctx)
	})
}

// EnableAccount opens a disabled account.
func (s *Service) EnableAccount(ctx context.Context, id uuid.UUID) error {
	return s.operate(ctx, id, EventAccountEnable, func(tx *store.Tx, _ *ent.User) error {
		return tx.User.UpdateOneID(id).ClearDisabledAt().SetUpdatedAt(s.now()).Exec(ctx)
	})
}

// RemoveAccount deletes an account and all that belongs to it.
func (s *Service) RemoveAccount(ctx context.Context, id uuid.UUID) error {
	return s.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := tx.LockUser(ctx, id)
		if ent.IsNotFound(err) {
			return refuse(NotFound)
		}
		if err != nil {
			return fmt.Errorf("lock the user: %w", err)
		}
		return s.deleteUser(ctx, tx, operatorCaller, u)
	})
}

// EndSessions ends all of an account's sessions and returns how many there were.
func (s *Service) EndSessions(ctx context.Context, id uuid.UUID) (int, error) {
	return s.end(ctx, id)
}

// EndSession ends one of an account's sessions. It answers NOT_FOUND if the
// account has no such session.
func (s *Service) EndSession(ctx context.Context, id, session uuid.UUID) error {
	n, err := s.end(ctx, id, usertoken.ID(session))
	if err == nil && n == 0 {
		err = refuse(NotFound)
	}
	return err
}

func (s *Service) end(ctx context.Context, id uuid.UUID, which ...predicate.UserToken) (int, error) {
	var ended []*ent.UserToken
	err := s.store.InTx(ctx, func(tx *store.Tx) (err error) {
		ended, err = s.endSessions(ctx, tx, operatorCaller, EventSessionRevoke, id, which...)
		return err
	})
	return len(ended), err
}

// operate changes an account on the operator's behalf, and records it.
func (s *Service) operate(ctx context.Context, id uuid.UUID, event Event, change func(tx *store.Tx, u *ent.User) error) error {
	return s.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := tx.LockUser(ctx, id)
		if ent.IsNotFound(err) {
			return refuse(NotFound)
		}
		if err != nil {
			return fmt.Errorf("lock the user: %w", err)
		}
		if err := change(tx, u); err != nil {
			return fmt.Errorf("%s: %w", event, err)
		}
		tx.Changed(id)
		return s.record(ctx, tx, operatorCaller, happening{event: event, user: id})
	})
}
