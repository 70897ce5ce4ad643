package limit

import (
	"context"
	"sync"
)

// Turns lets attempts at one thing go one after the other, within this process.
// An attempt is spent before it is decided about, so that many good ones at
// once would look like many bad ones. The zero value is ready for use.
type Turns struct {
	// AtOnce is how many may have the turn at the same time; 0 means one.
	AtOnce int

	mu    sync.Mutex
	lines map[string]*line
}

// line is those who want the same thing.
type line struct {
	turn   chan struct{} // holds one for each turn that nobody has
	length int           // those with the turn and those who wait
}

// Take waits for the turn of whom, and returns how to pass it on, which the
// caller does once. It fails with the context's error when that ends first.
func (t *Turns) Take(ctx context.Context, whom string) (pass func(), err error) {
	l := t.join(whom)
	select {
	case <-l.turn:
		return func() { l.turn <- struct{}{}; t.quit(whom, l) }, nil
	case <-ctx.Done():
		t.quit(whom, l)
		return nil, ctx.Err()
	}
}

// TryTake is Take without waiting: ok is false if another has the turn.
func (t *Turns) TryTake(whom string) (pass func(), ok bool) {
	l := t.join(whom)
	select {
	case <-l.turn:
		return func() { l.turn <- struct{}{}; t.quit(whom, l) }, true
	default:
		t.quit(whom, l)
		return nil, false
	}
}

func (t *Turns) join(whom string) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[whom]
	if l == nil {
		most := max(1, t.AtOnce)
		l = &line{turn: make(chan struct{}, most)}
		for range most {
			l.turn <- struct{}{}
		}
		if t.lines == nil {
			t.lines = make(map[string]*line)
		}
		t.lines[whom] = l
	}
	l.length++
	return l
}

func (t *Turns) quit(whom string, l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.length--; l.length == 0 {
		delete(t.lines, whom)
	}
}
