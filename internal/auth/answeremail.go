package auth

import (
	"context"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// byEmailCode logs in with a code from an e-mail. It proves the mailbox and nothing
// more: where the account has a second factor, a challenge for that follows. If nobody
// has proved the mailbox to us before, all that others have put into the account goes.
//
// The account of the address is read for every challenge, also for one whose code
// nobody got, so that the work is the same.
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
	u, err := f.users.find(ctx, identifier{key: *t.SentTo, field: "email"})
	if err != nil {
		return nil, err
	}
	err = f.guesses.try(ctx, f.guessCode(c, t, u, place), func(blind bool) error {
		return f.judgeCode(ctx, c, t, given, blind)
	})
	if err != nil {
		return nil, err
	}
	by := proof{event: EventChallengeAnswer, kinds: []ProofKind{ByEmailCode}}
	outcome, err := f.sessions.finish(ctx, c, choiceOf(t), by, func(tx *store.Tx) (*ent.User, error) {
		u, err := f.codes.redeem(ctx, tx, t, "challenge")
		if err != nil || u.ConfirmedAt != nil {
			return u, err
		}
		return f.evictions.evict(ctx, tx, c, u, true)
	})
	return outcome, f.events.recordLost(ctx, c, failedCode(t), err)
}

// failedCode is a failure to answer with a code from an e-mail.
func failedCode(t *ent.UserToken) happening {
	h := happening{event: EventChallengeAnswer, token: t.ID, method: ByEmailCode}
	if t.UserID != nil {
		h.user = *t.UserID
	}
	return h
}

// guessCode counts wrong codes by the address that they were sent to, whether it has an
// account or not: each code has five tries, but anybody can ask for another one. A
// browser that has logged in before has counts of its own. A new password begins a
// row anew.
func (f *answers) guessCode(c Caller, t *ent.UserToken, u *ent.User, place attempt) guess {
	whom, epoch := *t.SentTo, ""
	if u != nil {
		epoch = string(credentialsEpoch(u))
		if f.devices.knows(c, u) {
			whom = "known " + whom
		}
	}
	return guess{
		place: place, turn: "code to " + whom,
		day: attempt{f.limits.emailDay, whom}, row: attempt{f.limits.emailRow, whom + " " + epoch}, blind: true,
		exhausted: func(ctx context.Context) error { return f.tellCodeGuessed(ctx, c, u) },
	}
}

// judgeCode looks at a code. If blind is true, none is right.
func (f *answers) judgeCode(ctx context.Context, c Caller, t *ent.UserToken, given givenFactor, blind bool) error {
	failure := failedCode(t)
	fits, err := f.codes.fits(ctx, t, given.code)
	if is(err, InvalidToken) {
		return f.events.recordAnd(ctx, c, failure, refuse(InvalidToken, "challenge"))
	}
	if err == nil && (!fits || blind) {
		return f.events.recordAnd(ctx, c, failure, refuse(InvalidCode, given.field))
	}
	return err
}

// tellCodeGuessed records that codes sent to an address were guessed at until they were
// too many, and writes to it. If there is no account, the work is the same.
func (f *answers) tellCodeGuessed(ctx context.Context, c Caller, u *ent.User) error {
	h, to := happening{event: EventChallengeAnswer, outcome: string(RateLimited), method: ByEmailCode}, ""
	if u != nil {
		h.user, to = u.ID, *u.EmailKey
	}
	return f.store.InTx(ctx, func(tx *store.Tx) error {
		if err := f.letters.post(ctx, tx, mail.LoginCodeGuessed, to, f.letters.letter(c, u), "", uuid.Nil); err != nil {
			return err
		}
		return f.events.record(ctx, tx, c, h)
	})
}
