package password

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// job is work that a test ends. It runs in a synctest bubble, where time
// stands still until every goroutine waits.
type job struct {
	end  chan struct{}
	done chan error
}

func start(ctx context.Context, p *pool, begun func()) *job {
	j := &job{end: make(chan struct{}), done: make(chan error, 1)}
	go func() {
		j.done <- p.run(ctx, func() {
			if begun != nil {
				begun()
			}
			<-j.end
		})
	}()
	synctest.Wait()
	return j
}

func (j *job) finish(t *testing.T) {
	t.Helper()
	close(j.end)
	if err := <-j.done; err != nil {
		t.Errorf("run() = %v, want nil", err)
	}
	synctest.Wait()
}

func fourSeconds(slots, queue int) *pool { return newPool(slots, queue, 4*time.Second, time.Now) }

func expectLoad(t *testing.T, p *pool, running, waiting int) {
	t.Helper()
	if r, w := (&Hasher{pool: p}).Load(); r != running || w != waiting {
		t.Errorf("%d run and %d wait, want %d and %d", r, w, running, waiting)
	}
}

func expectOverloaded(t *testing.T, err error, retryAfter time.Duration) {
	t.Helper()
	var overloaded *OverloadedError
	if !errors.Is(err, ErrOverloaded) || !errors.As(err, &overloaded) {
		t.Fatalf("run() = %v, want ErrOverloaded", err)
	}
	if overloaded.RetryAfter != retryAfter {
		t.Errorf("RetryAfter = %v, want %v", overloaded.RetryAfter, retryAfter)
	}
}

func TestPoolTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := fourSeconds(1, 3)
		var order []int
		var jobs []*job
		for i := range 4 {
			jobs = append(jobs, start(t.Context(), p, func() { order = append(order, i) }))
		}
		expectLoad(t, p, 1, 3)
		for _, j := range jobs {
			j.finish(t)
		}
		expectLoad(t, p, 0, 0)
		if !slices.Equal(order, []int{0, 1, 2, 3}) {
			t.Errorf("the order of turns is %v, want that of coming", order)
		}
	})
}

func TestPoolIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := fourSeconds(2, 1)
		first, second, third := start(t.Context(), p, nil), start(t.Context(), p, nil), start(t.Context(), p, nil)
		expectLoad(t, p, 2, 1)
		began := time.Now()
		expectOverloaded(t, p.run(t.Context(), func() { t.Error("work was done over the limit") }), time.Second)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a full pool refuses after %v, want at once", waited)
		}
		first.finish(t)
		second.finish(t)
		third.finish(t)
		expectLoad(t, p, 0, 0)
	})
}

func TestPoolWithoutQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := fourSeconds(1, -1)
		j := start(t.Context(), p, nil)
		expectOverloaded(t, p.run(t.Context(), func() {}), time.Second)
		j.finish(t)
		if err := p.run(t.Context(), func() {}); err != nil {
			t.Errorf("run() = %v, want nil", err)
		}
	})
}

func TestPoolWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := fourSeconds(1, 5)
		running := start(t.Context(), p, nil)
		began := time.Now()
		expectOverloaded(t, p.run(t.Context(), func() { t.Error("work was done after the wait") }), time.Second)
		if waited := time.Since(began); waited != p.wait {
			t.Errorf("waited %v, want %v", waited, p.wait)
		}
		expectLoad(t, p, 1, 0)
		running.finish(t)
		expectLoad(t, p, 0, 0)
	})
}

func TestPoolLeavesWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := fourSeconds(1, 2)
		running := start(t.Context(), p, nil)

		ctx, cancel := context.WithCancel(t.Context())
		gone := start(ctx, p, func() { t.Error("work was done for a caller who is gone") })
		behind := start(t.Context(), p, nil)
		cancel()
		if err := <-gone.done; !errors.Is(err, context.Canceled) || errors.Is(err, ErrOverloaded) {
			t.Errorf("run() = %v, want %v", err, context.Canceled)
		}
		expectLoad(t, p, 1, 1)

		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if err := p.run(ctx, func() {}); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("run() = %v after %v, want %v after 1s", err, time.Since(began), context.DeadlineExceeded)
		}
		running.finish(t)
		behind.finish(t)
		expectLoad(t, p, 0, 0)
	})
}

// The turn comes in the same moment in which callers give up: the slot is not
// lost.
func TestPoolTurnMeetsGivingUp(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			p := fourSeconds(1, 3)
			running := start(t.Context(), p, nil)
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
			defer cancel()
			var jobs []*job
			for _, of := range []context.Context{ctx, t.Context(), ctx} {
				j := start(of, p, nil)
				close(j.end)
				jobs = append(jobs, j)
			}
			time.Sleep(4 * time.Second)
			close(running.end)
			for _, j := range append(jobs, running) {
				<-j.done // served or not
			}
			expectLoad(t, p, 0, 0)
			if err := p.run(t.Context(), func() {}); err != nil {
				t.Errorf("run() = %v with nobody ahead", err)
			}
		})
	}
}

func TestPoolEstimates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, clock := fourSeconds(2, 10), time.Now()
		p.now = func() time.Time { return clock }
		for range 50 {
			j := start(t.Context(), p, nil)
			clock = clock.Add(300 * time.Millisecond)
			j.finish(t)
		}
		var jobs []*job
		for range 12 {
			jobs = append(jobs, start(t.Context(), p, nil))
		}
		// 12 ahead, two at a time, 300 ms each: 1.8 s.
		expectOverloaded(t, p.run(t.Context(), func() {}), 2*time.Second)
		for _, j := range jobs {
			j.finish(t)
		}
	})
}

// Whoever would wait in vain is told at once, also while the line has room.
func TestPoolKnowsWhatIsHopeless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := fourSeconds(2, 100)
		p.typical = time.Second
		var jobs []*job
		for range 9 { // one more than two at a time do in four seconds
			jobs = append(jobs, start(t.Context(), p, nil))
		}
		expectOverloaded(t, p.run(t.Context(), func() {}), 5*time.Second)
		expectLoad(t, p, 2, 7)
		for _, j := range jobs {
			j.finish(t)
		}
		p.typical = time.Hour // what takes for ever is still begun while nobody is ahead
		if err := p.run(t.Context(), func() {}); err != nil {
			t.Errorf("run() = %v with nobody ahead", err)
		}
	})
}

func TestAdmit(t *testing.T) {
	for name, test := range map[string]struct {
		queue    int
		typical  time.Duration
		admitted int
	}{
		"as many as run and wait":    {3, 0, 5},
		"as many as have their turn": {100, time.Second, 9},
		"as many as run":             {-1, 0, 2},
		"however long it takes":      {100, time.Hour, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := hasher(t, Options{Slots: 2, Queue: test.queue, Wait: 4 * time.Second})
				h.pool.typical = test.typical
				began := time.Now()
				var leave []func()
				for range test.admitted {
					done, err := h.Admit(t.Context())
					if err != nil {
						t.Fatalf("Admit() = %v with %d begun", err, len(leave))
					}
					leave = append(leave, done)
				}
				if _, err := h.Admit(t.Context()); !errors.Is(err, ErrOverloaded) || time.Since(began) != time.Second {
					t.Fatalf("Admit() = %v after %v with %d begun, want ErrOverloaded after 1s", err, time.Since(began), len(leave))
				}
				gone, cancel := context.WithCancel(t.Context())
				cancel()
				if _, err := h.Admit(gone); !errors.Is(err, ErrOverloaded) || time.Since(began) != time.Second {
					t.Errorf("Admit() = %v, and pauses for a caller who is gone", err)
				}
				leave[0]()
				if _, err := h.Admit(t.Context()); err != nil || time.Since(began) != time.Second {
					t.Errorf("Admit() = %v after one has left", err)
				}
			})
		})
	}
}

func TestPoolSurvivesPanics(t *testing.T) {
	p := fourSeconds(1, 0)
	func() {
		defer func() { _ = recover() }() // the panic is the test's own
		_ = p.run(t.Context(), func() { panic("in the work") })
	}()
	if err := p.run(t.Context(), func() {}); err != nil {
		t.Errorf("run() after a panic = %v, want nil", err)
	}
}

// A storm: never more at once than there are slots, every call answered, and
// nothing left behind.
func TestPoolStorm(t *testing.T) {
	const slots, queue, callers = 3, 20, 400
	h := hasher(t, Options{Slots: slots, Queue: queue, Wait: time.Minute})
	stored := store(t, h, "correct horse")
	if made := h.Made(); made != 1 {
		t.Errorf("Made() = %d after one hash", made)
	}
	var running, most, good, refused atomic.Int64
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if i%7 == 0 {
				cancel()
			}
			err := h.pool.run(ctx, func() {
				n := running.Add(1)
				defer running.Add(-1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				_, _ = h.nobody.matches([]byte("work")) // only for its time
			})
			switch {
			case err == nil:
				good.Add(1)
			case errors.Is(err, ErrOverloaded), errors.Is(err, context.Canceled):
				refused.Add(1)
			default:
				t.Errorf("run() = %v", err)
			}
			if ok, _, err := h.Verify(t.Context(), "correct horse", stored); !ok && !errors.Is(err, ErrOverloaded) {
				t.Errorf("Verify() = %v, %v", ok, err)
			}
		})
	}
	all.Wait()
	if most.Load() > slots {
		t.Errorf("%d ran at once, want at most %d", most.Load(), slots)
	}
	if good.Load()+refused.Load() != callers || good.Load() == 0 {
		t.Errorf("%d were served and %d refused of %d", good.Load(), refused.Load(), callers)
	}
	if running, waiting := h.Load(); running != 0 || waiting != 0 {
		t.Errorf("Load() = %d, %d after the storm, want nothing", running, waiting)
	}
}
