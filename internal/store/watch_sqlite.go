package store

import (
	"context"
	"fmt"
	"time"
)

const (
	sqlitePoll  = 40 * time.Millisecond
	sqliteTrust = 100 * time.Millisecond
)

// dataVersion is what PRAGMA data_version answers on one connection. The number
// changes when another connection commits. The numbers of two connections are
// not related, even if they are equal. The writing connection is replaced
// whenever a request gives up during a statement.
type dataVersion struct {
	conn   any
	number int64
}

// runSQLite asks again and again, on the writing connection, whether another
// process has committed.
func (w *Watch) runSQLite(ctx context.Context) {
	ticker := time.NewTicker(sqlitePoll)
	defer ticker.Stop()
	var known dataVersion
	for {
		known = w.pollSQLite(ctx, known)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// pollSQLite returns the version that it saw. If it cannot ask in time because
// the writer is busy, the trust runs out.
func (w *Watch) pollSQLite(ctx context.Context, known dataVersion) dataVersion {
	ctx, cancel := context.WithTimeout(ctx, sqliteTrust)
	defer cancel()
	seen, asked, err := w.dataVersion(ctx)
	if err != nil {
		return known // still valid if the connection is the same
	}
	if seen != known {
		w.drop()
	}
	w.trust(asked, sqliteTrust)
	return seen
}

// dataVersion asks for the version, and also returns when it asked.
func (w *Watch) dataVersion(ctx context.Context) (seen dataVersion, asked time.Duration, err error) {
	conn, err := w.store.writer.Conn(ctx)
	if err != nil {
		return seen, 0, fmt.Errorf("wait for the writer: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	if err := conn.Raw(func(driverConn any) error { seen.conn = driverConn; return nil }); err != nil {
		return seen, 0, fmt.Errorf("look at the writer: %w", err)
	}
	asked = w.elapsed()
	if err := conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&seen.number); err != nil {
		return seen, 0, fmt.Errorf("read the data's version: %w", err)
	}
	return seen, asked, nil
}
