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

// TestSpendAll: an attempt is counted only where those before were, and each refusal
// tells its own wait.
func TestSpendAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l, clock := limiter(s)
		of := func(name string, count int, per time.Duration) limit.Attempt {
			return limit.Attempt{Limit: limit.Limit{Name: name, Count: count, Per: per}, Whom: "ann"}
		}
		name, account := of("name", 3, time.Minute), of("account", 5, time.Hour)
		both := func(first, second limit.Attempt, counted int, wait time.Duration) {
			t.Helper()
			n, err := l.SpendAll(t.Context(), first, second)
			var exceeded *limit.Exceeded
			if n != counted || (wait == 0) != (err == nil) || errors.As(err, &exceeded) && exceeded.RetryAfter != wait {
				t.Fatalf("SpendAll() = %d, %v, want %d and to wait %v", n, err, counted, wait)
			}
		}
		for range 3 {
			both(name, account, 2, 0)
		}
		for range 5 {
			both(name, account, 0, time.Minute)
		}
		clock.turn(time.Minute) // the first is forgotten; of the second, three were counted and no more
		both(name, account, 2, 0)
		both(name, account, 2, 0)
		both(name, account, 1, time.Hour)
		both(name, account, 0, time.Minute) // the third was counted, though the second row refused
		off := limit.Attempt{Limit: limit.Limit{Name: "off"}, Whom: "ann"}
		both(off, account, 1, time.Hour)
		both(off, of("fresh", 1, time.Minute), 2, 0)
		both(of("other", 1, time.Minute), off, 2, 0)
		both(off, off, 2, 0)

		three := func(source limit.Attempt, counted int) {
			t.Helper()
			n, err := l.SpendAll(t.Context(), source, of("three_name", 4, time.Minute), of("three_account", 3, time.Hour))
			if n != counted || (counted == 3) != (err == nil) {
				t.Fatalf("SpendAll() = %d, %v, want %d", n, err, counted)
			}
		}
		source := of("three_source", 5, time.Minute)
		for _, counted := range []int{3, 3, 3, 2, 1, 0, 0} {
			three(source, counted)
		}
		three(off, 1)
	})
}

// TestGiveBackSeveral gives back what was spent, and no more, of each row.
func TestGiveBackSeveral(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l, _ := limiter(s)
		var all []limit.Attempt
		for _, name := range []string{"a", "b", "c", "d"} {
			all = append(all, limit.Attempt{Limit: limit.Limit{Name: name, Count: 2, Per: time.Minute}, Whom: "ann"})
		}
		spend := func(want bool) {
			t.Helper()
			for _, a := range all {
				if err := l.Spend(t.Context(), a); (err == nil) != want {
					t.Fatalf("Spend(%s) = %v, want it allowed: %t", a.Limit.Name, err, want)
				}
			}
		}
		spend(true)
		spend(true)
		spend(false)
		for range 2 {
			if err := l.GiveBack(t.Context(), append(all, limit.Attempt{})...); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.GiveBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		spend(true)
		spend(true)
		spend(false)
	})
}

// TestSeveralAtOnce: counts stay exact, and nobody waits for whoever waits for him,
// when logins of the same rows spend and give back at once.
func TestSeveralAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l, _ := limiter(s)
		row := func(name string, count int) limit.Attempt {
			return limit.Attempt{Limit: limit.Limit{Name: name, Count: count, Per: time.Minute}, Whom: "ann"}
		}
		source, name, account := row("login_source", 100_000), row("login_name", 100_000), row("login_account", 40)
		var allowed atomic.Int64
		var all sync.WaitGroup
		for i := range 60 {
			all.Go(func() {
				n, err := l.SpendAll(t.Context(), source, name, account)
				if n == 3 {
					allowed.Add(1)
				} else if !errors.Is(err, limit.ErrExceeded) {
					t.Errorf("SpendAll() = %d, %v", n, err)
				}
				if i%2 == 0 {
					if err := l.GiveBack(t.Context(), source, name); err != nil {
						t.Errorf("GiveBack() = %v", err)
					}
				}
			})
		}
		all.Wait()
		if got := allowed.Load(); got != 40 {
			t.Errorf("%d of 60 were allowed, want 40", got)
		}
		for range 60 {
			all.Go(func() {
				if err := l.GiveBack(t.Context(), account, source, name); err != nil {
					t.Errorf("GiveBack() = %v", err)
				}
			})
			all.Go(func() {
				if _, err := l.SpendAll(t.Context(), name, account); err != nil && !errors.Is(err, limit.ErrExceeded) {
					t.Errorf("SpendAll() = %v", err)
				}
			})
		}
		all.Wait()
	})
}

// TestSettle gives back one attempt of each row, and forgets all of one.
func TestSettle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l, _ := limiter(s)
		of := func(name string) limit.Attempt {
			return limit.Attempt{Limit: limit.Limit{Name: name, Count: 3, Per: time.Minute}, Whom: "ann"}
		}
		open, row, off := of("open"), of("a row"), limit.Attempt{Limit: limit.Limit{Name: "off"}, Whom: "ann"}
		left := func(a limit.Attempt) (n int) {
			t.Helper()
			for l.Spend(t.Context(), a) == nil {
				n++
			}
			return n
		}
		for range 3 {
			if _, err := l.SpendAll(t.Context(), open, row); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Settle(t.Context(), row, open, off, limit.Attempt{}); err != nil {
			t.Fatal(err)
		}
		if inOpen, inRow := left(open), left(row); inOpen != 1 || inRow != 3 {
			t.Errorf("%d and %d attempts are left, want 1 given back and all 3 forgotten", inOpen, inRow)
		}
		if err := l.Settle(t.Context(), off, open, row, off); err != nil {
			t.Fatal(err)
		}
		if inOpen, inRow := left(open), left(row); inOpen != 1 || inRow != 1 {
			t.Errorf("%d and %d attempts are left without a row, want 1 of each", inOpen, inRow)
		}
		if err := l.Settle(t.Context(), row, open, open, open); err != nil {
			t.Fatal(err)
		}
		if n := left(row); n != 3 {
			t.Errorf("a full row has %d attempts when it was forgotten, want 3", n)
		}
	})
}
