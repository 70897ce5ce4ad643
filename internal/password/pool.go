package password

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/authgraph/authgraph/internal/trace"
)

// ErrOverloaded is what errors.Is finds in an OverloadedError.
var ErrOverloaded = errors.New("too many passwords are being hashed")

// OverloadedError says that a password was not hashed because too many others
// were being hashed or waited for it. Nothing was decided about the password.
type OverloadedError struct {
	// RetryAfter is how long those ahead would still take, from the time
	// that hashes took lately: whole seconds, at least one.
	RetryAfter time.Duration
}

// Error says nothing that a client sent.
func (e *OverloadedError) Error() string { return ErrOverloaded.Error() }

// Is reports that the error is ErrOverloaded.
func (e *OverloadedError) Is(target error) bool { return target == ErrOverloaded }

// pool lets a few hashes run at a time and the others wait in a line of
// bounded length. A hash holds a core and megabytes: without bounds a storm of
// logins starves everything else, then memory runs out.
type pool struct {
	slots int
	queue int
	wait  time.Duration
	now   func() time.Time
	turns *semaphore.Weighted // first come, first served

	mu      sync.Mutex
	begun   int           // admitted and not dismissed yet
	here    int           // run or wait
	typical time.Duration // how long a hash takes, as a moving average
	made    uint64

	observe func(waited, took time.Duration)
}

func newPool(slots, queue int, wait time.Duration, now func() time.Time) *pool {
	return &pool{slots: slots, queue: queue, wait: wait, now: now, turns: semaphore.NewWeighted(int64(slots))}
}

func (p *pool) observed(by func(waited, took time.Duration)) *pool {
	p.observe = by
	return p
}

// run calls work when it is its turn. It fails without calling it when the
// line is full, when the turn does not come within the pool's wait, and when
// ctx ends first. Work that has begun is not interrupted.
func (p *pool) run(ctx context.Context, work func()) error {
	if err := p.join(); err != nil {
		return err
	}
	var came time.Time
	if p.observe != nil {
		came = p.now()
	}
	if err := p.turn(ctx); err != nil {
		return err
	}
	began := p.now()
	_, span := trace.Start(ctx, "password.hash", trace.Internal)
	defer func() {
		span.End(nil)
		took := p.now().Sub(began)
		p.leave(took)
		if p.observe != nil {
			p.observe(began.Sub(came), took)
		}
	}()
	work()
	return nil
}

// turn waits for it.
func (p *pool) turn(ctx context.Context) (err error) {
	ctx, span := trace.Start(ctx, "password.wait", trace.Internal)
	defer func() { span.End(err) }()
	waiting, cancel := context.WithTimeout(ctx, p.wait)
	defer cancel()
	if p.turns.Acquire(waiting, 1) != nil {
		return p.giveUp(ctx)
	}
	return nil
}

// join takes a place, unless whoever has one would have no turn: the line is
// full, or so long that the wait would be in vain.
func (p *pool) join() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.here >= p.slots && (p.here >= p.slots+max(0, p.queue) || p.left(p.here) > p.wait) {
		return p.overloaded()
	}
	p.here++
	return nil
}

// giveUp says why the turn did not come: the caller's context ended, or the
// pool's own wait.
func (p *pool) giveUp(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.here--
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("wait to hash a password: %w", err)
	}
	return p.overloaded()
}

func (p *pool) leave(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.typical == 0 {
		p.typical = took
	}
	p.typical += (took - p.typical) / 8
	p.made++
	p.here--
	p.turns.Release(1)
}

// left is how long so many would still take. Callers hold mu.
func (p *pool) left(ahead int) time.Duration {
	return time.Duration(ahead) * p.typical / time.Duration(p.slots)
}

// overloaded makes the refusal. Callers hold mu.
func (p *pool) overloaded() error {
	left := p.left(max(p.here, p.begun))
	return &OverloadedError{RetryAfter: max(time.Second, (left + time.Second - 1).Truncate(time.Second))}
}

// admit counts a caller among those that have begun, unless they are as many
// as can have their turn.
func (p *pool) admit() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.begun >= p.slots && (p.begun >= p.slots+max(0, p.queue) || p.left(p.begun) > p.wait) {
		return p.overloaded()
	}
	p.begun++
	return nil
}

func (p *pool) dismiss() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun--
}

// Admit lets a caller begin what leads up to a Hash or a Verify, or fails with
// an OverloadedError if more have begun than can have their turn: in a storm,
// most of that work would be for nothing, and would starve the rest. It fails
// after a pause, a quarter of what one waits in line, since many a client comes
// back at once, whatever it is told, and thousands that do would take the time
// that hashes need. An admitted caller calls leave once, when it is done.
func (h *Hasher) Admit(ctx context.Context) (leave func(), err error) {
	if err := h.pool.admit(); err != nil {
		timer := time.NewTimer(h.pool.wait / 4)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		return nil, err
	}
	return h.pool.dismiss, nil
}

// Made counts the hashes since the start, those of Verify included.
func (h *Hasher) Made() uint64 {
	h.pool.mu.Lock()
	defer h.pool.mu.Unlock()
	return h.pool.made
}

// Load says how many hashes run and how many callers wait at this moment.
func (h *Hasher) Load() (running, waiting int) {
	h.pool.mu.Lock()
	defer h.pool.mu.Unlock()
	running = min(h.pool.here, h.pool.slots)
	return running, h.pool.here - running
}
