package limit_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/authgraph/authgraph/internal/limit"
)

func TestTurns(t *testing.T) {
	var turns limit.Turns
	var inside, done atomic.Int64
	var crowded atomic.Bool
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			pass, err := turns.Take(t.Context(), "ann")
			if err != nil {
				t.Error(err)
				return
			}
			defer pass()
			if inside.Add(1) > 1 {
				crowded.Store(true)
			}
			runtime.Gosched()
			done.Add(1)
			inside.Add(-1)
		})
	}
	all.Wait()
	if crowded.Load() || done.Load() != 100 {
		t.Errorf("%d had their turn, several at a time: %t, want 100 one by one", done.Load(), crowded.Load())
	}
	if n := turns.Lines(); n != 0 {
		t.Errorf("%d lines are left, want none", n)
	}
}

// Several may have the turn at once, and no more of them.
func TestTurnsOfSeveral(t *testing.T) {
	turns := limit.Turns{AtOnce: 3}
	var passes []func()
	for range 3 {
		pass, ok := turns.TryTake("ann")
		if !ok {
			t.Fatal("TryTake() of three = false")
		}
		passes = append(passes, pass)
	}
	if _, ok := turns.TryTake("ann"); ok {
		t.Error("TryTake() of a fourth = true")
	}
	passes[0]()
	pass, ok := turns.TryTake("ann")
	if !ok {
		t.Error("TryTake() after one has passed = false")
	}
	for _, pass := range append(passes[1:], pass) {
		pass()
	}
	if n := turns.Lines(); n != 0 {
		t.Errorf("%d lines are left, want none", n)
	}
}

func TestTurnsAreApartAndEnd(t *testing.T) {
	var turns limit.Turns
	pass, err := turns.Take(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	other, err := turns.Take(t.Context(), "bob")
	if err != nil {
		t.Fatalf("Take() for another = %v", err)
	}
	other()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := turns.Take(gone, "ann"); !errors.Is(err, context.Canceled) {
		t.Errorf("Take() while another has the turn = %v, want %v", err, context.Canceled)
	}
	pass()
	if pass, err = turns.Take(t.Context(), "ann"); err != nil {
		t.Fatalf("Take() after one gave up = %v", err)
	}
	pass()
	if n := turns.Lines(); n != 0 {
		t.Errorf("%d lines are left, want none", n)
	}
}
