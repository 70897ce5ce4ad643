package oidc

import (
	"testing"
	"time"
)

// Forty requests that were under way when the provider went down are one outage.
func TestAPauseGrowsWithTime(t *testing.T) {
	now, b := time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC), breaker{}
	for range 40 {
		b.note(true, now)
	}
	if pause := b.pause(now); pause != time.Second {
		t.Errorf("forty failures at once: a pause of %s, want 1s", pause)
	}
	for want := 2 * time.Second; want <= 32*time.Second; want *= 2 {
		now = now.Add(b.pause(now))
		b.note(true, now)
		if pause := b.pause(now); pause != want {
			t.Errorf("a pause of %s, want %s", pause, want)
		}
	}
}
