package seed

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	_ "github.com/lib/pq" // the driver

	"github.com/authgraph/authgraph/internal/store"
)

// writer puts rows into the database: by COPY into PostgreSQL, and with one
// prepared statement for each table into SQLite.
type writer struct {
	db       *sql.DB
	postgres bool
	close    func()
}

func newWriter(ctx context.Context, s *store.Store, url string) (*writer, error) {
	if s.Postgres() {
		db, err := sql.Open("postgres", url) // the store's own connections keep statements, and COPY is none to keep
		if err != nil {
			return nil, err
		}
		return &writer{db: db, postgres: true, close: func() { _ = db.Close() }}, nil // all is committed
	}
	// The indexes are written all over: they must be in memory.
	if _, err := s.Writer().ExecContext(ctx, `PRAGMA cache_size = -1000000`); err != nil {
		return nil, err
	}
	return &writer{db: s.Writer(), close: func() {}}, nil // it is the store's
}

// write writes a batch in one transaction.
func (w *writer) write(ctx context.Context, all rows) error {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after the commit there is nothing to roll back
	for _, part := range all {
		if err := w.fill(ctx, tx, part.table, part.rows); err != nil {
			return fmt.Errorf("fill %s: %w", part.name, err)
		}
	}
	return tx.Commit()
}

func (w *writer) fill(ctx context.Context, tx *sql.Tx, into table, list [][]any) error {
	where := into.name + " (" + strings.Join(into.columns, ", ") + ")"
	insert := "INSERT INTO " + where + " VALUES (?" + strings.Repeat(", ?", len(into.columns)-1) + ")" //nolint:gosec // our own names
	if w.postgres {
		insert = "COPY " + where + " FROM STDIN"
	}
	statement, err := tx.PrepareContext(ctx, insert)
	if err != nil {
		return err
	}
	defer statement.Close() //nolint:errcheck // its last answer was read
	for _, row := range list {
		if _, err := statement.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	if w.postgres {
		_, err = statement.ExecContext(ctx) // all that was copied
	}
	return err
}

// finish leaves the database as one that has been in use: PostgreSQL has looked at
// its tables, and SQLite's log is empty.
func (w *writer) finish(ctx context.Context) error {
	last := `PRAGMA wal_checkpoint(TRUNCATE)`
	if w.postgres {
		last = `VACUUM (ANALYZE) users, user_tokens, audit_events`
	}
	if _, err := w.db.ExecContext(ctx, last); err != nil {
		return fmt.Errorf("tidy up: %w", err)
	}
	return nil
}
