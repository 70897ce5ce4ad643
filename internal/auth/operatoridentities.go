package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/identity"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// identityDesk is the feature of an operator's work on identities.
type identityDesk struct {
	*core
	identities *identities
	letters    *letters
	sessions   *sessions
	events     *events
}

// RemoveIdentity unlinks an identity of an account, even the last way in. The
// account's sessions end, and its owner is told.
func (f *identityDesk) RemoveIdentity(ctx context.Context, c Caller, userID, id uuid.UUID) error {
	if !c.operates() {
		return refuse(Forbidden)
	}
	return f.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := tx.LockUser(ctx, userID)
		if ent.IsNotFound(err) {
			return refuse(NotFound)
		}
		if err != nil {
			return fmt.Errorf("lock the user: %w", err)
		}
		row, err := tx.Identity.Query().Where(identity.ID(id), identity.UserID(u.ID)).Only(ctx)
		if ent.IsNotFound(err) {
			return refuse(NotFound)
		}
		if err != nil {
			return fmt.Errorf("find an identity: %w", err)
		}
		if err := tx.Identity.DeleteOneID(row.ID).Exec(ctx); err != nil {
			return fmt.Errorf("unlink an identity: %w", err)
		}
		if _, err := f.sessions.end(ctx, tx, c, EventSessionRevoke, u.ID); err != nil {
			return err
		}
		l := f.letters.letter(c, u)
		l.Providers = f.identities.nameOf(row.Provider)
		if err := f.letters.notice(ctx, tx, u, mail.IdentityUnlinked, l); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, happening{event: EventIdentityUnlink, user: u.ID, detail: row.Provider})
	})
}

// errMoveIssuer says that somebody is known under both issuers.
var errMoveIssuer = errors.New("somebody logs in under both issuers: unlink one of the two identities first")

// MoveIssuer gives all identities of an issuer another one: a provider has moved to
// another URL, and its people are the same. It returns how many there were.
func (f *identityDesk) MoveIssuer(ctx context.Context, c Caller, from, to string) (n int, err error) {
	if !c.operates() {
		return 0, refuse(Forbidden)
	}
	err = f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if n, err = tx.Identity.Update().Where(identity.Issuer(from)).SetIssuer(to).Save(ctx); err != nil {
			return fmt.Errorf("move identities: %w", err)
		}
		return f.events.record(ctx, tx, c, happening{event: EventIssuerMove})
	})
	if ent.IsConstraintError(err) {
		return 0, errMoveIssuer
	}
	return n, err
}
