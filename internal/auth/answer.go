package auth

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// answers is the feature of answering a challenge.
type answers struct {
	*core
	limits     *limits
	guesses    *guesses
	challenges *challenges
	codes      *mailCodes
	evictions  *evictions
	factors    *secondFactors
	passwords  *newPasswords
	sessions   *sessions
	users      *users
	devices    *devices
	letters    *letters
	events     *events
}

// AnswerChallengeInput is a challenge, and exactly one of the codes and the
// passkey's answer.
type AnswerChallengeInput struct {
	Challenge    string
	EmailCode    *string
	TotpCode     *string
	RecoveryCode *string
	Passkey      json.RawMessage
	TrustDevice  bool
}

// AnswerChallenge proves a second factor, and begins the session that the
// challenge stands for; after a reset letter the new password takes effect first.
//
// A wrong code is INVALID_CODE, and the fifth voids the challenge. Wrong codes of
// an app are counted by account as well: once they are too many, it is
// RATE_LIMITED, but for browsers that have logged in before. Recovery codes and
// passkeys cannot be guessed and stay a way in. A challenge that is used, late or void
// is INVALID_TOKEN: begin anew. A code from an e-mail may lead to a challenge for the
// second factor.
func (f *answers) AnswerChallenge(ctx context.Context, c Caller, in AnswerChallengeInput) (*Outcome, error) {
	given, err := in.check()
	if err != nil {
		return nil, err
	}
	if given.kind == ByEmailCode {
		return f.byEmailCode(ctx, c, in.Challenge, given)
	}
	t, u, err := f.find(ctx, c, in.Challenge)
	if err != nil {
		return nil, err
	}
	given.asked = asked{what: forFactor, whom: t.ID, owner: u.ID}
	var found evidence
	err = f.guesses.try(ctx, f.guess(c, t, u, given), func(bool) (err error) {
		found, err = f.judge(ctx, c, t, u, given)
		return err
	})
	if err != nil {
		return nil, err
	}
	by := proof{
		event: EventChallengeAnswer, kinds: slices.Concat(kindsOf(t.Methods), found.kinds()),
		strong: true, reset: resetOf(t), trust: in.TrustDevice, user: u,
	}
	outcome, err := f.sessions.finish(ctx, c, choiceOf(t), by, func(tx *store.Tx) (*ent.User, error) {
		locked, err := f.redeem(ctx, tx, c, t, found, given.field)
		if err != nil || by.reset == nil {
			return locked, err
		}
		return f.passwords.set(ctx, tx, c, locked, *by.reset, "challenge")
	})
	return outcome, f.events.recordLost(ctx, c, failed(t, u, given.kind), err)
}

// failed is a failure to answer a challenge.
func failed(t *ent.UserToken, u *ent.User, kind ProofKind) happening {
	return happening{event: EventChallengeAnswer, user: u.ID, token: t.ID, method: kind}
}

// check reads the one proof that was given.
func (in AnswerChallengeInput) check() (givenFactor, error) {
	var wrong problems
	if pasted(in.Challenge) == "" {
		wrong.add(refuse(Required, "challenge"))
	}
	given, err := givenProofs{emailCode: in.EmailCode, totpCode: in.TotpCode, recoveryCode: in.RecoveryCode, passkey: in.Passkey}.one("totpCode")
	wrong.add(err)
	return given, wrong.err()
}

// find reads a challenge and its account. One that is not valid counts for the place
// that it came from.
func (f *answers) find(ctx context.Context, c Caller, plain string) (*ent.UserToken, *ent.User, error) {
	t, u, err := f.challenges.find(ctx, plain)
	if !is(err, InvalidToken) {
		return t, u, err
	}
	if err := f.limits.spend(ctx, f.place(c)); err != nil {
		return nil, nil, err
	}
	return nil, nil, f.events.recordAnd(ctx, c, happening{event: EventChallengeAnswer}, refuse(InvalidToken, "challenge"))
}

func (f *answers) place(c Caller) attempt { return attempt{f.limits.loginSource, source(c.IP)} }

// guess counts codes of an app by account, and those in a row also by the password
// and the factors that there are: a stranger who knows the password cannot start again
// with another challenge, but the owner can with another app.
// A browser that has logged in since the factors last changed has counts of its own.
func (f *answers) guess(c Caller, t *ent.UserToken, u *ent.User, given givenFactor) guess {
	account := byUser(u.ID)
	g := guess{place: f.place(c), placeNow: true, turn: "factor " + account}
	if given.kind != ByTotp {
		return g
	}
	open, whom := f.limits.factorAccount, account
	if f.devices.knowsFactors(c, u) {
		open, whom = f.limits.factorDevice, "known "+account
	}
	g.open = attempt{open, whom}
	g.row = attempt{f.limits.factorRow, whom + string(factorsEpoch(u))}
	g.days = []dayLimit{{attempt{f.limits.factorDay, whom}, g.open}}
	letter := guessedLetter(t)
	g.told = g.turn + " " + letter
	g.exhausted = func(ctx context.Context) error {
		return f.factors.tellGuessed(ctx, c, u, EventChallengeAnswer, ByTotp, letter)
	}
	g.many = func(ctx context.Context) error { return f.factors.tellMany(ctx, c, u, letter) }
	return g
}

// guessedLetter is the e-mail that says what a stranger at a challenge must have.
func guessedLetter(t *ent.UserToken) string {
	switch kinds := kindsOf(t.Methods); {
	case resetOf(t) != nil, slices.Contains(kinds, ByEmailCode):
		return mail.FactorGuessedByMail
	case slices.Contains(kinds, ByProvider):
		return mail.FactorGuessedByProvider
	}
	return mail.FactorGuessed
}

// judge looks at a code, unless too many were wrong at this challenge. The last of them
// has voided it, so that happens only to answers at the same moment.
func (f *answers) judge(ctx context.Context, c Caller, t *ent.UserToken, u *ent.User, given givenFactor) (evidence, error) {
	failure := failed(t, u, given.kind)
	err := f.limits.spend(ctx, attempt{f.limits.challengeTries, t.ID.String()})
	if is(err, RateLimited) {
		return evidence{}, f.events.recordAnd(ctx, c, failure, refuse(InvalidToken, "challenge"))
	}
	if err != nil {
		return evidence{}, err
	}
	found, err := f.factors.look(ctx, c, u.ID, given)
	if is(err, InvalidCode) {
		return found, f.wrong(ctx, c, failure, refuse(InvalidCode, given.field))
	}
	return found, err
}

// wrong records a wrong answer, and returns the refusal. The last one that a challenge
// takes voids it.
func (f *answers) wrong(ctx context.Context, c Caller, failure happening, refusal *Error) error {
	tries := attempt{f.limits.challengeTries, failure.token.String()}
	n, err := f.limits.limiter.Counted(ctx, tries.counted())
	if err != nil {
		return err
	}
	failure.outcome = string(refusal.Code)
	err = f.store.InTx(ctx, func(tx *store.Tx) error {
		if n >= tries.limit.Count {
			if err := f.challenges.void(ctx, tx, failure.token); err != nil {
				return err
			}
		}
		return f.events.record(ctx, tx, c, failure)
	})
	return orElse(err, refusal)
}

// choiceOf is how the session was asked for when the challenge was made.
func choiceOf(t *ent.UserToken) sessionChoice {
	choice := sessionChoice{delivery: InBody, device: t.DeviceName}
	if t.InCookie != nil && *t.InCookie {
		choice.delivery = InCookie
	}
	return choice
}

// resetOf is the new password that waits in a challenge, nil where none does.
func resetOf(t *ent.UserToken) *pendingReset {
	if t.TokenID == nil || t.PasswordHash == nil || t.Purpose != usertoken.PurposeChallenge {
		return nil
	}
	return &pendingReset{tokenID: *t.TokenID, hash: *t.PasswordHash}
}
