package store

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// A Watch hears of users that other processes change, so that what is kept in
// memory of them can be dropped. What it hears is complete only while it is
// Trusted; else nothing may be kept.
type Watch struct {
	store *Store
	url   string
	log   *slog.Logger
	drop  func(users ...uuid.UUID) // all of them, if none is named

	base  time.Time    // of the monotonic clock
	until atomic.Int64 // trusted until then, in nanoseconds since base
}

// WatchOptions say how to listen, and what to do.
type WatchOptions struct {
	// URL is where PostgreSQL takes LISTEN, past a pooler if there is one;
	// empty is the database's own.
	URL string
	// Drop forgets what is known of users, or of all if none is named. It is
	// called before the Watch is trusted any further.
	Drop func(users ...uuid.UUID)
	Log  *slog.Logger
}

// NewWatch makes a Watch; it is not trusted before Run.
func (s *Store) NewWatch(o WatchOptions) *Watch {
	if o.URL == "" {
		o.URL = s.url
	}
	return &Watch{store: s, url: o.URL, log: o.Log, drop: o.Drop, base: time.Now()}
}

// Trusted reports that every change another process committed more than 200
// milliseconds ago (on SQLite 100) has been heard of.
func (w *Watch) Trusted() bool { return w != nil && w.elapsed() < time.Duration(w.until.Load()) }

// Run listens until ctx ends. It survives whatever the database does.
func (w *Watch) Run(ctx context.Context) {
	if w.store.Postgres() {
		w.runPostgres(ctx)
	} else {
		w.runSQLite(ctx)
	}
	w.distrust()
}

// elapsed is a stopwatch, not the time of day: trust is measured by the
// monotonic clock, which nobody sets, as the timers beside it are.
func (w *Watch) elapsed() time.Duration { return time.Since(w.base) }

// trust extends the trust to a span after the given time, at which all that had
// been committed was known.
func (w *Watch) trust(at, span time.Duration) {
	for {
		old := w.until.Load()
		if next := int64(at + span); next <= old || w.until.CompareAndSwap(old, next) {
			return
		}
	}
}

// distrust ends the trust at once and forgets everything. It reports whether
// there was any trust since the last time.
func (w *Watch) distrust() bool {
	had := w.until.Swap(0) != 0
	w.drop()
	return had
}
