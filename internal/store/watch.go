package store

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// A Watch hears of users that other processes change, so that entries about
// them in memory can be dropped. While it is Trusted, it hears of every change.
// When it is not, nothing may be kept in memory.
type Watch struct {
	store *Store
	url   string
	log   *slog.Logger
	drop  func(users ...uuid.UUID) // no users: all of them

	base  time.Time    // of the monotonic clock
	until atomic.Int64 // in nanoseconds since base
}

// WatchOptions say how to listen and what to do.
type WatchOptions struct {
	// URL is where PostgreSQL accepts LISTEN. Behind a pooler, it must go past
	// the pooler. Empty means the URL of the database.
	URL string
	// Drop forgets what is kept about these users, or about all if none is
	// named. It is called before the trust is extended.
	Drop func(users ...uuid.UUID)
	Log  *slog.Logger
}

// NewWatch makes a Watch. It is not trusted until Run has started.
func (s *Store) NewWatch(o WatchOptions) *Watch {
	if o.URL == "" {
		o.URL = s.url
	}
	return &Watch{store: s, url: o.URL, log: o.Log, drop: o.Drop, base: time.Now()}
}

// Trusted reports that we have heard of every change that another process
// committed more than 200 milliseconds ago (100 on SQLite).
func (w *Watch) Trusted() bool { return w != nil && w.elapsed() < time.Duration(w.until.Load()) }

// Run listens until ctx ends. It continues after every failure of the database.
func (w *Watch) Run(ctx context.Context) {
	if w.store.Postgres() {
		w.runPostgres(ctx)
	} else {
		w.runSQLite(ctx)
	}
	w.distrust()
}

// elapsed is a stopwatch and not the time of day. Trust is measured with the
// monotonic clock, which nobody can set. The timers use it too.
func (w *Watch) elapsed() time.Duration { return time.Since(w.base) }

// trust extends the trust to a span after the given time. Everything that was
// committed before that time is known.
func (w *Watch) trust(at, span time.Duration) {
	for {
		old := w.until.Load()
		if next := int64(at + span); next <= old || w.until.CompareAndSwap(old, next) {
			return
		}
	}
}

// distrust ends the trust at once and forgets everything. It reports whether
// there was trust since the last call.
func (w *Watch) distrust() bool {
	had := w.until.Swap(0) != 0
	w.drop()
	return had
}
