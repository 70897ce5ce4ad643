package auth

import (
	"context"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// newAddresses makes addresses pending.
type newAddresses struct {
	*core
	letters  *letters
	mailed   *mailed
	events   *events
	settings *Settings
}

// newAddress is an address to confirm.
type newAddress struct {
	to      identifier
	send    bool      // the limit allows an e-mail
	session uuid.UUID // that asks
}

// ask makes an address pending. Only one is pending at a time. It may be the
// account's own, if nobody has proved that to us.
func (f *newAddresses) ask(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, update *ent.UserUpdateOne, n newAddress) error {
	to := n.to
	update.SetPendingEmail(to.typed).SetPendingEmailKey(to.key)
	if err := voidChange(ctx, tx, u); err != nil {
		return err
	}
	owner, err := f.letters.ownerOf(ctx, tx, to, u.ID)
	if err != nil {
		return err
	}
	plain, tokenID, err := f.mailed.mint(ctx, tx, c, mailedToken{
		purpose: usertoken.PurposeChangeEmail, to: to, expires: f.now().Add(f.settings.ConfirmTTL), owner: &u.ID, session: &n.session,
	})
	if err != nil {
		return err
	}
	if err := f.letters.postProof(ctx, tx, c, addressProof{letter: mail.ChangeEmail, to: to, token: plain, tokenID: tokenID, locale: u.Locale, owner: owner, send: n.send}); err != nil {
		return err
	}
	l := f.letters.letter(c, u)
	l.Email = to.typed
	if u.EmailKey == nil || *u.EmailKey != to.key {
		if err := f.letters.notice(ctx, tx, u, mail.EmailChanging, l); err != nil {
			return err
		}
	}
	return f.events.record(ctx, tx, c, happening{event: EventEmailChanging, user: u.ID})
}

func (f *accounts) callOffAddress(ctx context.Context, tx *store.Tx, c Caller, u *ent.User) error {
	if u.PendingEmailKey == nil {
		return nil
	}
	if err := voidChange(ctx, tx, u); err != nil {
		return err
	}
	return f.events.record(ctx, tx, c, happening{event: EventEmailChangeStop, user: u.ID})
}
