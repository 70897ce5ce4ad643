package limit_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/authgraph/authgraph/internal/limit"
)

func TestTurns(t *testing.T) {
	var turns limit.Turns
	var inside, most, done atomic.Int64
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			pass, err := turns.Take(t.Context(), "ann")
			if err != nil {
				t.Error(err)
				return
			}
			defer pass()
			most.Store(max(most.Load(), inside.Add(1)))
			done.Add(1)
			inside.Add(-1)
		})
	}
	all.Wait()
	if most.Load() != 1 || done.Load() != 100 {
		t.Errorf("%d had their turn, up to %d at a time, want 100 one by one", done.Load(), most.Load())
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
}
