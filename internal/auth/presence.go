package auth

import (
	"context"
	"fmt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/store"
)

// presences is the feature of proving again that the owner is present.
type presences struct {
	*core
	proofs   *proofs
	users    *users
	events   *events
	settings *Settings
}

// ReauthenticateInput is the present password.
type ReauthenticateInput struct {
	Password string
}

// Reauthenticate proves again that the session's owner is present. Operations
// marked @recent need that.
func (f *presences) Reauthenticate(ctx context.Context, c Caller, in ReauthenticateInput) (*Session, error) {
	if err := f.proofs.prove(ctx, c, in.Password, "password"); err != nil {
		return nil, err
	}
	var row *ent.UserToken
	err := f.store.InTx(ctx, func(tx *store.Tx) error {
		if _, err := f.users.lockProven(ctx, tx, c, "password"); err != nil {
			return err
		}
		var err error
		if row, err = tx.UserToken.UpdateOneID(c.SessionID).SetAuthenticatedAt(f.now()).Save(ctx); err != nil {
			return fmt.Errorf("store the proof of presence: %w", err)
		}
		tx.Changed(c.User.ID)
		return f.events.record(ctx, tx, c, happening{event: EventReauthenticate, user: c.User.ID})
	})
	if err != nil {
		return nil, err
	}
	return toSession(held(row), c.SessionID), nil
}

// Recent reports that the session's owner proved to be present within the time
// of the setting.
func (f *presences) Recent(c Caller) bool {
	return !c.Anonymous() && !c.IsAPIToken() && f.now().Sub(c.AuthenticatedAt) <= f.settings.RecentTTL
}
