package auth

import (
	"context"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/store"
)

// takesCode reports that a code from an e-mail proves the caller's presence: never
// where the account has a second factor.
func (f *presences) takesCode(c Caller) bool {
	return f.settings.EmailLogin && !c.User.SecondFactor && c.User.EmailKey != nil
}

// sendCode sends a code to the account's address. It is good in this session alone.
// Strangers cannot use up what the owner may be sent, and a refusal is told: the caller
// is known. Nothing is stored then.
func (f *presences) sendCode(ctx context.Context, c Caller) error {
	if !f.takesCode(c) {
		return nil
	}
	if _, err := f.limits.spendAll(ctx, attempt{f.limits.presenceLetter, f.within(c)}, attempt{f.limits.allLetters, ""}); err != nil {
		return err
	}
	return f.store.InTx(ctx, func(tx *store.Tx) error {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		if u.SecondFactor || u.EmailKey == nil {
			return nil // changed meanwhile
		}
		to := identifier{typed: *u.Email, key: *u.EmailKey, field: "email"}
		if _, err := f.codes.send(ctx, tx, c, codeRequest{to: to, owner: u, session: &c.SessionID, send: true}); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, happening{event: EventEmailLogin, user: u.ID, method: ByEmailCode})
	})
}

// byEmailCode proves presence with a code that this session has asked for.
func (f *presences) byEmailCode(ctx context.Context, c Caller, given givenFactor) (*Session, error) {
	if c.User.SecondFactor {
		return nil, refuse(SecondFactorNeeded)
	}
	var found *ent.UserToken
	err := f.guesses.try(ctx, f.guess(c, ByEmailCode), func(bool) (err error) {
		if found, err = f.findCode(ctx, c, given.code); err == nil && found == nil {
			err = f.events.recordAnd(ctx, c, happening{event: EventReauthenticate, user: c.User.ID, method: ByEmailCode}, refuse(InvalidCode, given.field))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return f.prove(ctx, c, []ProofKind{ByEmailCode}, func(tx *store.Tx) error {
		if _, err := f.users.lockCaller(ctx, tx, c); err != nil {
			return err
		}
		u, err := f.codes.redeem(ctx, tx, found, given.field)
		if is(err, InvalidToken) {
			return refuse(InvalidCode, given.field) // used meanwhile
		}
		if err == nil && u.SecondFactor {
			err = refuse(SecondFactorNeeded) // added meanwhile
		}
		return err
	})
}

// findCode returns the row of a good code, or nil. All rows are tried.
func (f *presences) findCode(ctx context.Context, c Caller, typed string) (found *ent.UserToken, err error) {
	if !f.takesCode(c) {
		return nil, nil
	}
	rows, err := f.codes.inSession(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		fits, err := f.codes.fits(ctx, row, typed)
		if err != nil && !is(err, InvalidToken) {
			return nil, err
		}
		if fits {
			found = row
		}
	}
	return found, nil
}
