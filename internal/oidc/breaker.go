package oidc

import (
	"sync"
	"time"
)

const (
	// failuresToOpen in a row are taken for an outage.
	failuresToOpen = 3
	// longestPause is how long an outage is believed without looking again.
	longestPause = time.Minute
)

// breaker keeps a provider that is down from being asked by every request. After
// three failures in a row it is asked again after 1 s, 2 s, 4 s and so on, once
// each minute at the least.
type breaker struct {
	mu       sync.Mutex
	failures int
	until    time.Time
}

// pause is how long the provider is still left alone; 0 if it may be asked.
func (b *breaker) pause(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, b.until.Sub(now))
}

// note takes what came of a request. Failures of requests that were under way when the
// pause began say nothing new: a pause grows with time, and not with how many ask.
func (b *breaker) note(failed bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !failed {
		b.failures, b.until = 0, time.Time{}
		return
	}
	if now.Before(b.until) {
		return
	}
	if b.failures++; b.failures < failuresToOpen {
		return
	}
	pause := longestPause
	if more := b.failures - failuresToOpen; more < 6 {
		pause = time.Second << more
	}
	b.until = now.Add(pause)
}
