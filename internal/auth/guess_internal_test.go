package auth

import (
	"context"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/limit"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// TestWhoHasNoAttemptsLeftDoesNotWait: a place that is over its limit is refused
// at once, whoever has the turn at the account. It is told of no account.
func TestWhoHasNoAttemptsLeftDoesNotWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := limit.Limit{Name: "login_source", Count: 1, Per: time.Minute}
		g := &guesses{limits: &limits{limiter: limit.New(s, []byte("key"), time.Now)}, patience: time.Minute}
		try := func(judge func(bool) error) error {
			return g.try(t.Context(), guess{
				place: attempt{one, "192.0.2.1"}, placeNow: true, turn: "ann",
				exhausted: func(context.Context) error { t.Error("the owner is told"); return nil },
			}, judge)
		}
		inTurn := false
		err := try(func(bool) error { // holds the turn and the place's only attempt
			inTurn = true
			began := time.Now()
			err := try(func(bool) error { t.Error("a secret is judged"); return nil })
			if !is(err, RateLimited) || time.Since(began) > 30*time.Second {
				t.Errorf("beside another attempt: %v after %v", err, time.Since(began))
			}
			return refuse(InvalidCredentials)
		})
		if !inTurn || !is(err, InvalidCredentials) {
			t.Fatalf("the first attempt: %v", err)
		}
		if err := try(func(bool) error { t.Error("a secret is judged"); return nil }); !is(err, RateLimited) {
			t.Errorf("with the turn free: %v", err)
		}
	})
}
