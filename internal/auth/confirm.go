package auth

import (
	"context"
	"fmt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// confirms is the feature of proving an address.
type confirms struct {
	*core
	limits   *limits
	guesses  *guesses
	letters  *letters
	mailed   *mailed
	proofs   *proofs
	sessions *sessions
	users    *users
	events   *events
}

// ConfirmInput is the token from a letter, and the password that goes with it.
type ConfirmInput struct {
	Token    string
	Password string
	Session  *SessionInput
}

// Confirm proves an address with the token that was mailed to it, and logs in.
//
// For a new account the password is the one given at that very sign-up: so
// neither an attacker who signs up with a victim's address, nor a victim who
// follows the attacker's letter, opens an account whose password the attacker
// knows. For a change of address it is the account's. A wrong password leaves
// the token and spends attempts of that token's own; a token works once.
func (f *confirms) Confirm(ctx context.Context, c Caller, in ConfirmInput) (*Outcome, error) {
	var wrong problems
	if pasted(in.Token) == "" {
		wrong.add(refuse(Required, "token"))
	}
	if in.Password == "" {
		wrong.add(refuse(Required, "password"))
	}
	choice, err := parseSession(in.Session)
	wrong.add(err)
	if err := wrong.err(); err != nil {
		return nil, err
	}
	place := attempt{f.limits.loginSource, source(c.IP)}
	if err := f.limits.spend(ctx, place); err != nil {
		return nil, err
	}
	t, err := f.mailed.find(ctx, in.Token, usertoken.PurposeConfirm, usertoken.PurposeChangeEmail)
	if err != nil {
		return nil, f.mailed.recordBadToken(ctx, c, EventConfirm, err)
	}
	if t.Purpose == usertoken.PurposeChangeEmail {
		return f.address(ctx, c, t, in.Password, choice, place)
	}
	return f.account(ctx, c, t, in.Password, choice, place)
}

// tryToken verifies the password that goes with a token, whose it is. Attempts
// are counted by token.
func (f *confirms) tryToken(ctx context.Context, c Caller, t *ent.UserToken, given string, hash *string, place attempt) error {
	g := guess{place: place, turn: t.ID.String(), open: attempt{f.limits.confirmToken, t.ID.String()}}
	failure := happening{event: EventConfirm, token: t.ID}
	if t.UserID != nil {
		failure.user = *t.UserID
		g.days = []dayLimit{{attempt{f.limits.letterDay, byUser(*t.UserID)}, g.open}}
	}
	return f.guesses.try(ctx, g, func(bool) error {
		ok, _, err := f.proofs.verify(ctx, given, hash)
		if err == nil && !ok {
			err = f.events.recordAnd(ctx, c, failure, refuse(InvalidCredentials, "password"))
		}
		return err
	})
}

func (f *confirms) account(ctx context.Context, c Caller, t *ent.UserToken, given string, choice sessionChoice, place attempt) (*Outcome, error) {
	if err := f.tryToken(ctx, c, t, given, t.PasswordHash, place); err != nil {
		return nil, err
	}
	return f.sessions.finish(ctx, c, choice, proof{EventConfirm, ByPassword}, func(tx *store.Tx) (*ent.User, error) {
		now := f.now()
		// First the user, whose unique index makes rivals wait; then the token.
		u, err := tx.User.Create().
			SetEmail(*t.SentToTyped).SetEmailKey(*t.SentTo).
			SetPasswordHash(*t.PasswordHash).SetCredentialsChangedAt(now).
			SetConfirmedAt(now).SetCreatedAt(now).SetUpdatedAt(now).
			Save(ctx)
		if ent.IsConstraintError(err) {
			return nil, refuse(InvalidToken, "token") // somebody else has confirmed the address
		}
		if err != nil {
			return nil, fmt.Errorf("store the user: %w", err)
		}
		if err := f.mailed.redeem(ctx, tx, t); err != nil {
			return nil, err
		}
		_, err = tx.UserToken.Delete().
			Where(usertoken.SentTo(*t.SentTo), usertoken.PurposeEQ(usertoken.PurposeConfirm)).
			Exec(ctx)
		if err != nil {
			return nil, fmt.Errorf("void other sign-ups for the address: %w", err)
		}
		return u, nil
	})
}

func (f *confirms) address(ctx context.Context, c Caller, t *ent.UserToken, given string, choice sessionChoice, place attempt) (*Outcome, error) {
	owner, err := f.store.User.Get(ctx, *t.UserID)
	if ent.IsNotFound(err) {
		return nil, refuse(InvalidToken, "token")
	}
	if err != nil {
		return nil, fmt.Errorf("load the token's owner: %w", err)
	}
	if err := f.tryToken(ctx, c, t, given, owner.PasswordHash, place); err != nil {
		return nil, err
	}
	return f.sessions.finish(ctx, c, choice, proof{EventEmailChange, ByPassword}, func(tx *store.Tx) (*ent.User, error) {
		u, err := f.users.lockVerified(ctx, tx, owner)
		if err != nil {
			return nil, err
		}
		if u.PendingEmailKey == nil || *u.PendingEmailKey != *t.SentTo {
			return nil, refuse(InvalidToken, "token")
		}
		if err := f.mailed.redeem(ctx, tx, t); err != nil {
			return nil, err
		}
		return f.moveAddress(ctx, tx, c, u, t)
	})
}

// moveAddress makes the pending address the account's. Mailed tokens die, and
// every session but the one that asked for the change.
func (f *confirms) moveAddress(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, t *ent.UserToken) (*ent.User, error) {
	now := f.now()
	n, err := tx.User.Update().Where(userIs(u.ID)).
		SetEmail(*u.PendingEmail).SetEmailKey(*u.PendingEmailKey).
		ClearPendingEmail().ClearPendingEmailKey().
		SetConfirmedAt(now).SetUpdatedAt(now).
		Save(ctx)
	if ent.IsConstraintError(err) {
		return nil, refuse(InvalidToken, "token") // another account has confirmed it meanwhile
	}
	if err != nil || n != 1 {
		return nil, fmt.Errorf("store the new address of %d users: %w", n, err)
	}
	if err := voidMailed(ctx, tx, u.ID); err != nil {
		return nil, err
	}
	keep := usertoken.IDNotIn()
	if t.SessionID != nil {
		keep = usertoken.IDNEQ(*t.SessionID)
	}
	if _, err := f.sessions.end(ctx, tx, c, EventSessionRevoke, u.ID, keep); err != nil {
		return nil, err
	}
	tx.Changed(u.ID)
	l := f.letters.letter(c, u)
	l.Email = *u.PendingEmail
	if err := f.letters.notice(ctx, tx, u, mail.EmailChanged, l); err != nil { // to the address it had
		return nil, err
	}
	return tx.User.Get(ctx, u.ID)
}
