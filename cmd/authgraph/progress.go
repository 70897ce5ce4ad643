package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// progress counts what is read of a file, and shows it on a terminal. Where there
// is none, it shows nothing.
type progress struct {
	in    io.Reader
	to    io.Writer // nil: shows nothing
	size  int64     // 0: unknown
	read  int64
	began time.Time
	next  time.Time // when to draw again
}

// redraw is how often it is drawn.
const redraw = 200 * time.Millisecond

func newProgress(to io.Writer, in io.Reader, size int64) *progress {
	p := &progress{in: in, size: size, began: time.Now()}
	if terminal(to) {
		p.to = to
	}
	return p
}

func (p *progress) Read(b []byte) (int, error) {
	n, err := p.in.Read(b)
	p.read += int64(n)
	return n, err
}

// at shows that everything up to a line is done.
func (p *progress) at(line int) {
	now := time.Now()
	if p.to == nil || now.Before(p.next) {
		return
	}
	p.next = now.Add(redraw)
	rate := float64(line) / max(now.Sub(p.began).Seconds(), 0.001)
	bar := ""
	if p.size > 0 {
		const width = 30
		done := int(width * min(p.read, p.size) / p.size)
		bar = fmt.Sprintf("[%s%s] %3d %%  ", strings.Repeat("=", done), strings.Repeat(" ", width-done), 100*min(p.read, p.size)/p.size)
	}
	fmt.Fprintf(p.to, "\r\x1b[K%sline %d, %.0f lines/s", bar, line, rate) //nolint:errcheck // it is only shown
}

// clear makes room for a line of text.
func (p *progress) clear() {
	if p.to != nil {
		fmt.Fprint(p.to, "\r\x1b[K") //nolint:errcheck // it is only shown
	}
}

// done takes the bar away.
func (p *progress) done() { p.clear() }
