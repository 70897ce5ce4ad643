package auth

import (
	"context"
	"fmt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

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
func (s *Service) Confirm(ctx context.Context, c Caller, in ConfirmInput) (*Login, error) {
	var wrong problems
	if in.Token == "" {
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
	place := attempt{s.limits.loginSource, source(c.IP)}
	if err := s.spend(ctx, place); err != nil {
		return nil, err
	}
	t, err := s.find(ctx, in.Token, usertoken.PurposeConfirm, usertoken.PurposeChangeEmail)
	if err != nil {
		return nil, s.recordBadToken(ctx, c, EventConfirm, err)
	}
	if t.Purpose == usertoken.PurposeChangeEmail {
		return s.confirmAddress(ctx, c, t, in.Password, choice, place)
	}
	return s.confirmAccount(ctx, c, t, in.Password, choice, place)
}

// tryToken verifies the password that goes with a token, whose it is, and
// spends attempts of the token's own, which it takes back with that of the
// place if the password is right.
func (s *Service) tryToken(ctx context.Context, c Caller, t *ent.UserToken, given string, hash *string, place attempt) error {
	guess := attempt{s.limits.confirmToken, t.ID.String()}
	pass, err := s.takeTurn(ctx, guess.whom)
	if err != nil {
		return s.undecided(ctx, err, place)
	}
	defer pass()
	if err := s.spend(ctx, guess); err != nil {
		return err
	}
	ok, _, err := s.verify(ctx, given, hash)
	if err != nil {
		return s.undecided(ctx, err, place, guess)
	}
	if ok {
		return s.giveBack(ctx, place, guess)
	}
	if t.UserID != nil {
		if err := s.countDay(ctx, attempt{s.limits.letterDay, byUser(*t.UserID)}, guess); err != nil {
			return err
		}
	}
	return s.refuseConfirm(ctx, c, t)
}

func (s *Service) confirmAccount(ctx context.Context, c Caller, t *ent.UserToken, given string, choice sessionChoice, place attempt) (*Login, error) {
	if err := s.tryToken(ctx, c, t, given, t.PasswordHash, place); err != nil {
		return nil, err
	}
	return s.startSession(ctx, c, choice, EventConfirm, func(tx *store.Tx) (*ent.User, error) {
		now := s.now()
		// First the user, whose unique index makes rivals wait; then the token.
		u, err := tx.User.Create().
			SetEmail(*t.SentToTyped).SetEmailKey(*t.SentTo).
			SetPasswordHash(*t.PasswordHash).SetPasswordChangedAt(now).
			SetConfirmedAt(now).SetCreatedAt(now).SetUpdatedAt(now).
			Save(ctx)
		if ent.IsConstraintError(err) {
			return nil, refuse(InvalidToken, "token") // somebody else has confirmed the address
		}
		if err != nil {
			return nil, fmt.Errorf("store the user: %w", err)
		}
		if err := s.redeem(ctx, tx, t); err != nil {
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

func (s *Service) confirmAddress(ctx context.Context, c Caller, t *ent.UserToken, given string, choice sessionChoice, place attempt) (*Login, error) {
	owner, err := s.store.User.Get(ctx, *t.UserID)
	if ent.IsNotFound(err) {
		return nil, refuse(InvalidToken, "token")
	}
	if err != nil {
		return nil, fmt.Errorf("load the token's owner: %w", err)
	}
	if err := s.tryToken(ctx, c, t, given, &owner.PasswordHash, place); err != nil {
		return nil, err
	}
	return s.startSession(ctx, c, choice, EventEmailChange, func(tx *store.Tx) (*ent.User, error) {
		u, err := s.lockVerified(ctx, tx, owner)
		if err != nil {
			return nil, err
		}
		if u.PendingEmailKey == nil || *u.PendingEmailKey != *t.SentTo {
			return nil, refuse(InvalidToken, "token")
		}
		if err := s.redeem(ctx, tx, t); err != nil {
			return nil, err
		}
		return s.moveAddress(ctx, tx, c, u, t)
	})
}

// moveAddress makes the pending address the account's. Mailed tokens die, and
// every session but the one that asked for the change.
func (s *Service) moveAddress(ctx context.Context, tx *store.Tx, c Caller, u *ent.User, t *ent.UserToken) (*ent.User, error) {
	now := s.now()
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
	if _, err := s.endSessions(ctx, tx, c, EventSessionRevoke, u.ID, keep); err != nil {
		return nil, err
	}
	tx.Changed(u.ID)
	l := s.letter(c, u)
	l.Email = *u.PendingEmail
	if err := s.notice(ctx, tx, u, mail.EmailChanged, l); err != nil { // to the address it had
		return nil, err
	}
	return tx.User.Get(ctx, u.ID)
}

// refuseConfirm records a wrong password at a token and returns the refusal.
func (s *Service) refuseConfirm(ctx context.Context, c Caller, t *ent.UserToken) error {
	h := happening{event: EventConfirm, token: t.ID}
	if t.UserID != nil {
		h.user = *t.UserID
	}
	return s.recordAnd(ctx, c, h, refuse(InvalidCredentials, "password"))
}
