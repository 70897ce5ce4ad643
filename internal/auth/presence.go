package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/passkey"
	"github.com/authgraph/authgraph/internal/store"
)

// presences is the feature of proving again that the owner is present.
type presences struct {
	*core
	limits   *limits
	guesses  *guesses
	letters  *letters
	codes    *mailCodes
	proofs   *proofs
	factors  *secondFactors
	offers   *offers
	arrivals *arrivals
	users    *users
	devices  *devices
	events   *events
	settings *Settings
}

// Reauthentication is the proofs that Reauthenticate takes now.
type Reauthentication struct{ offer }

// StartReauthenticationInput says whether to send a code to the account's address.
type StartReauthenticationInput struct {
	SendCode bool
}

// StartReauthentication lists the proofs that Reauthenticate takes from the
// caller's account now; any one is enough.
func (f *presences) StartReauthentication(ctx context.Context, c Caller, in StartReauthenticationInput) (*Reauthentication, error) {
	if in.SendCode {
		if err := f.sendCode(ctx, c); err != nil {
			return nil, err
		}
	}
	if c.User.SecondFactor {
		offered, err := f.offers.second(ctx, f.store.Client, c.User.ID, forPresence, c.SessionID)
		return &Reauthentication{offered}, err
	}
	rows, err := factorsOf(ctx, f.store.Client, c.User.ID)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(row *ent.Factor) bool { return proofOf(row) == ByPasskey && !row.VerifiesUser })
	offered := f.offers.of(rows, forPresence, c.SessionID, passkey.Required)
	if c.User.PasswordHash != nil {
		offered.Methods = slices.Insert(offered.Methods, 0, ByPassword)
	}
	if f.takesCode(c) {
		offered.Methods = append(offered.Methods, ByEmailCode)
	}
	if providers, err := f.arrivals.identities.activeOf(ctx, f.store.Client, c.User.ID); err != nil {
		return nil, err
	} else if len(providers) > 0 {
		offered.Methods = append(offered.Methods, ByProvider)
	}
	return &Reauthentication{offered}, nil
}

// ReauthenticateInput is exactly one proof.
type ReauthenticateInput struct {
	Password     *string
	EmailCode    *string
	TotpCode     *string
	RecoveryCode *string
	Passkey      json.RawMessage
	Provider     *ProviderAnswerInput
	IDToken      *IDTokenInput
}

// Reauthenticate proves again that the session's owner is present. Operations
// marked @recent need that. If the account has a second factor, the password
// alone is SECOND_FACTOR_REQUIRED. Where it has none, a passkey must verify its
// user.
func (f *presences) Reauthenticate(ctx context.Context, c Caller, in ReauthenticateInput) (*Session, error) {
	if in.Password != nil {
		return f.byPassword(ctx, c, in)
	}
	if in.Provider != nil || in.IDToken != nil {
		return f.byProvider(ctx, c, in)
	}
	given, err := givenProofs{emailCode: in.EmailCode, totpCode: in.TotpCode, recoveryCode: in.RecoveryCode, passkey: in.Passkey}.one("password")
	if err != nil {
		return nil, err
	}
	if given.kind == ByEmailCode {
		return f.byEmailCode(ctx, c, given)
	}
	given.asked = asked{what: forPresence, whom: c.SessionID, owner: c.User.ID, verify: !c.User.SecondFactor}
	var found evidence
	err = f.guesses.try(ctx, f.guess(c, given.kind), func(bool) (err error) {
		found, err = f.factors.look(ctx, c, c.User.ID, given)
		if is(err, InvalidCode) {
			return f.events.recordAnd(ctx, c, happening{event: EventReauthenticate, user: c.User.ID, method: given.kind}, refuse(InvalidCode, given.field))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	session, err := f.prove(ctx, c, found.kinds(), func(tx *store.Tx) error {
		u, err := f.users.lockCaller(ctx, tx, c)
		if err != nil {
			return err
		}
		if found.kind == ByPasskey && !u.SecondFactor && !found.passkey.result.Verified {
			return refuse(InvalidCode, given.field) // switched off since the account was read
		}
		if err := f.factors.use(ctx, tx, c, u, found, given.field); err != nil {
			return err
		}
		if u.SecondFactor || f.settings.SecondFactor != SecondFactorRequired {
			return nil
		}
		// The policy wants what was switched off.
		if err := f.factors.demand(ctx, tx, c, u); err != nil {
			return err
		}
		return f.letters.notice(ctx, tx, u, mail.FactorAdded, f.letters.letter(c, u))
	})
	if err != nil {
		return nil, err
	}
	c.Browser.put(f.devices.cookie(c.User, true)) // its factors may have changed by that
	return session, nil
}

func (f *presences) byPassword(ctx context.Context, c Caller, in ReauthenticateInput) (*Session, error) {
	switch {
	case in.EmailCode != nil:
		return nil, refuse(Invalid, "emailCode")
	case in.TotpCode != nil:
		return nil, refuse(Invalid, "totpCode")
	case in.RecoveryCode != nil:
		return nil, refuse(Invalid, "recoveryCode")
	case isGiven(in.Passkey):
		return nil, refuse(Invalid, "passkey")
	case in.Provider != nil:
		return nil, refuse(Invalid, "provider")
	case in.IDToken != nil:
		return nil, refuse(Invalid, "idToken")
	case c.User.SecondFactor:
		return nil, refuse(SecondFactorNeeded)
	}
	if err := f.proofs.prove(ctx, c, *in.Password, "password"); err != nil {
		return nil, err
	}
	return f.prove(ctx, c, []ProofKind{ByPassword}, func(tx *store.Tx) error {
		u, err := f.users.lockProven(ctx, tx, c, "password")
		if err == nil && u.SecondFactor {
			err = refuse(SecondFactorNeeded) // added meanwhile
		}
		return err
	})
}

// guess counts wrong codes by session: with a stolen access token one cannot guess
// for long. Codes that can be guessed are also counted by account, over a day, and
// those of an app in a row, because somebody who knows the password can begin one
// session after the other. The counters by account begin anew after a change of the
// password or of the factors: what was guessed before is worth nothing then, and the
// owner must not wait.
func (f *presences) guess(c Caller, kind ProofKind) guess {
	g := guess{
		turn: withinSessions(c), open: attempt{f.limits.factorSession, c.SessionID.String()},
		exhausted: func(ctx context.Context) error {
			return f.factors.tellGuessed(ctx, c, c.User, EventReauthenticate, kind, mail.FactorGuessedWithin)
		},
	}
	whom := f.within(c)
	if kind == ByTotp {
		g.row = attempt{f.limits.factorRow, whom + string(factorsEpoch(c.User))}
		g.many = func(ctx context.Context) error { return f.factors.tellMany(ctx, c, c.User, mail.FactorGuessedWithin) }
	}
	if kind == ByTotp || kind == ByEmailCode {
		g.day = attempt{f.limits.factorSessionDay, whom + string(factorsEpoch(c.User))}
	}
	return g
}

// within is whom codes within the caller's session count for. A session or a browser
// in which a factor was proved has counts of its own: somebody who knows the password
// alone does not shut the owner out.
func (f *presences) within(c Caller) string {
	whom := "within " + byUser(c.User.ID)
	if f.devices.provesFactors(c) {
		return "proved " + whom
	}
	return whom
}

// prove notes a proof in the caller's session.
func (f *presences) prove(ctx context.Context, c Caller, kinds []ProofKind, fn func(tx *store.Tx) error) (*Session, error) {
	var row *ent.UserToken
	err := f.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if err := fn(tx); err != nil {
			return err
		}
		if row, err = f.factors.strengthen(ctx, tx, c, kinds...); err != nil {
			return fmt.Errorf("store the proof of presence: %w", err)
		}
		return f.events.record(ctx, tx, c, happening{event: EventReauthenticate, user: c.User.ID, method: kinds[len(kinds)-1]})
	})
	if err != nil {
		return nil, f.events.recordLost(ctx, c, happening{event: EventReauthenticate, user: c.User.ID, method: kinds[len(kinds)-1]}, err)
	}
	return toSession(held(row), c.SessionID), nil
}

// Recent reports that the session's owner proved to be present within the time
// of the setting. If the account has a second factor, only that proves it.
func (f *presences) Recent(c Caller) bool { return f.settings.recent(c, f.now()) }
