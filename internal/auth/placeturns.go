package auth

import (
	"cmp"
	"context"
	"time"

	"github.com/authgraph/authgraph/internal/limit"
)

// placeTurns lets each place ask others only a few questions at once. Questions to
// one address have a bound of their own, and one place must not fill it: everybody
// else would be refused. Who asks more waits for their own earlier questions.
//
// It does not matter what happens after a failure of the address. A place that asks
// too much is refused, or it could choose to be let in unasked.
type placeTurns struct {
	turns    limit.Turns
	patience time.Duration
}

const (
	// placeForms is how many forms of strangers one place may have under way, and
	// placeSessions how many sessions of one place may be asked about.
	placeForms, placeSessions = 4, 8
	// placePatience is how long a question waits for earlier ones of its place,
	// unless Options.TurnPatience says otherwise.
	placePatience = 2 * time.Second
)

func newPlaceTurns(o Options, atOnce int) *placeTurns {
	return &placeTurns{limit.Turns{AtOnce: atOnce}, cmp.Or(o.TurnPatience, placePatience)}
}

// take waits for a turn of the caller's place. The caller of it calls pass.
func (t *placeTurns) take(ctx context.Context, c Caller) (pass func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, t.patience)
	defer cancel()
	pass, err = t.turns.Take(waiting, source(c.IP))
	if err != nil && ctx.Err() == nil {
		err = &Error{Code: Overloaded, RetryAfter: t.patience}
	}
	return pass, err
}
