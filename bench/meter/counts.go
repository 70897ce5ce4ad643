package meter

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Counts is what a database was asked to do since it was made.
type Counts struct {
	Statements   float64 // BEGIN and COMMIT are some
	Commits      float64 // that write, and WAL in bytes: of all databases
	WAL          float64
	Updates, HOT float64 // of rows of user_tokens
}

// Minus is what was asked since an earlier reading.
func (c Counts) Minus(before Counts) Counts {
	return Counts{
		Statements: c.Statements - before.Statements, Commits: c.Commits - before.Commits,
		WAL: c.WAL - before.WAL, Updates: c.Updates - before.Updates, HOT: c.HOT - before.HOT,
	}
}

// Per is the share of one operation.
func (c Counts) Per(operations int) Counts {
	n := float64(operations)
	return Counts{Statements: c.Statements / n, Commits: c.Commits / n, WAL: c.WAL / n, Updates: c.Updates / n, HOT: c.HOT / n}
}

const countStatements = `SELECT coalesce(sum(s.calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = $1`

// A transaction takes a number when it writes, and only then.
const countCommits = `SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, pg_current_wal_insert_lsn() - '0/0'`

const countUpdates = `SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'user_tokens'`

// Read reads the counts. It waits until nobody is connected to the database, since
// a connection reports its last ones when it ends.
func (m *Meter) Read(ctx context.Context, database string) (c Counts, err error) {
	datname, err := name(database)
	if err != nil {
		return c, err
	}
	if err := m.awaitAlone(ctx, datname); err != nil {
		return c, err
	}
	if m.Statements {
		if err := m.db.QueryRowContext(ctx, countStatements, datname).Scan(&c.Statements); err != nil {
			return c, fmt.Errorf("count statements: %w", err)
		}
	}
	if err := m.db.QueryRowContext(ctx, countCommits).Scan(&c.Commits, &c.WAL); err != nil {
		return c, fmt.Errorf("count commits: %w", err)
	}
	inside, err := sql.Open("postgres", database)
	if err != nil {
		return c, err
	}
	defer inside.Close() //nolint:errcheck // it was only read from
	if err := inside.QueryRowContext(ctx, countUpdates).Scan(&c.Updates, &c.HOT); err != nil {
		return c, fmt.Errorf("count updates: %w", err)
	}
	return c, nil
}

func (m *Meter) awaitAlone(ctx context.Context, datname string) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		var others int
		if err := m.db.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = $1`, datname).Scan(&others); err != nil {
			return fmt.Errorf("look who is connected: %w", err)
		}
		if others == 0 {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%d are still connected: %w", others, ctx.Err())
		}
	}
}
