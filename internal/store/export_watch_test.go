package store

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// Hear runs what a Watch does with the notifications of its connection.
func (w *Watch) Hear(ctx context.Context, heard <-chan *pq.Notification, listening <-chan error, channel string) error {
	return w.hear(ctx, heard, listening, channel)
}

// Elapsed is the clock that stamps heartbeats.
func (w *Watch) Elapsed() time.Duration { return w.elapsed() }

// TrustedUntil is when the trust ends, by the clock of Elapsed.
func (w *Watch) TrustedUntil() time.Duration { return time.Duration(w.until.Load()) }

// Poller returns a function that asks SQLite once whether another process has
// committed.
func (w *Watch) Poller() func(ctx context.Context) {
	var known dataVersion
	return func(ctx context.Context) { known = w.pollSQLite(ctx, known) }
}
