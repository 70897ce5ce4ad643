package auth

import (
	"context"

	"github.com/authgraph/authgraph/internal/store"
)

// emailLogins is the feature of having a code sent by e-mail, to log in with.
type emailLogins struct {
	*core
	limits   *limits
	captchas *captchas
	letters  *letters
	codes    *mailCodes
	users    *users
	devices  *devices
	events   *events
	settings *Settings
}

// StartEmailLoginInput is the address of an account.
type StartEmailLoginInput struct {
	Email   string
	Captcha *string
	Session *SessionInput
}

// StartEmailLogin sends a code to the address of an account that is not disabled.
// For every other address the answer, the work and the time are the same: a
// challenge whose code nobody gets. The code is good in the browser that asked and
// nowhere else, so neither a forwarded e-mail nor a scanner of e-mails logs in.
func (f *emailLogins) StartEmailLogin(ctx context.Context, c Caller, in StartEmailLoginInput) (*Challenge, error) {
	if !f.settings.EmailLogin {
		return nil, refuse(NotOffered)
	}
	var wrong problems
	to, err := parseAddress(in.Email)
	wrong.add(err)
	choice, err := parseSession(in.Session)
	wrong.add(err)
	if err := wrong.err(); err != nil {
		return nil, err
	}
	if err := f.limits.spend(ctx, attempt{f.limits.emailSource, source(c.IP)}); err != nil {
		return nil, err
	}
	if err := f.captchas.check(ctx, c, "startEmailLogin", in.Captcha); err != nil {
		return nil, err
	}
	send, err := f.maySend(ctx, c, to)
	if err != nil {
		return nil, err
	}
	var token string
	err = f.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := f.users.lockAddress(ctx, tx, to.key)
		if err != nil {
			return err
		}
		h := happening{event: EventEmailLogin, method: ByEmailCode}
		if u != nil && u.DisabledAt != nil {
			u = nil
		}
		if u != nil {
			h.user = u.ID
		}
		if token, err = f.codes.send(ctx, tx, c, codeRequest{to: to, owner: u, choice: choice, send: send}); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, h)
	})
	if err != nil {
		return nil, err
	}
	return f.codes.challenge(token), nil
}

// maySend counts the e-mail. The account is read for that before the transaction, also
// where there is none.
func (f *emailLogins) maySend(ctx context.Context, c Caller, to identifier) (bool, error) {
	u, err := f.users.find(ctx, to)
	if err != nil {
		return false, err
	}
	return f.letters.mayMail(ctx, c, to.key, budget{
		address: f.limits.emailLetter, share: f.limits.emailLetterSource,
		known: u != nil && f.devices.knows(c, u), unread: u == nil || u.DisabledAt != nil,
	})
}
