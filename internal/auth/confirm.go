package auth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
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
	settings *Settings

	ceremonies *ceremonies
	passkeys   *passkeyProofs
	added      *newPasskeys
}

// ConfirmInput has the token from an e-mail, and a proof that its reader asked
// for it: at most one of Password, NewPassword, ConfirmKey and Passkey.
type ConfirmInput struct {
	Token string
	// Password of the sign-up. For a change of address, that of the account.
	Password *string
	// NewPassword replaces the password of the sign-up.
	NewPassword *string
	// ConfirmKey is what SignUp gave to the browser that signed up.
	ConfirmKey *string
	// Passkey is an answer of the passkey of the sign-up.
	Passkey json.RawMessage
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
// the key that its browser got (in the input or as a cookie), an answer of the
// passkey of that sign-up, or a new password, which replaces the password or the
// passkey of the sign-up. For a change of address see address.
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
	if isGiven(in.Passkey) && given > 0 {
		wrong.add(refuse(Invalid, "passkey"))
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

// localeOf is the language of who signed up, or, as with the profile, of who proves the
// address alone.
func (f *confirms) localeOf(c Caller, t *ent.UserToken, in ConfirmInput) *string {
	if in.NewPassword != nil {
		return f.settings.accepted(c)
	}
	return t.Locale
}

// account makes the account of a sign-up.
func (f *confirms) account(ctx context.Context, c Caller, t *ent.UserToken, in ConfirmInput, choice sessionChoice, place attempt) (*Outcome, error) {
	if !in.proves() && !holdsKey(t, c.Browser.confirm()) {
		return f.askFor(t)
	}
	proven, err := f.prove(ctx, c, t, in, place)
	if err != nil {
		return nil, err
	}
	proven.by.user = newUser(in.profileOf(t), f.localeOf(c, t, in), f.now())
	if proven.passkey != nil {
		proven.by.user.ID = proven.passkey.Account
	}
	proven.by.user.Email = t.SentToTyped
	outcome, err := f.sessions.finish(ctx, c, choice, proven.by, func(tx *store.Tx) (*ent.User, error) {
		return f.make(ctx, tx, t, proven)
	})
	if err == nil {
		c.Browser.forgetConfirm()
	}
	return outcome, err
}

// make makes the account of a sign-up that was proved.
func (f *confirms) make(ctx context.Context, tx *store.Tx, t *ent.UserToken, proven provenSignUp) (*ent.User, error) {
	now, gone := f.now(), refuse(InvalidToken, "token")
	// The user comes first: its unique index makes rivals wait. Then the token.
	create := tx.User.Create().
		SetID(proven.by.user.ID).SetProfile(proven.by.user.Profile).SetNillableLocale(proven.by.user.Locale).
		SetEmail(*t.SentToTyped).SetEmailKey(*t.SentTo).
		SetNillablePasswordHash(proven.hash).SetCredentialsChangedAt(now).
		SetConfirmedAt(now).SetCreatedAt(now).SetUpdatedAt(now)
	u, err := create.Save(ctx)
	if ent.IsConstraintError(err) {
		return nil, gone // another sign-up has confirmed the address
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
	if proven.use != nil {
		if err := f.ceremonies.spend(ctx, tx, *proven.use, gone); err != nil {
			return nil, err
		}
	}
	if proven.passkey == nil {
		return u, nil
	}
	_, err = f.added.keep(ctx, tx, u.ID, &proven.passkey.Passkey, proven.passkey.Name, gone)
	return u, err
}

// proves reports that a proof was given besides the token.
func (in ConfirmInput) proves() bool {
	return in.Password != nil || in.NewPassword != nil || in.ConfirmKey != nil || isGiven(in.Passkey)
}

// prove checks the one proof that was given, or else the cookie of the same
// sign-up. It returns what the new account begins with.
func (f *confirms) prove(ctx context.Context, c Caller, t *ent.UserToken, in ConfirmInput, place attempt) (proven provenSignUp, err error) {
	switch {
	case in.NewPassword != nil:
		hash, err := f.newHash(ctx, *in.NewPassword, t, place)
		return provenSignUp{hash: &hash, by: byPassword(EventConfirm, nil)}, err
	case isGiven(in.Passkey):
		return f.byPasskey(ctx, c, t, in, place)
	case in.Password != nil:
		err = f.tryPassword(ctx, c, t, *in.Password, t.PasswordHash, place)
	case in.ConfirmKey != nil:
		err = f.tryKey(ctx, c, t, *in.ConfirmKey, place)
	default: // the cookie
		err = f.limits.giveBack(ctx, place)
	}
	if err != nil {
		return provenSignUp{}, err
	}
	return f.kept(t)
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
