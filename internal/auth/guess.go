package auth

import (
	"context"
	"errors"
	"time"

	"github.com/authgraph/authgraph/internal/limit"
)

// guesses is the one way to try a secret: a password, or whatever else proves
// who somebody is.
type guesses struct {
	limits   *limits
	turns    limit.Turns
	patience time.Duration // 0 is defaultPatience
}

// defaultPatience is how long an attempt waits for those before it at the same
// thing.
const defaultPatience = 5 * time.Second

// guess says how an attempt at a secret is counted. Rows that are left out
// count nothing.
type guess struct {
	// place was spent before the secret's owner was looked for.
	place attempt
	// turn names what attempts take turns at, so that right ones at once are not
	// taken for wrong ones.
	turn string
	// open refuses openly: one too many is RATE_LIMITED.
	open attempt
	// silent refuses as a wrong secret does, which is then not even looked at:
	// whether there is such an account must not show.
	silent attempt
	// days count a wrong secret for the day.
	days []dayLimit
	// exhausted is called when open or silent refuses, once a day at most.
	exhausted func(context.Context) error
}

// dayLimit counts wrong secrets over a day. Once they are too many, what shuts
// names is shut until the day is over.
type dayLimit struct{ wrong, shuts attempt }

// try spends the rows of a guess, waits for its turn, and has the secret judged.
// The judge answers nil for a right secret and INVALID_CREDENTIALS for a wrong
// one; told that it is blind, it looks at nothing, does the same work and
// refuses.
//
// A right secret takes back all that was spent. So does OVERLOADED, since nothing
// was guessed. A wrong one counts for the day. Any other error stays spent.
func (g *guesses) try(ctx context.Context, a guess, judge func(blind bool) error) error {
	pass, err := g.takeTurn(ctx, a.turn)
	if err != nil {
		return g.limits.undecided(ctx, err, a.place)
	}
	defer pass()
	blind, err := g.spend(ctx, &a)
	if err != nil {
		return g.refused(ctx, a, err)
	}
	err = judge(blind)
	switch {
	case err == nil:
		return g.limits.giveBack(ctx, a.place, a.open, a.silent)
	case is(err, InvalidCredentials):
		return g.countDays(ctx, a.days, err)
	}
	return g.limits.undecided(ctx, err, a.place, a.open, a.silent)
}

// takeTurn has attempts at one thing go one after the other. The caller calls
// pass when the attempt is decided.
func (g *guesses) takeTurn(ctx context.Context, whom string) (pass func(), err error) {
	patience := g.patience
	if patience == 0 {
		patience = defaultPatience
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	pass, err = g.turns.Take(waiting, whom)
	if err != nil && ctx.Err() == nil {
		return nil, &Error{Code: Overloaded, RetryAfter: patience}
	}
	return pass, err
}

// spend spends both rows. Where the silent one is one too many, nothing of it was
// spent that could be given back, and the judge is to be blind.
func (g *guesses) spend(ctx context.Context, a *guess) (blind bool, err error) {
	counted, err := g.limits.spendBoth(ctx, a.open, a.silent)
	if counted == 0 || !is(err, RateLimited) {
		return false, err
	}
	a.silent = attempt{}
	return true, g.tell(ctx, *a)
}

// refused tells of a refusal, if it is that attempts are used up, and returns
// it.
func (g *guesses) refused(ctx context.Context, a guess, err error) error {
	if !is(err, RateLimited) {
		return err
	}
	if fault := g.tell(ctx, a); fault != nil {
		return fault
	}
	return err
}

// tell has the first of a day told that attempts are used up.
func (g *guesses) tell(ctx context.Context, a guess) error {
	if a.exhausted == nil {
		return nil
	}
	err := g.limits.spend(ctx, attempt{g.limits.lockNotice, a.turn})
	if is(err, RateLimited) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.exhausted(ctx)
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
