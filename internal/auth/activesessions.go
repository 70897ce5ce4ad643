package auth

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/store"
)

// activeSessions is the feature of listing one's sessions and ending one.
type activeSessions struct {
	*core
	sessions *sessions
	users    *users
}

// Sessions lists where an account is logged in, last used first.
func (f *activeSessions) Sessions(ctx context.Context, c Caller, u *ent.User) ([]Session, error) {
	rows, err := f.store.UserToken.Query().
		Where(usertoken.UserID(u.ID), usertoken.PurposeEQ(usertoken.PurposeSession), usertoken.ExpiresAtGT(f.now())).
		Order(usertoken.ByLastUsedAt(sql.OrderDesc()), usertoken.ByID(sql.OrderDesc())).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	sessions := make([]Session, len(rows))
	for i, row := range rows {
		sessions[i] = *toSession(held(row), c.SessionID)
	}
	return sessions, nil
}

// RevokeSessionInput names the session to end.
type RevokeSessionInput struct {
	ID string
}

// RevokeSession ends one of the caller's sessions, at once and everywhere. The
// session of another account gives NOT_FOUND, as one that never existed does.
func (f *activeSessions) RevokeSession(ctx context.Context, c Caller, in RevokeSessionInput) (*Session, error) {
	id, ok := parseID(in.ID)
	if !ok {
		return nil, refuse(NotFound, "id")
	}
	var ended []heldToken
	err := f.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		ended, err = f.sessions.end(ctx, tx, c, EventSessionRevoke, u.ID, usertoken.ID(id))
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(ended) == 0 {
		return nil, refuse(NotFound, "id")
	}
	if id == c.SessionID {
		c.Browser.forgetSession()
	}
	return toSession(ended[0], c.SessionID), nil
}
