package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// What may wait to be written, and be on its way at the same time once more: 8192
// lines of the usual length are some 3 MiB.
const (
	maxLogLines = 8192
	maxLogBytes = 4 << 20
)

// atomicWrite is how much the system writes to a pipe in one piece (PIPE_BUF),
// so that lines of other programs on it, or a power cut, break none of ours.
const atomicWrite = 4096

// spareLog is how large a buffer is kept for the next lines.
const spareLog = 64 << 10

// logPause is how long lines wait for others to be written with: a write for each
// request, and a goroutine that is woken for it, cost a fifth of a request.
const logPause = 5 * time.Millisecond

// logFlushTime is how long the end of the program waits for the log's reader.
const logFlushTime = time.Second

// logQueue is a log's writer that never makes anybody wait: a reader who stops
// reading, but keeps the pipe open, would else stop every request, and SIGTERM
// with them. Lines are written in order by one goroutine. Those that find the
// queue full are dropped; the log says how many, where they are missing.
type logQueue struct {
	to     io.Writer
	news   chan struct{}
	closes chan struct{} // closed by hurry
	hurry  func()
	ended  chan struct{} // closed when all is written, after close

	mu      sync.Mutex
	closed  bool
	waiting logLines
}

// logLines are whole lines, and how many more there would have been after them.
type logLines struct {
	text  []byte
	count int
	lost  int
}

// newLogQueue makes a queue before a writer, which nobody else may write to
// until close returns.
func newLogQueue(to io.Writer) *logQueue {
	q := &logQueue{to: to, news: make(chan struct{}, 1), closes: make(chan struct{}), ended: make(chan struct{})}
	q.hurry = sync.OnceFunc(func() { close(q.closes) })
	go q.run()
	return q
}

// Write takes one line, with its end, and copies it. It never fails.
func (q *logQueue) Write(line []byte) (int, error) {
	q.mu.Lock()
	w := &q.waiting
	first := w.count == 0 && w.lost == 0
	switch {
	case q.closed:
	case w.lost > 0, w.count == maxLogLines, len(w.text)+len(line) > maxLogBytes:
		w.lost++ // and so are the next ones, short as they may be: a gap is in one place
	default:
		w.text = append(w.text, line...)
		w.count++
	}
	q.mu.Unlock()
	if first {
		q.wake()
	}
	return len(line), nil
}

// close writes what waits, for logFlushTime at most. Later lines are dropped.
func (q *logQueue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.hurry()
	q.wake()
	select {
	case <-q.ended:
	case <-time.After(logFlushTime):
	}
}

// flushed has a part of the program write what waits if it panics, which ends the
// program.
func (q *logQueue) flushed(part func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		returned := false
		defer func() {
			if !returned {
				q.close()
			}
		}()
		err := part(ctx)
		returned = true
		return err
	}
}

func (q *logQueue) wake() {
	select {
	case q.news <- struct{}{}:
	default: // it is awake
	}
}

// run writes until the queue is closed and empty.
func (q *logQueue) run() {
	defer close(q.ended)
	lost := 0
	for spare, closed := []byte(nil), false; !closed; {
		<-q.news
		q.pause()
		var lines logLines
		lines, closed = q.take(spare)
		lost += q.write(lines.text) + lines.lost
		if lost > 0 && q.tell(lost) == nil {
			lost = 0
		}
		if spare = lines.text[:0]; cap(spare) > spareLog {
			spare = nil
		}
	}
}

// pause lets lines gather, unless these are the last ones.
func (q *logQueue) pause() {
	wait := time.NewTimer(logPause)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-q.closes:
	}
}

// take takes all that waits, leaves an empty buffer for what comes, and says
// whether anything will.
func (q *logQueue) take(spare []byte) (lines logLines, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	lines, q.waiting = q.waiting, logLines{text: spare}
	return lines, q.closed
}

// write writes whole lines, as many at a time as stay in one piece. It returns
// how many could not be written.
func (q *logQueue) write(text []byte) (lost int) {
	for len(text) > 0 {
		end := bytes.LastIndexByte(text[:min(len(text), atomicWrite)], '\n') + 1
		if end == 0 { // a long line
			line, _, _ := bytes.Cut(text, []byte{'\n'})
			end = min(len(line)+1, len(text))
		}
		if _, err := q.to.Write(text[:end]); err != nil {
			lost += bytes.Count(text[:end], []byte{'\n'})
		}
		text = text[end:]
	}
	return lost
}

// tell says that lines are missing, as a record like any other.
func (q *logQueue) tell(lost int) error {
	r := slog.NewRecord(time.Now(), slog.LevelWarn, "lines of the log were lost, since they could not be written in time", 0)
	r.AddAttrs(slog.Int("lines", lost))
	return slog.NewJSONHandler(q.to, nil).Handle(context.Background(), r)
}
