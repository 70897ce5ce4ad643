package main

import (
	"os/exec"
	"regexp"
	"sync"
	"time"
)

// process is a running authgraph.
type process struct {
	cmd    *exec.Cmd
	out    output // what it says to people
	log    output
	exited chan struct{} // closed when it has ended
	err    error         // how it ended
}

// output gathers what a process writes, and wakes whoever waits for it.
type output struct {
	mu   sync.Mutex
	text []byte
	news chan struct{}
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, b...)
	if o.news != nil {
		close(o.news)
		o.news = nil
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}

// find returns a match and its groups, or what is closed when there is more to
// look at.
func (o *output) find(pattern *regexp.Regexp) ([]string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if m := pattern.FindSubmatch(o.text); m != nil {
		groups := make([]string, len(m))
		for i := range m {
			groups[i] = string(m[i])
		}
		return groups, nil
	}
	if o.news == nil {
		o.news = make(chan struct{})
	}
	return nil, o.news
}

// await waits for a match in an output of the process.
func (p *process) await(o *output, pattern *regexp.Regexp) ([]string, bool) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		groups, news := o.find(pattern)
		if groups != nil {
			return groups, true
		}
		select {
		case <-news:
		case <-p.exited:
			groups, _ = o.find(pattern)
			return groups, groups != nil
		case <-late.C:
			return nil, false
		}
	}
}
