package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// reader is whoever reads the log: it takes nothing while it is stalled.
type reader struct {
	mu    sync.Mutex
	text  strings.Builder
	sizes []int // of the writes
	gate  chan struct{}
	fails error
}

func (r *reader) Write(p []byte) (int, error) {
	if r.gate != nil {
		<-r.gate
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fails != nil {
		return 0, r.fails
	}
	r.sizes = append(r.sizes, len(p))
	return r.text.Write(p)
}

func (r *reader) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails = err
}

func (r *reader) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(strings.Lines(r.text.String()))
}

// TestLogQueue: nothing is lost in ordinary use, and the order is kept.
func TestLogQueue(t *testing.T) {
	t.Parallel()
	to := new(reader)
	q := newLogQueue(to)
	const writers, each = 8, 500
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			line := make([]byte, 0, 128)
			for i := range each {
				line = fmt.Appendf(line[:0], "%d %d %s\n", w, i, strings.Repeat("x", i%100))
				if n, err := q.Write(line); n != len(line) || err != nil {
					t.Errorf("Write() = %d, %v", n, err)
				}
				clear(line) // as slog does: the queue has its own copy
			}
		})
	}
	all.Wait()
	q.close()
	next := [writers]int{}
	for _, line := range to.lines() {
		var w, i int
		if _, err := fmt.Sscanf(line, "%d %d", &w, &i); err != nil || i != next[w] {
			t.Fatalf("%q (%v), want line %d of that writer", line, err, next[w])
		}
		next[w]++
	}
	if want := [writers]int{each, each, each, each, each, each, each, each}; next != want {
		t.Errorf("lines written: %v", next)
	}
	if most := slices.Max(to.sizes); most > atomicWrite {
		t.Errorf("%d bytes at once, which another program's lines can break in two", most)
	}
}

// TestLogQueueStalls: whoever logs goes on while nobody reads, and the log says
// how many lines are missing, at the place where they are.
func TestLogQueueStalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := &reader{gate: make(chan struct{})}
		q := newLogQueue(to)
		number := 0
		write := func(lines int) {
			for range lines {
				number++
				fmt.Fprintf(q, "%d\n", number)
			}
			gathered()
		}
		write(1) // is being written
		write(maxLogLines + 10)
		close(to.gate)
		gathered()
		write(1)
		q.close()
		lines := to.lines()
		if len(lines) != 1+maxLogLines+1+1 {
			t.Fatalf("%d lines", len(lines))
		}
		for i, line := range lines {
			switch {
			case i <= maxLogLines && line != fmt.Sprintln(i+1), i == 2+maxLogLines && line != fmt.Sprintln(number):
				t.Fatalf("line %d is %q", i, line)
			case i == 1+maxLogLines && lostIn(t, line) != 10:
				t.Fatalf("10 lines were lost, the log says: %s", line)
			}
		}
	})
}

// gathered waits until the queue has written, or is at it.
func gathered() {
	time.Sleep(2 * logPause)
	synctest.Wait()
}

// TestLogQueueGathers: lines that come soon one after the other are one write, and
// a single one waits no longer than it must.
func TestLogQueueGathers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := new(reader)
		q := newLogQueue(to)
		for _, wait := range []time.Duration{0, logPause / 2, time.Second} {
			time.Sleep(wait)
			fmt.Fprint(q, "line\n")
			synctest.Wait()
		}
		if n := len(to.lines()); n != 2 {
			t.Errorf("%d lines are written before the pause", n)
		}
		began := time.Now()
		q.close()
		if took := time.Since(began); took != 0 {
			t.Errorf("close() took %v", took)
		}
		if sizes := to.sizes; !slices.Equal(sizes, []int{10, 5}) {
			t.Errorf("the writes have %v bytes", sizes)
		}
	})
}

// TestLogQueueOfAPanic: the last lines before the program's end are the most
// telling ones.
func TestLogQueueOfAPanic(t *testing.T) {
	t.Parallel()
	to := new(reader)
	q := newLogQueue(to)
	func() {
		defer func() { _ = recover() }()
		_ = q.flushed(func(context.Context) error {
			fmt.Fprint(q, "last\n")
			panic("the end")
		})(t.Context())
	}()
	if lines := to.lines(); len(lines) != 1 {
		t.Errorf("the log has %q", lines)
	}
}

// TestLogQueueBytes: long lines do not take the memory that short ones may not.
func TestLogQueueBytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := &reader{gate: make(chan struct{})}
		q := newLogQueue(to)
		long := strings.Repeat("x", 60_000) + "\n" // leaves room for short ones
		fmt.Fprint(q, "first\n")
		gathered()
		for range 1000 {
			fmt.Fprint(q, long)
		}
		fmt.Fprint(q, "one that would have room\n") // a gap is one gap
		close(to.gate)
		q.close()
		lines := to.lines()
		if kept := len(lines) - 2; kept != maxLogBytes/len(long) || lostIn(t, lines[len(lines)-1]) != 1001-kept {
			t.Errorf("%d lines are kept, and then: %s", kept, lines[len(lines)-1])
		}
	})
}

// TestLogQueueFails: what cannot be written is counted as well, and nothing
// else comes of it.
func TestLogQueueFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := new(reader)
		q := newLogQueue(to)
		to.fail(errors.New("no space left"))
		for range 3 {
			fmt.Fprint(q, "lost\n")
			gathered()
		}
		to.fail(nil)
		fmt.Fprint(q, "kept\n")
		q.close()
		if lines := to.lines(); len(lines) != 2 || lostIn(t, lines[1]) != 3 || lines[0] != "kept\n" {
			t.Errorf("the log has %q", lines)
		}
	})
}

// TestLogQueueCloses: a reader who never comes back does not keep the program.
func TestLogQueueCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := &reader{gate: make(chan struct{})}
		q := newLogQueue(to)
		fmt.Fprint(q, "first\n")
		gathered()
		began := time.Now()
		q.close()
		if took := time.Since(began); took != logFlushTime {
			t.Errorf("close() took %v", took)
		}
		fmt.Fprint(q, "too late\n") // and no panic
		close(to.gate)
	})
}

// lostIn reads the record that says how many lines are missing.
func lostIn(t *testing.T, line string) int {
	t.Helper()
	var record struct {
		Level string
		Msg   string
		Lines int
	}
	if err := json.Unmarshal([]byte(line), &record); err != nil || record.Level != "WARN" || !strings.Contains(record.Msg, "lost") {
		t.Fatalf("no record of lost lines: %q", line)
	}
	return record.Lines
}

// BenchmarkLogQueue is what a line costs whoever logs it.
func BenchmarkLogQueue(b *testing.B) {
	q := newLogQueue(new(nowhere))
	defer q.close()
	line := []byte(strings.Repeat("x", 350) + "\n")
	b.ReportAllocs()
	for b.Loop() {
		q.Write(line)
	}
}

type nowhere struct{}

func (*nowhere) Write(p []byte) (int, error) { return len(p), nil }
