package auth

import (
	"context"
	"fmt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// CreateAccountInput has exactly one of address and username. An account with a
// username only needs a password.
type CreateAccountInput struct {
	Email    *string
	Username *string
	Password *string
	Locale   *string // a BCP 47 tag that is offered; without one, the default
}

// CreateAccount makes an account on the operator's behalf, even if sign-up is
// closed. If an address is given without a password, the owner gets an e-mail
// to choose one. It holds a reset token that lives as long as a confirmation
// token. Pending sign-ups for that address can no longer be confirmed. A name
// in use is TAKEN.
func (f *operators) CreateAccount(ctx context.Context, c Caller, in CreateAccountInput) (*ent.User, error) {
	if !c.operates() {
		return nil, refuse(Forbidden)
	}
	id, locale, err := f.checkNew(in)
	if err != nil {
		return nil, err
	}
	var hash *string
	if in.Password != nil {
		made, err := f.proofs.hash(ctx, *in.Password)
		if err != nil {
			return nil, err
		}
		hash = &made
	}
	var u *ent.User
	err = f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if u, err = f.create(ctx, tx, id, hash, locale); err != nil {
			return err
		}
		if id.field == "email" {
			if err := f.welcome(ctx, tx, c, u, id); err != nil {
				return err
			}
		}
		return f.events.record(ctx, tx, c, happening{event: EventAccountCreate, user: u.ID})
	})
	return u, err
}

// checkNew collects everything that is wrong with the input.
func (f *operators) checkNew(in CreateAccountInput) (identifier, *string, error) {
	var wrong problems
	id, err := parseIdentifier(in.Email, in.Username)
	if in.Email == nil && in.Username != nil && !f.settings.Usernames {
		err = refuse(NotOffered, "username")
	}
	wrong.add(err)
	switch {
	case in.Password != nil:
		wrong.add(f.proofs.checkNewPassword(*in.Password, "password", id.key))
	case in.Email == nil:
		wrong.add(refuse(Required, "password"))
	}
	locale, err := f.settings.chosenLocale(in.Locale)
	wrong.add(err)
	return id, locale, wrong.err()
}

func (f *operators) create(ctx context.Context, tx *store.Tx, id identifier, hash, locale *string) (*ent.User, error) {
	now := f.now()
	create := tx.User.Create().SetNillablePasswordHash(hash).SetCredentialsChangedAt(now).SetNillableLocale(locale).
		SetConfirmedAt(now).SetCreatedAt(now).SetUpdatedAt(now)
	if id.field == "email" {
		create.SetEmail(id.typed).SetEmailKey(id.key)
	} else {
		create.SetUsername(id.typed).SetUsernameKey(id.key)
	}
	u, err := create.Save(ctx)
	if ent.IsConstraintError(err) {
		return nil, refuse(Taken, id.field)
	}
	if err != nil {
		return nil, fmt.Errorf("store the user: %w", err)
	}
	return u, nil
}

// welcome voids sign-ups for the address of a new account. If the account has
// no password, it also sends the e-mail to choose one.
func (f *operators) welcome(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, to identifier) error {
	_, err := tx.UserToken.Delete().
		Where(usertoken.SentTo(to.key), usertoken.PurposeEQ(usertoken.PurposeConfirm)).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("void sign-ups for the address: %w", err)
	}
	if u.PasswordHash != nil {
		return nil
	}
	expires := f.now().Add(f.settings.ConfirmTTL)
	plain, tokenID, err := f.mailed.mint(ctx, tx, c, mailedToken{
		purpose: usertoken.PurposeResetPassword, to: to, owner: &u.ID, expires: expires,
	})
	if err != nil {
		return err
	}
	l := f.letters.letter(c, u)
	l.ExpiresAt = expires
	return f.letters.post(ctx, tx, mail.AccountCreated, to.key, l, plain, tokenID)
}
