package auth

import (
	"context"
	"fmt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// accounts is the feature of changing and deleting an account.
type accounts struct {
	*core
	limits     *limits
	validation *validation
	letters    *letters
	addresses  *newAddresses
	proofs     *proofs
	sessions   *sessions
	users      *users
	events     *events
	settings   *Settings
}

// UpdateAccountInput says what to change. A nil field stays as it is.
type UpdateAccountInput struct {
	CurrentPassword *string
	Email           *string
	Username        *string
	NewPassword     *string
}

// accountChange is an UpdateAccountInput that was checked.
type accountChange struct {
	email    *identifier // nil: no change
	username *identifier
	password *string // the new hash
	callOff  bool    // email is the present address: cancel a pending change
	send     bool    // the limit allows an e-mail to the new address
}

// UpdateAccount changes address, username or password. Each change needs the
// present password. An account without one needs a recent proof of presence instead.
// If the account has a second factor, it needs a recent proof of that as well.
//
// A new address is pending until the token that was mailed to it is confirmed.
// The old address gets a notice. An address that has an account already becomes
// pending in the same way, and its owner gets the "already registered" e-mail:
// the caller learns nothing. Giving the present address cancels a pending
// change. If only a provider vouches for the present address, giving it has it
// confirmed.
//
// A new password ends the other sessions, voids mailed tokens and forgets known
// devices. API tokens stay.
func (f *accounts) UpdateAccount(ctx context.Context, c Caller, in UpdateAccountInput) (*ent.User, error) {
	change, err := f.parseChange(c, in)
	if err != nil {
		return nil, err
	}
	if (c.User.SecondFactor || in.CurrentPassword == nil) && !f.settings.recent(c, f.now()) {
		return nil, refuse(ReauthenticationRequired)
	}
	if in.CurrentPassword != nil {
		if err := f.proofs.prove(ctx, c, *in.CurrentPassword, "currentPassword"); err != nil {
			return nil, err
		}
	}
	if err := f.validate(ctx, c, change); err != nil {
		return nil, err
	}
	if in.NewPassword != nil {
		hash, err := f.proofs.hash(ctx, *in.NewPassword)
		if err != nil {
			return nil, err
		}
		change.password = &hash
	}
	if change.email != nil {
		if change.send, err = f.letters.mayMail(ctx, c, change.email.key, budget{address: f.limits.changeLetter, share: f.limits.changeLetterSource}); err != nil {
			return nil, err
		}
	}
	var u *ent.User
	err = f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		u, err = f.change(ctx, tx, c, change)
		return err
	})
	return u, err
}

// validate asks the application about new names. It hears of no more changes of
// one account than the limit allows.
func (f *accounts) validate(ctx context.Context, c Caller, change accountChange) error {
	if !f.validation.asks() || change.email == nil && change.username == nil {
		return nil
	}
	if err := f.limits.spend(ctx, attempt{f.limits.accountChange, byUser(c.User.ID)}); err != nil {
		return err
	}
	var in askedInput
	if change.email != nil {
		in.Email = &change.email.typed
	}
	if change.username != nil {
		in.Username = &change.username.typed
	}
	return f.validation.check(ctx, c, "updateAccount", in)
}

func (f *accounts) parseChange(c Caller, in UpdateAccountInput) (accountChange, error) {
	var change accountChange
	var wrong problems
	names := identifiersOf(c.User)
	if in.CurrentPassword == nil && c.User.PasswordHash != nil || in.CurrentPassword != nil && *in.CurrentPassword == "" {
		wrong.add(refuse(Required, "currentPassword"))
	}
	if in.Email != nil {
		id, err := parseAddress(*in.Email)
		wrong.add(err)
		names = append(names, id.key)
		if c.User.EmailKey != nil && *c.User.EmailKey == id.key && c.User.ConfirmedAt != nil {
			change.callOff = true
		} else {
			change.email = &id
		}
	}
	if in.Username != nil {
		id, err := parseUsername(*in.Username)
		if !f.settings.Usernames {
			err = refuse(NotOffered, "username")
		}
		wrong.add(err)
		names = append(names, id.key)
		change.username = &id
	}
	if in.NewPassword != nil {
		wrong.add(f.proofs.checkNewPassword(*in.NewPassword, "newPassword", names...))
	}
	return change, wrong.err()
}

// change makes a checked change inside a transaction.
func (f *accounts) change(ctx context.Context, tx *store.Tx, c Caller, change accountChange) (*ent.User, error) {
	u, err := f.users.lockProven(ctx, tx, c, "currentPassword")
	if err != nil {
		return nil, err
	}
	update := tx.User.UpdateOneID(u.ID).SetUpdatedAt(f.now())
	if change.email == nil && (change.callOff || change.password != nil) {
		update.ClearPendingEmail().ClearPendingEmailKey()
	}
	if change.password != nil {
		if err := f.changePassword(ctx, tx, c, u, update, *change.password); err != nil {
			return nil, err
		}
	}
	if change.username != nil {
		if err := f.changeUsername(ctx, tx, c, u, update, *change.username); err != nil {
			return nil, err
		}
	}
	switch {
	case change.callOff:
		err = f.callOffAddress(ctx, tx, c, u)
	case change.email != nil:
		err = f.addresses.ask(ctx, tx, c, u, update, newAddress{to: *change.email, send: change.send, session: c.SessionID})
	}
	if err != nil {
		return nil, err
	}
	tx.Changed(u.ID)
	u, err = update.Save(ctx)
	if ent.IsConstraintError(err) {
		return nil, refuse(Taken, "username") // the username is the only unique key that is written here
	}
	if err != nil {
		return nil, fmt.Errorf("store the account: %w", err)
	}
	return u, nil
}

func (f *accounts) changePassword(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, update *ent.UserUpdateOne, hash string) error {
	update.SetPasswordHash(hash).SetCredentialsChangedAt(f.users.afterChange(u))
	if err := voidMailed(ctx, tx, u.ID); err != nil {
		return err
	}
	if err := f.sessions.trusts.forget(ctx, tx, u.ID); err != nil {
		return err
	}
	if _, err := f.sessions.end(ctx, tx, c, EventSessionRevoke, u.ID, usertoken.IDNEQ(c.SessionID)); err != nil {
		return err
	}
	letter := mail.PasswordChanged
	if u.PasswordHash == nil {
		letter = mail.PasswordAdded
	}
	if err := f.letters.notice(ctx, tx, u, letter, f.letters.letter(c, u)); err != nil {
		return err
	}
	return f.events.record(ctx, tx, c, happening{event: EventPasswordChange, user: u.ID})
}

func (f *accounts) changeUsername(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, update *ent.UserUpdateOne, name identifier) error {
	update.SetUsername(name.typed).SetUsernameKey(name.key)
	if u.Username != nil && *u.Username == name.typed {
		return nil
	}
	l := f.letters.letter(c, u)
	l.Username = name.typed
	if err := f.letters.notice(ctx, tx, u, mail.UsernameChanged, l); err != nil {
		return err
	}
	return f.events.record(ctx, tx, c, happening{event: EventUsernameChange, user: u.ID})
}

// DeleteAccount deletes the caller's account and everything that belongs to it.
// It returns the account as it was. It cannot be undone. The audit events about
// the account stay.
func (f *accounts) DeleteAccount(ctx context.Context, c Caller) (*ent.User, error) {
	var u *ent.User
	err := f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if u, err = f.users.lockCaller(ctx, tx, c); err != nil {
			return err
		}
		return f.users.delete(ctx, tx, c, u)
	})
	if err != nil {
		return nil, err
	}
	c.Browser.forgetSession()
	return u, nil
}
