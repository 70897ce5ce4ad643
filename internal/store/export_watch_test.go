package store

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// Hear is what a Watch does with what its connection delivers.
func (w *Watch) Hear(ctx context.Context, heard <-chan *pq.Notification, listening <-chan error, channel string) error {
	return w.hear(ctx, heard, listening, channel)
}

// Elapsed is the time by which heartbeats are stamped.
func (w *Watch) Elapsed() time.Duration { return w.elapsed() }

// TrustedUntil is when the trust runs out, by Elapsed.
func (w *Watch) TrustedUntil() time.Duration { return time.Duration(w.until.Load()) }

// Poller returns a function that asks SQLite once whether another process has
// committed.
func (w *Watch) Poller() func(ctx context.Context) {
	var known dataVersion
	return func(ctx context.Context) { known = w.pollSQLite(ctx, known) }
}
