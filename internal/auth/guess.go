package auth

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/authgraph/authgraph/internal/limit"
)

// guesses is the one way to try a secret: a password, or anything else that
// proves who somebody is.
type guesses struct {
	limits   *limits
	turns    limit.Turns
	patience time.Duration // 0 is defaultPatience
}

// defaultPatience is how long an attempt waits for earlier attempts at the same
// account.
const defaultPatience = 5 * time.Second

// guess says how an attempt at a secret is counted. A field that is not set
// counts nothing.
type guess struct {
	// place is where the attempt comes from. It was counted before the owner of the
	// secret was looked up, unless placeNow says to count it with open.
	place    attempt
	placeNow bool
	// turn names the account or token at which attempts wait for each other.
	// Otherwise right attempts at the same moment would look like too many
	// wrong ones.
	turn string
	// open refuses visibly: too many attempts are RATE_LIMITED.
	open attempt
	// day refuses visibly as well. It is a day's count that is spent before the secret
	// is looked at, so it holds wherever the next attempt is made. A right secret gives
	// it back. A guess has a day or a silent count, not both.
	day attempt
	// row refuses visibly as well. It counts wrong secrets in a row; a right one
	// resets it. A guess has a row or a silent count, not both.
	row attempt
	// silent refuses with the answer of a wrong secret, and the secret is not
	// verified. The answer must not show whether the account exists.
	silent attempt
	// blind says that day and row refuse as silent does.
	blind bool
	// days count a wrong secret for the day.
	days []dayLimit
	// exhausted is called when open, day, row or silent refuses, and many when a row has
	// become long. At most one of them is called in a day.
	exhausted, many func(context.Context) error
	// told is what is told of at most once in a day; turn, if it is empty.
	told string
}

// manyInARow wrong secrets are told to the owner, though they are not too many yet:
// somebody who guesses slowly is refused only after a hundred.
const manyInARow = 10

// dayLimit counts wrong secrets during a day. When wrong goes over its limit,
// shuts is blocked until the day is over.
type dayLimit struct{ wrong, shuts attempt }

// try is tryAnd where nothing follows but the answer. A right secret also forgets
// the wrong ones in a row before it, so a guess with a row goes through here.
func (g *guesses) try(ctx context.Context, a guess, judge func(blind bool) error) error {
	return g.tryAnd(ctx, a, judge, func([]attempt) error { return g.limits.settle(ctx, a) })
}

// tryAnd waits for its turn, counts the attempt, and calls judge. The judge returns
// nil for a right secret and INVALID_CREDENTIALS or INVALID_CODE for a wrong one.
// If blind is true, the judge verifies nothing, does the same work and refuses.
//
// After a right secret, then takes back everything that was counted, in its
// transaction. It is still the attempt's turn: those that wait find the count as
// it was. If then fails, all is taken back as well. So it is after OVERLOADED,
// because nothing was guessed. After INVALID_TOKEN no secret was looked at: only the
// place stays counted. A wrong secret also counts for the day. After any other error
// of the judge the count stays.
func (g *guesses) tryAnd(ctx context.Context, a guess, judge func(blind bool) error, then func(owed []attempt) error) error {
	pass, err := g.takeTurn(ctx, &a)
	if err != nil {
		return err
	}
	defer pass()
	blind, err := g.spend(ctx, &a)
	if err != nil {
		return g.refused(ctx, a, err)
	}
	err = judge(blind)
	switch {
	case err == nil:
		return g.settle(ctx, then, a.place, a.open, a.day, a.silent)
	case is(err, InvalidCredentials), is(err, InvalidCode):
		return g.wrong(ctx, a, err)
	case is(err, InvalidToken):
		if fault := g.limits.giveBack(ctx, a.open, a.day, a.row, a.silent); fault != nil {
			return fault
		}
		return err
	}
	return g.limits.undecided(ctx, err, a.place, a.open, a.day, a.row, a.silent)
}

// settle lets then take back what is owed, or does it itself if that fails.
func (g *guesses) settle(ctx context.Context, then func([]attempt) error, owed ...attempt) error {
	err := then(owed)
	if err == nil {
		return nil
	}
	if fault := g.limits.giveBack(context.WithoutCancel(ctx), owed...); fault != nil {
		return errors.Join(err, fault)
	}
	return err
}

// takeTurn makes attempts at the same account or token wait for each other. The
// caller calls pass when the attempt is decided. A caller whose place has no
// attempts left does not wait.
func (g *guesses) takeTurn(ctx context.Context, a *guess) (pass func(), err error) {
	pass, ok := g.turns.TryTake(a.turn)
	if ok {
		return pass, nil
	}
	if a.placeNow {
		if err := g.limits.spend(ctx, a.place); err != nil {
			return nil, err
		}
		a.placeNow = false
	}
	patience := g.patience
	if patience == 0 {
		patience = defaultPatience
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pass, err = g.turns.Take(waiting, a.turn)
	if err != nil && ctx.Err() == nil {
		err = &Error{Code: Overloaded, RetryAfter: patience}
	}
	return pass, g.limits.undecided(ctx, err, a.place)
}

// spend counts place, if that was not done, open, day, and row or silent. If the place
// is over its limit, nothing was tried at the account. What refuses silently was not
// counted, so it is removed from the guess and not given back later. The judge is
// then blind.
func (g *guesses) spend(ctx context.Context, a *guess) (blind bool, err error) {
	var place attempt
	if a.placeNow {
		place = a.place
	}
	last, hasRow := a.silent, a.row.limit.Count > 0
	if hasRow {
		last = a.row
	}
	counted, err := g.limits.spendAll(ctx, place, a.open, a.day, last)
	switch {
	case !is(err, RateLimited):
		return false, err
	case counted == 0:
		a.exhausted = nil
		return false, err
	case counted == 1, !a.blind && (counted == 2 || hasRow):
		return false, err
	}
	if counted == 2 {
		a.day = attempt{}
	}
	a.row, a.silent = attempt{}, attempt{}
	return true, g.tell(ctx, *a, a.exhausted)
}

// refused calls tell if the refusal means that attempts are used up. It returns
// the refusal.
func (g *guesses) refused(ctx context.Context, a guess, err error) error {
	if !is(err, RateLimited) {
		return err
	}
	if fault := g.tell(ctx, a, a.exhausted); fault != nil {
		return fault
	}
	return err
}

// tell calls what tells the owner, but only the first time in a day.
func (g *guesses) tell(ctx context.Context, a guess, owner func(context.Context) error) error {
	if owner == nil {
		return nil
	}
	err := g.limits.spend(ctx, attempt{g.limits.lockNotice, cmp.Or(a.told, a.turn)})
	if is(err, RateLimited) {
		return nil
	}
	if err != nil {
		return err
	}
	return owner(ctx)
}

// wrong tells of a long row of wrong secrets, counts one for the day, and returns the
// refusal.
func (g *guesses) wrong(ctx context.Context, a guess, refusal error) error {
	if a.many != nil {
		n, err := g.limits.limiter.Counted(ctx, a.row.counted())
		if err == nil && n >= manyInARow {
			err = g.tell(ctx, a, a.many)
		}
		if err != nil {
			return err
		}
	}
	return g.countDays(ctx, a.days, refusal)
}

// countDays counts a wrong secret for the day, and returns the refusal.
func (g *guesses) countDays(ctx context.Context, days []dayLimit, refusal error) error {
	for _, day := range days {
		err := g.limits.limiter.Spend(ctx, day.wrong.counted())
		if over := (*limit.Exceeded)(nil); errors.As(err, &over) {
			err = g.limits.limiter.Shut(ctx, day.shuts.counted(), over.RetryAfter)
		}
		if err != nil {
			return err
		}
	}
	return refusal
}
