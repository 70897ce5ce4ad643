package auth

import (
	"context"
	"crypto/subtle"
	"fmt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/secret"
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

// ConfirmInput has the token from an e-mail, and a proof that its reader asked
// for it: at most one of Password, NewPassword and ConfirmKey.
type ConfirmInput struct {
	Token string
	// Password of the sign-up. For a change of address, that of the account.
	Password *string
	// NewPassword replaces the password of the sign-up.
	NewPassword *string
	// ConfirmKey is what SignUp gave to the browser that signed up.
	ConfirmKey *string
	// Email is the address that the link names.
	Email   *string
	Session *SessionInput
}

// Confirm proves an address with the token that was mailed to it, and logs in.
//
// The token alone opens nothing. This defends against two attacks: an attacker
// signs up with the victim's address, or the victim clicks the link in an
// e-mail that the attacker caused. Neither opens an account whose password the
// attacker knows.
//
// For a new account the second proof is one of: the password of that sign-up,
// the key that its browser got (in the input or as a cookie), or a new
// password, which replaces the one of the sign-up. For a change of address see
// address.
//
// A wrong proof does not use up the token, but it counts against the limit of
// that token. A token works once. If Email is not the address that the token
// was sent to, the answer is INVALID_TOKEN.
func (f *confirms) Confirm(ctx context.Context, c Caller, in ConfirmInput) (*Outcome, error) {
	choice, err := in.check()
	if err != nil {
		return nil, err
	}
	place := attempt{f.limits.loginSource, source(c.IP)}
	if err := f.limits.spend(ctx, place); err != nil {
		return nil, err
	}
	t, err := f.mailed.find(ctx, in.Token, usertoken.PurposeConfirm, usertoken.PurposeChangeEmail)
	if err == nil && !in.isFor(t) {
		err = refuse(InvalidToken, "token")
	}
	if err != nil {
		return nil, f.mailed.recordBadToken(ctx, c, EventConfirm, err)
	}
	if t.Purpose == usertoken.PurposeChangeEmail {
		return f.address(ctx, c, t, in, choice, place)
	}
	return f.account(ctx, c, t, in, choice, place)
}

// check collects what is wrong before the token is read. At most one proof may
// be given.
func (in ConfirmInput) check() (sessionChoice, error) {
	var wrong problems
	if pasted(in.Token) == "" {
		wrong.add(refuse(Required, "token"))
	}
	given := 0
	for _, proof := range []struct {
		field string
		value *string
	}{{"password", in.Password}, {"newPassword", in.NewPassword}, {"confirmKey", in.ConfirmKey}} {
		if proof.value == nil {
			continue
		}
		if given++; given == 2 {
			wrong.add(refuse(Invalid, proof.field))
		} else if *proof.value == "" {
			wrong.add(refuse(Required, proof.field))
		}
	}
	choice, err := parseSession(in.Session)
	wrong.add(err)
	return choice, wrong.err()
}

// isFor reports that the token was sent to the address that the link names. If
// the link names none, it is true.
func (in ConfirmInput) isFor(t *ent.UserToken) bool {
	if in.Email == nil {
		return true
	}
	id, err := parseAddress(*in.Email)
	return err == nil && id.key == *t.SentTo
}

// profileOf is what was said at the sign-up. A new password proves the address
// alone: a stranger may have signed up with it, whose words are dropped.
func (in ConfirmInput) profileOf(t *ent.UserToken) *string {
	if in.NewPassword != nil {
		return nil
	}
	return t.Profile
}

// account makes the account of a sign-up.
func (f *confirms) account(ctx context.Context, c Caller, t *ent.UserToken, in ConfirmInput, choice sessionChoice, place attempt) (*Outcome, error) {
	hash, err := f.prove(ctx, c, t, in, place)
	if err != nil {
		return nil, err
	}
	next := newUser(in.profileOf(t), f.now())
	next.Email = t.SentToTyped
	outcome, err := f.sessions.finish(ctx, c, choice, byPassword(EventConfirm, next), func(tx *store.Tx) (*ent.User, error) {
		now := f.now()
		// The user comes first: its unique index makes rivals wait. Then the
		// token.
		u, err := tx.User.Create().SetID(next.ID).SetProfile(next.Profile).
			SetEmail(*t.SentToTyped).SetEmailKey(*t.SentTo).
			SetPasswordHash(hash).SetCredentialsChangedAt(now).
			SetConfirmedAt(now).SetCreatedAt(now).SetUpdatedAt(now).
			Save(ctx)
		if ent.IsConstraintError(err) {
			return nil, refuse(InvalidToken, "token") // another sign-up has confirmed the address
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
	if err == nil {
		c.Browser.forgetConfirm()
	}
	return outcome, err
}

// prove checks the one proof that was given, or else the cookie of the same
// sign-up. It returns the password hash of the new account.
func (f *confirms) prove(ctx context.Context, c Caller, t *ent.UserToken, in ConfirmInput, place attempt) (hash string, err error) {
	switch {
	case in.Password != nil:
		return *t.PasswordHash, f.tryPassword(ctx, c, t, *in.Password, t.PasswordHash, place)
	case in.ConfirmKey != nil:
		return *t.PasswordHash, f.tryKey(ctx, c, t, *in.ConfirmKey, place)
	case in.NewPassword != nil:
		return f.newHash(ctx, *in.NewPassword, t, place)
	case holdsKey(t, c.Browser.confirm()):
		return *t.PasswordHash, f.limits.giveBack(ctx, place)
	}
	return "", refuse(Required, "password")
}

// newHash hashes a new password. The token from the e-mail is proof enough for
// it.
func (f *confirms) newHash(ctx context.Context, chosen string, t *ent.UserToken, place attempt) (string, error) {
	if err := f.proofs.checkNewPassword(chosen, "newPassword", *t.SentTo); err != nil {
		return "", err
	}
	hash, err := f.proofs.hash(ctx, chosen)
	if err != nil {
		return "", f.limits.undecided(ctx, err, place)
	}
	return hash, f.limits.giveBack(ctx, place)
}

// tryPassword verifies the password that goes with a token. Attempts are
// counted for each token.
func (f *confirms) tryPassword(ctx context.Context, c Caller, t *ent.UserToken, given string, hash *string, place attempt) error {
	return f.try(ctx, c, t, "password", place, func() (bool, error) {
		ok, _, err := f.proofs.verify(ctx, given, hash, "request", c.RequestID, "token", t.ID)
		return ok, err
	})
}

// tryKey verifies the key of the browser that signed up. Attempts are counted
// for each token.
func (f *confirms) tryKey(ctx context.Context, c Caller, t *ent.UserToken, given string, place attempt) error {
	return f.try(ctx, c, t, "confirmKey", place, func() (bool, error) { return holdsKey(t, pasted(given)), nil })
}

func (f *confirms) try(ctx context.Context, c Caller, t *ent.UserToken, field string, place attempt, right func() (bool, error)) error {
	g := guess{place: place, turn: t.ID.String(), open: attempt{f.limits.confirmToken, t.ID.String()}}
	failure := happening{event: EventConfirm, token: t.ID}
	if t.UserID != nil {
		failure.user = *t.UserID
		g.days = []dayLimit{{attempt{f.limits.letterDay, byUser(*t.UserID)}, g.open}}
	}
	return f.guesses.try(ctx, g, func(bool) error {
		ok, err := right()
		if err == nil && !ok {
			err = f.events.recordAnd(ctx, c, failure, refuse(InvalidCredentials, field))
		}
		return err
	})
}

// holdsKey reports that the key belongs to the sign-up of this token.
func holdsKey(t *ent.UserToken, key string) bool {
	digest, ok := secret.ParseMailed(key)
	return ok && t.KeyDigest != nil && subtle.ConstantTimeCompare(digest, *t.KeyDigest) == 1
}
