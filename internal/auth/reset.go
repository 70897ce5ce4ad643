package auth

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// RequestPasswordResetInput is the address of an account.
type RequestPasswordResetInput struct {
	Email string
}

// RequestPasswordReset sends a letter with a reset token to the address of an
// account that is not disabled. For an unknown address the answer, the work and
// the time are the same: a token that nobody will hold, and a letter that goes
// nowhere. An older letter stays good until one is used, so that a stranger's
// request does not kill the link in hand.
func (s *Service) RequestPasswordReset(ctx context.Context, c Caller, in RequestPasswordResetInput) error {
	to, err := parseAddress(in.Email)
	if err != nil {
		return err
	}
	if err := s.spend(ctx, attempt{s.limits.resetSource, source(c.IP)}); err != nil {
		return err
	}
	send, err := s.mayMail(ctx, c, to.key, s.limits.resetLetter, s.limits.resetLetterSource)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx *store.Tx) error {
		token := mailedToken{purpose: usertoken.PurposeResetPassword, to: to, ttl: s.ResetTTL}
		u, err := s.lockAddress(ctx, tx, to.key)
		if err != nil {
			return err
		}
		recipient, about := "", uuid.Nil
		if u != nil && u.DisabledAt == nil {
			token.owner, about = &u.ID, u.ID
			if send {
				recipient = *u.EmailKey
			}
		}
		plain, tokenID, err := s.mint(ctx, tx, c, token)
		if err != nil {
			return err
		}
		l := s.letter(c, u)
		l.ExpiresAt = s.now().Add(s.ResetTTL)
		if err := s.post(ctx, tx, mail.ResetPassword, recipient, l, plain, tokenID); err != nil {
			return err
		}
		return s.record(ctx, tx, c, happening{event: EventResetRequest, user: about})
	})
}

// lockAddress finds the account with an address, nil if there is none, and
// keeps others from changing or deleting it meanwhile. Requests for an unknown
// address wait for each other as well, lest many at once tell it by their time.
func (s *Service) lockAddress(ctx context.Context, tx *store.Tx, key string) (*ent.User, error) {
	if err := tx.LockText(ctx, key); err != nil {
		return nil, fmt.Errorf("lock the address: %w", err)
	}
	q := tx.User.Query().Where(addressIs(key))
	if s.store.Postgres() { // SQLite has one writer
		q.ForUpdate()
	}
	u, err := q.Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the address: %w", err)
	}
	return u, nil
}

// ResetPasswordInput is the token from a reset letter, and the new password.
type ResetPasswordInput struct {
	Token       string
	NewPassword string
	Session     *SessionInput
}

// ResetPassword sets a new password with a token from a reset letter, which
// works once, and logs in. Every session, API token and mailed token of the
// account dies with it. The token is refused once the account has left the
// address it was sent to.
func (s *Service) ResetPassword(ctx context.Context, c Caller, in ResetPasswordInput) (*Login, error) {
	choice, err := s.checkReset(in)
	if err != nil {
		return nil, err
	}
	place := attempt{s.limits.loginSource, source(c.IP)}
	if err := s.spend(ctx, place); err != nil {
		return nil, err
	}
	t, owner, err := s.findReset(ctx, in.Token) // so that junk costs no hash
	if err != nil {
		return nil, s.recordBadToken(ctx, c, EventResetPassword, err)
	}
	if err := s.checkNewPassword(in.NewPassword, "newPassword", identifiersOf(owner)...); err != nil {
		return nil, err
	}
	hash, err := s.hash(ctx, in.NewPassword)
	if err != nil {
		return nil, s.undecided(ctx, err, place)
	}
	if err := s.giveBack(ctx, place); err != nil {
		return nil, err
	}
	return s.startSession(ctx, c, choice, EventResetPassword, func(tx *store.Tx) (*ent.User, error) {
		return s.resetPassword(ctx, tx, c, t, hash)
	})
}

// checkReset gathers what is wrong before the account is known.
func (s *Service) checkReset(in ResetPasswordInput) (sessionChoice, error) {
	var wrong problems
	if in.Token == "" {
		wrong.add(refuse(Required, "token"))
	}
	if err := s.checkNewPassword(in.NewPassword, "newPassword"); err != nil {
		wrong.add(err)
	}
	choice, err := parseSession(in.Session)
	wrong.add(err)
	return choice, wrong.err()
}

// findReset reads a reset token and its owner; it may refuse, but never grants.
func (s *Service) findReset(ctx context.Context, plain string) (*ent.UserToken, *ent.User, error) {
	t, err := s.find(ctx, plain, usertoken.PurposeResetPassword)
	if err != nil {
		return nil, nil, err
	}
	if t.UserID == nil {
		return nil, nil, refuse(InvalidToken, "token")
	}
	owner, err := s.store.User.Get(ctx, *t.UserID)
	if ent.IsNotFound(err) || err == nil && !mayReset(owner, t) {
		return nil, nil, refuse(InvalidToken, "token")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("load the token's owner: %w", err)
	}
	return t, owner, nil
}

// mayReset reports that a token went to the address the account still has.
func mayReset(u *ent.User, t *ent.UserToken) bool {
	return u.DisabledAt == nil && u.EmailKey != nil && *u.EmailKey == *t.SentTo
}

func (s *Service) resetPassword(ctx context.Context, tx *store.Tx, c Caller, t *ent.UserToken, hash string) (*ent.User, error) {
	u, err := tx.LockUser(ctx, *t.UserID)
	if ent.IsNotFound(err) {
		return nil, refuse(InvalidToken, "token")
	}
	if err != nil {
		return nil, fmt.Errorf("lock the user: %w", err)
	}
	if err := s.redeem(ctx, tx, t); err != nil {
		return nil, err
	}
	if !mayReset(u, t) {
		return nil, refuse(InvalidToken, "token")
	}
	if _, err := tx.UserToken.Delete().Where(usertoken.UserID(u.ID)).Exec(ctx); err != nil {
		return nil, fmt.Errorf("void every token: %w", err)
	}
	update := tx.User.UpdateOneID(u.ID).SetPasswordHash(hash).SetPasswordChangedAt(s.afterChange(u)).SetUpdatedAt(s.now()).
		ClearPendingEmail().ClearPendingEmailKey()
	if err := s.notice(ctx, tx, u, mail.PasswordReset, s.letter(c, u)); err != nil {
		return nil, err
	}
	tx.Changed(u.ID)
	u, err = update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store the new password: %w", err)
	}
	return u, nil
}
