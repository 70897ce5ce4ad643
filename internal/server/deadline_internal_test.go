package server

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

func ended(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

// TestTimed: it behaves as context.WithDeadline does, whether its timer is made
// before or after it ends.
func TestTimed(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(stop context.CancelFunc, ctx *timed)
		want error
	}{
		"its time passes":        {func(context.CancelFunc, *timed) { time.Sleep(time.Second) }, context.DeadlineExceeded},
		"the other one ends":     {func(stop context.CancelFunc, _ *timed) { stop() }, context.Canceled},
		"nobody needs it":        {func(_ context.CancelFunc, ctx *timed) { ctx.end() }, context.Canceled},
		"ended, and its time up": {func(_ context.CancelFunc, ctx *timed) { ctx.end(); time.Sleep(time.Second) }, context.Canceled},
	} {
		for _, early := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				parent, stop := context.WithCancel(t.Context())
				defer stop()
				ctx := newTimed(parent, time.Now().Add(time.Second))
				defer ctx.end()
				if early && ended(ctx) || ctx.Err() != nil {
					t.Errorf("%s: it has ended before it did: %v", name, ctx.Err())
				}
				test.end(stop, ctx)
				synctest.Wait()
				if err := ctx.Err(); !errors.Is(err, test.want) {
					t.Errorf("%s: Err() = %v, want %v", name, err, test.want)
				}
				if !ended(ctx) || !errors.Is(ctx.Err(), test.want) {
					t.Errorf("%s: Done is open, or Err() = %v", name, ctx.Err())
				}
			})
		}
	}
}

func TestTimedDeadline(t *testing.T) {
	t.Parallel()
	now := time.Now()
	sooner, stop := context.WithDeadline(t.Context(), now.Add(time.Second))
	defer stop()
	for parent, want := range map[context.Context]time.Time{t.Context(): now.Add(time.Minute), sooner: now.Add(time.Second)} {
		if got, ok := newTimed(parent, now.Add(time.Minute)).Deadline(); !ok || !got.Equal(want) {
			t.Errorf("Deadline() = %v, want %v", got, want)
		}
	}
}

// TestTimedNeedsNoGoroutine: package context starts one for what is made of a
// context that it does not know.
func TestTimedNeedsNoGoroutine(t *testing.T) {
	parent, stop := context.WithCancel(t.Context())
	defer stop()
	ctx := newTimed(parent, time.Now().Add(time.Hour))
	defer ctx.end()
	before := runtime.NumGoroutine()
	for range 100 {
		child, cancel := context.WithTimeout(context.WithValue(ctx, recordKey{}, 1), time.Hour)
		defer cancel()
		if ended(child) {
			t.Fatal("it has ended")
		}
	}
	if n := runtime.NumGoroutine() - before; n > 20 {
		t.Errorf("%d goroutines for 100 contexts", n)
	}
}
