package password

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
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

	mu      sync.Mutex
	begun   int // admitted and not dismissed yet
	running int
	waiting list.List     // of chan struct{}, first come first served
	typical time.Duration // how long a hash takes, as a moving average
	made    uint64
}

// run calls work when it is its turn. It fails without calling it when the
// line is full, when the turn does not come within the pool's wait, and when
// ctx ends first. Work that has begun is not interrupted.
func (p *pool) run(ctx context.Context, work func()) error {
	if err := p.enter(ctx); err != nil {
		return err
	}
	began := p.now()
	defer func() { p.leave(p.now().Sub(began)) }()
	work()
	return nil
}

func (p *pool) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("wait to hash a password: %w", err)
	}
	turn, place, err := p.join()
	if turn == nil {
		return err
	}
	timer := time.NewTimer(p.wait)
	defer timer.Stop()
	select {
	case <-turn:
		return nil
	case <-timer.C:
		return p.giveUp(turn, place, nil)
	case <-ctx.Done():
		return p.giveUp(turn, place, ctx.Err())
	}
}

// join takes a free slot, or a place in the line: then it returns the channel
// that is closed when the slot is handed over.
func (p *pool) join() (chan struct{}, *list.Element, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running < p.slots {
		p.running++
		return nil, nil, nil
	}
	if p.hopeless() {
		return nil, nil, p.overloaded()
	}
	turn := make(chan struct{})
	return turn, p.waiting.PushBack(turn), nil
}

// giveUp leaves the line because of cause, or of the pool's own limit when
// that is nil. The turn may have come at the same moment: a caller still there
// uses it, for one whose context ended it goes to the next.
func (p *pool) giveUp(turn chan struct{}, place *list.Element, cause error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-turn:
		if cause == nil {
			return nil
		}
		p.handOver()
	default:
		p.waiting.Remove(place)
	}
	if cause == nil {
		return p.overloaded()
	}
	return fmt.Errorf("wait to hash a password: %w", cause)
}

func (p *pool) leave(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.typical == 0 {
		p.typical = took
	}
	p.typical += (took - p.typical) / 8
	p.made++
	p.handOver()
}

// handOver gives a slot to the first in line. The slot never becomes free in
// between, so that nobody who comes now overtakes. Callers hold mu.
func (p *pool) handOver() {
	first := p.waiting.Front()
	if first == nil {
		p.running--
		return
	}
	close(p.waiting.Remove(first).(chan struct{}))
}

// hopeless reports that whoever joined the line now would have no turn: it is
// full, or so long that the wait would be in vain. Callers hold mu.
func (p *pool) hopeless() bool {
	ahead := p.running + p.waiting.Len()
	return p.running >= p.slots && (p.waiting.Len() >= p.queue || p.left(ahead) > p.wait)
}

// left is how long so many would still take. Callers hold mu.
func (p *pool) left(ahead int) time.Duration {
	return time.Duration(ahead) * p.typical / time.Duration(p.slots)
}

// overloaded makes the refusal. Callers hold mu.
func (p *pool) overloaded() error {
	left := p.left(max(p.running+p.waiting.Len(), p.begun))
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
	return h.pool.running, h.pool.waiting.Len()
}
