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

// TestWhatIsNotLookedAtIsNotCounted: after INVALID_TOKEN no secret was looked at, so
// only the place stays counted.
func TestWhatIsNotLookedAtIsNotCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		of := func(name string) attempt { return attempt{limit.Limit{Name: name, Count: 9, Per: time.Minute}, "ann"} }
		g := &guesses{limits: &limits{limiter: limit.New(s, []byte("key"), time.Now)}}
		account := guess{place: of("z"), turn: "ann", open: of("c"), day: of("b"), row: of("a")}
		for range 3 {
			if err := g.limits.spend(t.Context(), account.place); err != nil {
				t.Fatal(err)
			}
			if err := g.try(t.Context(), account, func(bool) error { return refuse(InvalidToken, "challenge") }); !is(err, InvalidToken) {
				t.Fatal(err)
			}
		}
		for a, want := range map[attempt]int{account.place: 3, account.open: 0, account.day: 0, account.row: 0} {
			if n, err := g.limits.limiter.Counted(t.Context(), a.counted()); n != want || err != nil {
				t.Errorf("%s has counted %d, %v, want %d", a.limit.Name, n, err, want)
			}
		}
	})
}
