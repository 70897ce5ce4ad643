package auth

import (
	"context"
	"fmt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// resets is the feature of setting a new password without the old one.
type resets struct {
	*core
	limits    *limits
	captchas  *captchas
	letters   *letters
	mailed    *mailed
	proofs    *proofs
	passwords *newPasswords
	sessions  *sessions
	users     *users
	events    *events
	settings  *Settings
}

// RequestPasswordResetInput is the address of an account.
type RequestPasswordResetInput struct {
	Email   string
	Captcha *string
}

// RequestPasswordReset sends an e-mail with a reset token to the address of an
// account that is not disabled. For an unknown address the answer, the work and
// the time are the same: a token that nobody gets, and an e-mail that is never
// sent.
//
// If a sign-up for the address is pending, its confirmation e-mail is sent
// again. That token ends when the sign-up does. Older e-mails stay valid until
// one is used, so that a stranger's request does not void a link that the owner
// already has.
func (f *resets) RequestPasswordReset(ctx context.Context, c Caller, in RequestPasswordResetInput) error {
	to, err := parseAddress(in.Email)
	if err != nil {
		return err
	}
	if err := f.limits.spend(ctx, attempt{f.limits.resetSource, source(c.IP)}); err != nil {
		return err
	}
	if err := f.captchas.check(ctx, c, "requestPasswordReset", in.Captcha); err != nil {
		return err
	}
	send, err := f.maySend(ctx, c, to)
	if err != nil {
		return err
	}
	return f.store.InTx(ctx, func(tx *store.Tx) error {
		r, err := f.whatToMail(ctx, tx, to)
		if err != nil {
			return err
		}
		plain, tokenID, err := f.mailed.mint(ctx, tx, c, r.token)
		if err != nil {
			return err
		}
		l := f.letters.letter(c, r.user)
		l.ExpiresAt = r.token.expires
		if r.user == nil {
			l.Locale = text(r.token.locale)
		}
		if l.Providers, err = f.letters.providersOf(ctx, tx, to.key); err != nil {
			return err
		}
		recipient := ""
		if send && r.known {
			recipient = to.key
		}
		if err := f.letters.post(ctx, tx, r.letter, recipient, l, plain, tokenID); err != nil {
			return err
		}
		h := happening{event: EventResetRequest}
		if r.user != nil && r.known {
			h.user = r.user.ID
		}
		return f.events.record(ctx, tx, c, h)
	})
}

// maySend counts the e-mail. What there is to send is read for that before the
// transaction, also where there is nothing.
func (f *resets) maySend(ctx context.Context, c Caller, to identifier) (bool, error) {
	u, err := f.users.find(ctx, to)
	if err != nil {
		return false, err
	}
	pending, err := f.mailed.pending(ctx, f.store.Client, to.key)
	if err != nil {
		return false, err
	}
	return f.letters.mayMail(ctx, c, to.key, budget{
		address: f.limits.resetLetter, share: f.limits.resetLetterSource,
		unread: u == nil && pending == nil || u != nil && u.DisabledAt != nil,
	})
}

// resetLetter is what a request for an address leads to.
type resetLetter struct {
	letter string
	token  mailedToken
	user   *ent.User
	known  bool // if false, nobody gets the token
}

// whatToMail decides what is sent. An account gets a reset. A pending sign-up
// gets its confirmation again, which does not outlive the sign-up. For
// everything else a row is queued that sends nothing. The work is the same.
func (f *resets) whatToMail(ctx context.Context, tx *store.Tx, to identifier) (resetLetter, error) {
	r := resetLetter{letter: mail.ResetPassword, token: mailedToken{
		purpose: usertoken.PurposeResetPassword, to: to, expires: f.now().Add(f.settings.ResetTTL),
	}}
	u, err := f.users.lockAddress(ctx, tx, to.key)
	if err != nil {
		return r, err
	}
	pending, err := f.mailed.pending(ctx, tx.Client, to.key)
	if err != nil {
		return r, err
	}
	switch {
	case u != nil:
		r.user = u
		if r.known = u.DisabledAt == nil; r.known {
			r.token.owner = &u.ID
		}
	case pending != nil:
		r.letter, r.known = mail.Confirm, true
		r.token = mailedToken{
			purpose: usertoken.PurposeConfirm, to: identifier{typed: *pending.SentToTyped, key: to.key}, expires: pending.ExpiresAt,
			passwordHash: pending.PasswordHash, keyDigest: *pending.KeyDigest, profile: pending.Profile, locale: pending.Locale,
		}
		if pending.Passkey != nil && len(*pending.Passkey) > 0 { // ent reads NULL as empty
			r.token.passkey = *pending.Passkey
		}
	}
	return r, nil
}

// ResetPasswordInput is the token from a reset e-mail, and the new password.
type ResetPasswordInput struct {
	Token       string
	NewPassword string
	Session     *SessionInput
}

// ResetPassword sets a new password with a token from a reset e-mail, and logs
// in. The token works once. Every session, API token and mailed token of the
// account ends. If the account no longer has the address that the token was
// sent to, the token is refused.
// If the account has a second factor, nothing changes before that is proved. The
// outcome is then a challenge, and its answer sets the password. But if nobody has
// proved the mailbox to us before, its holder beats every other proof: factors and
// identities are removed.
func (f *resets) ResetPassword(ctx context.Context, c Caller, in ResetPasswordInput) (*Outcome, error) {
	choice, err := f.checkReset(in)
	if err != nil {
		return nil, err
	}
	place := attempt{f.limits.loginSource, source(c.IP)}
	if err := f.limits.spend(ctx, place); err != nil {
		return nil, err
	}
	t, owner, err := f.findReset(ctx, in.Token) // before hashing, so that an invalid token costs no hash
	if err != nil {
		return nil, f.mailed.recordBadToken(ctx, c, EventResetPassword, err)
	}
	if err := f.proofs.checkNewPassword(in.NewPassword, "newPassword", identifiersOf(owner)...); err != nil {
		return nil, err
	}
	hash, err := f.proofs.hash(ctx, in.NewPassword)
	if err != nil {
		return nil, f.limits.undecided(ctx, err, place)
	}
	if err := f.limits.giveBack(ctx, place); err != nil {
		return nil, err
	}
	if owner.ConfirmedAt == nil {
		owner.SecondFactor = false // it goes with the reset
	}
	by := byPassword(EventResetPassword, owner)
	by.reset = &pendingReset{tokenID: t.ID, hash: hash}
	return f.sessions.finish(ctx, c, choice, by, func(tx *store.Tx) (*ent.User, error) {
		u, err := tx.LockUser(ctx, owner.ID)
		if ent.IsNotFound(err) {
			return nil, refuse(InvalidToken, "token")
		}
		if err != nil {
			return nil, fmt.Errorf("lock the user: %w", err)
		}
		if u.SecondFactor && u.ConfirmedAt != nil { // nothing changes before it is proved
			_, err = f.passwords.find(ctx, tx, u, t.ID, "token")
			return u, err
		}
		return f.passwords.set(ctx, tx, c, u, *by.reset, "token")
	})
}

// checkReset collects what is wrong with the input before the account is known.
func (f *resets) checkReset(in ResetPasswordInput) (sessionChoice, error) {
	var wrong problems
	if pasted(in.Token) == "" {
		wrong.add(refuse(Required, "token"))
	}
	if err := f.proofs.checkNewPassword(in.NewPassword, "newPassword"); err != nil {
		wrong.add(err)
	}
	choice, err := parseSession(in.Session)
	wrong.add(err)
	return choice, wrong.err()
}

// findReset reads a reset token and its owner. It may refuse, but only redeem
// grants.
func (f *resets) findReset(ctx context.Context, plain string) (*ent.UserToken, *ent.User, error) {
	t, err := f.mailed.find(ctx, plain, usertoken.PurposeResetPassword)
	if err != nil {
		return nil, nil, err
	}
	if t.UserID == nil {
		return nil, nil, refuse(InvalidToken, "token")
	}
	owner, err := f.store.User.Get(ctx, *t.UserID)
	if ent.IsNotFound(err) || err == nil && !mayReset(owner, t) {
		return nil, nil, refuse(InvalidToken, "token")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("load the token's owner: %w", err)
	}
	return t, owner, nil
}
