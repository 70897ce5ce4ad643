package server

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// timed is a context that ends at an instant, or with the one it is made of. Its
// timer is made when somebody asks for Done, since most requests wait for nobody:
// context.WithDeadline makes one for each, for 3 % of a request's CPU.
type timed struct {
	context.Context
	ends  time.Time
	over  atomic.Bool
	made  atomic.Pointer[timer]
	mutex sync.Mutex // held to make it
}

type timer struct {
	context.Context
	cancel context.CancelFunc
}

// newTimed makes one. Whoever made it calls end when nobody needs it any more.
func newTimed(ctx context.Context, ends time.Time) *timed { return &timed{Context: ctx, ends: ends} }

// Deadline is when it ends at the latest.
func (t *timed) Deadline() (time.Time, bool) {
	if earlier, ok := t.Context.Deadline(); ok && earlier.Before(t.ends) {
		return earlier, true
	}
	return t.ends, true
}

// Done is closed when it has ended.
func (t *timed) Done() <-chan struct{} {
	if made := t.made.Load(); made != nil {
		return made.Done()
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.made.Load() == nil {
		t.made.Store(t.timer())
	}
	return t.made.Load().Done()
}

func (t *timed) timer() *timer {
	made := &timer{}
	if t.over.Load() {
		made.Context, made.cancel = context.WithCancel(t.Context)
		made.cancel()
		return made
	}
	made.Context, made.cancel = context.WithDeadline(t.Context, t.ends)
	return made
}

// Err says why it has ended.
func (t *timed) Err() error {
	if made := t.made.Load(); made != nil {
		return made.Err()
	}
	switch err := t.Context.Err(); {
	case err != nil:
		return err
	case t.over.Load():
		return context.Canceled
	case !time.Now().Before(t.ends):
		return context.DeadlineExceeded
	}
	return nil
}

// Value is also how package context finds that a context of its own is inside: it
// then needs no goroutine for those that are made of this one.
func (t *timed) Value(key any) any {
	if made := t.made.Load(); made != nil {
		return made.Value(key)
	}
	return t.Context.Value(key)
}

func (t *timed) end() {
	t.over.Store(true)
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if made := t.made.Load(); made != nil {
		made.cancel()
	}
}
