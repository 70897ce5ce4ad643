package auth

import (
	"context"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/store"
)

// byEmailCode logs in with a code from an e-mail. It proves the mailbox and nothing
// more: where the account has a second factor, a challenge for that follows.
func (f *answers) byEmailCode(ctx context.Context, c Caller, challenge string, given givenFactor) (*Outcome, error) {
	if !f.codes.settings.EmailLogin {
		return nil, refuse(NotOffered)
	}
	place := attempt{f.limits.loginSource, source(c.IP)}
	if err := f.limits.spend(ctx, place); err != nil {
		return nil, err
	}
	t, err := f.codes.find(ctx, challenge)
	if is(err, InvalidToken) {
		return nil, f.events.recordAnd(ctx, c, happening{event: EventChallengeAnswer}, refuse(InvalidToken, "challenge"))
	}
	if err != nil {
		return nil, err
	}
	err = f.guesses.try(ctx, guess{place: place, turn: "code " + t.ID.String()}, func(bool) error {
		return f.judgeCode(ctx, c, t, given)
	})
	if err != nil {
		return nil, err
	}
	by := proof{event: EventChallengeAnswer, kinds: []ProofKind{ByEmailCode}}
	return f.sessions.finish(ctx, c, choiceOf(t), by, func(tx *store.Tx) (*ent.User, error) {
		return f.codes.redeem(ctx, tx, t, "challenge")
	})
}

func (f *answers) judgeCode(ctx context.Context, c Caller, t *ent.UserToken, given givenFactor) error {
	failure := happening{event: EventChallengeAnswer, token: t.ID, method: ByEmailCode}
	if t.UserID != nil {
		failure.user = *t.UserID
	}
	fits, err := f.codes.fits(ctx, t, given.code)
	if is(err, InvalidToken) {
		return f.events.recordAnd(ctx, c, failure, refuse(InvalidToken, "challenge"))
	}
	if err == nil && !fits {
		return f.events.recordAnd(ctx, c, failure, refuse(InvalidCode, given.field))
	}
	return err
}
