package limit_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/limit"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

var start = time.Date(2026, 11, 21, 18, 0, 0, 0, time.UTC)

// clock is turned by hand.
type clock struct{ atomic.Int64 }

func (c *clock) now() time.Time       { return start.Add(time.Duration(c.Load())) }
func (c *clock) turn(d time.Duration) { c.Add(int64(d)) }
func limiter(s *store.Store) (*limit.Limiter, *clock) {
	c := new(clock)
	return limit.New(s, []byte("key"), c.now), c
}

func TestSpend(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l, clock := limiter(s)
		three := limit.Limit{Name: "test", Count: 3, Per: time.Minute}
		spend := func(whom string, want bool) {
			t.Helper()
			if err := l.Spend(t.Context(), limit.Attempt{Limit: three, Whom: whom}); (err == nil) != want {
				t.Fatalf("Spend(%s) = %v, want it allowed: %t", whom, err, want)
			}
		}
		for range 3 {
			spend("ann", true)
			clock.turn(10 * time.Second)
		}
		spend("ann", false)
		spend("bob", true) // counters are apart
		other := limit.Limit{Name: "other", Count: 1, Per: time.Minute}
		if err := l.Spend(t.Context(), limit.Attempt{Limit: other, Whom: "ann"}); err != nil {
			t.Errorf("another limit refuses: %v", err)
		}

		var exceeded *limit.Exceeded
		if err := l.Spend(t.Context(), limit.Attempt{Limit: three, Whom: "ann"}); !errors.As(err, &exceeded) || !errors.Is(err, limit.ErrExceeded) {
			t.Fatalf("Spend() = %v, want an Exceeded", err)
		}
		if want := 50 * time.Second; exceeded.RetryAfter != want {
			t.Errorf("RetryAfter = %v, want %v: refused attempts must not prolong the wait", exceeded.RetryAfter, want)
		}
		clock.turn(49 * time.Second)
		spend("ann", false)
		clock.turn(time.Second)
		spend("ann", true) // forgotten

		if err := l.GiveBack(t.Context(), limit.Attempt{Limit: three, Whom: "ann"}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			spend("ann", true)
		}
		spend("ann", false)
	})
}

func TestASharedLimitForgetsThoughAttemptsKeepComing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l, clock := limiter(s)
		three := limit.Limit{Name: "test", Count: 3, Per: time.Minute, Shared: true}
		refused := 0
		for range 60 { // one each 25 seconds never leaves a minute without
			if err := l.Spend(t.Context(), limit.Attempt{Limit: three, Whom: "everyone"}); err != nil {
				refused++
			}
			clock.turn(25 * time.Second)
		}
		if refused != 0 {
			t.Errorf("%d of 60 attempts were refused, want none", refused)
		}
		for range 10 {
			_ = l.Spend(t.Context(), limit.Attempt{Limit: three, Whom: "crowd"})
		}
		clock.turn(time.Minute)
		if err := l.Spend(t.Context(), limit.Attempt{Limit: three, Whom: "crowd"}); err != nil {
			t.Errorf("Spend() a window later = %v", err)
		}
	})
}

func TestGiveBackNeverGoesBelowZero(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l, _ := limiter(s)
		one := limit.Limit{Name: "test", Count: 1, Per: time.Minute}
		for range 5 {
			if err := l.GiveBack(t.Context(), limit.Attempt{Limit: one, Whom: "ann"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Spend(t.Context(), limit.Attempt{Limit: one, Whom: "ann"}); err != nil {
			t.Fatal(err)
		}
		if err := l.Spend(t.Context(), limit.Attempt{Limit: one, Whom: "ann"}); !errors.Is(err, limit.ErrExceeded) {
			t.Errorf("Spend() = %v, want %v", err, limit.ErrExceeded)
		}
	})
}

func TestZeroCountIsNoLimit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l, _ := limiter(s)
		for range 20 {
			if err := l.Spend(t.Context(), limit.Attempt{Limit: limit.Limit{Name: "off"}, Whom: "ann"}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestSpendIsExactWhenManyTryAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l, _ := limiter(s)
		ten := limit.Limit{Name: "test", Count: 10, Per: time.Minute}
		var allowed atomic.Int64
		var tries sync.WaitGroup
		for range 100 {
			tries.Go(func() {
				switch err := l.Spend(t.Context(), limit.Attempt{Limit: ten, Whom: "ann"}); {
				case err == nil:
					allowed.Add(1)
				case !errors.Is(err, limit.ErrExceeded):
					t.Errorf("Spend() = %v", err)
				}
			})
		}
		tries.Wait()
		if got := allowed.Load(); got != 10 {
			t.Errorf("%d of 100 attempts were allowed, want 10", got)
		}
	})
}

func TestShut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l, clock := limiter(s)
		three := limit.Limit{Name: "test", Count: 3, Per: time.Minute}
		for _, whom := range []string{"new", "tried"} {
			if whom == "tried" {
				if err := l.Spend(t.Context(), limit.Attempt{Limit: three, Whom: whom}); err != nil {
					t.Fatal(err)
				}
			}
			if err := l.Shut(t.Context(), limit.Attempt{Limit: three, Whom: whom}, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		var exceeded *limit.Exceeded
		for _, whom := range []string{"new", "tried"} {
			if err := l.Spend(t.Context(), limit.Attempt{Limit: three, Whom: whom}); !errors.As(err, &exceeded) || exceeded.RetryAfter != time.Hour {
				t.Errorf("Spend(%s) = %v, want to be told to wait an hour", whom, err)
			}
		}
		if err := l.Spend(t.Context(), limit.Attempt{Limit: three, Whom: "other"}); err != nil {
			t.Errorf("Spend() for another = %v", err)
		}
		clock.turn(time.Hour)
		for range 3 {
			if err := l.Spend(t.Context(), limit.Attempt{Limit: three, Whom: "new"}); err != nil {
				t.Errorf("Spend() an hour later = %v", err)
			}
		}
		off := limit.Limit{Name: "off"}
		if err := errors.Join(l.Shut(t.Context(), limit.Attempt{Limit: off, Whom: "ann"}, time.Hour), l.Spend(t.Context(), limit.Attempt{Limit: off, Whom: "ann"})); err != nil {
			t.Errorf("a limit that is switched off was shut: %v", err)
		}
	})
}
