package store

import (
	"context"
	"time"
)

const (
	sqlitePoll  = 40 * time.Millisecond
	sqliteTrust = 100 * time.Millisecond
)

// runSQLite asks, on the one connection that writes, whether another process
// has committed: PRAGMA data_version changes only then.
func (w *Watch) runSQLite(ctx context.Context) {
	ticker := time.NewTicker(sqlitePoll)
	defer ticker.Stop()
	known := int64(-1)
	for {
		known = w.pollSQLite(ctx, known)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// pollSQLite returns the version it saw. Where it cannot ask in time the trust
// runs out by itself.
func (w *Watch) pollSQLite(ctx context.Context, known int64) int64 {
	ctx, cancel := context.WithTimeout(ctx, sqliteTrust)
	defer cancel()
	began := w.elapsed()
	version := int64(-1)
	if err := w.store.writer.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version); err != nil {
		return -1
	}
	if version != known {
		w.drop()
	}
	w.trust(began, sqliteTrust)
	return version
}
