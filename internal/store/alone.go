package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/lib/pq"
)

// Statements runs a statement: a pool, or a connection of it.
type Statements interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Alone runs do, which runs one short statement. Alone waits for a connection
// until ctx ends. The statement has the deadline of ctx, but it cannot be
// cancelled: for that, database/sql and SQLite's driver would each start a
// goroutine, which costs more than reading a row (3.7 against 2.3 times the
// yardstick on SQLite).
//
// If the connection turns out to be broken, the statement runs again, as it
// does with a pool.
func Alone(ctx context.Context, db *sql.DB, do func(ctx context.Context, on Statements) error) error {
	for range 2 {
		err := onOne(ctx, db, do)
		if !errors.Is(err, driver.ErrBadConn) {
			return err
		}
	}
	return do(ctx, db) // it takes a new connection if the next one is broken too
}

// WriteAlone is Alone for a statement that writes, which is its own transaction.
// What it shows about whether the database takes writes is remembered.
func WriteAlone(ctx context.Context, s *Store, do func(ctx context.Context, on Statements) error) error {
	err := Alone(ctx, s.writer, func(ctx context.Context, on Statements) error {
		defer s.writes.committing()()
		return do(ctx, on)
	})
	s.writes.note(err)
	return err
}

// Refused reports that PostgreSQL answered with an error, so that the statement
// did nothing.
func Refused(err error) bool {
	var refusal *pq.Error
	return errors.As(err, &refusal)
}

func onOne(ctx context.Context, db *sql.DB, do func(context.Context, Statements) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool, or was closed
	return do(steady{ctx}, conn)
}

// steady is a context with a deadline and values that is never cancelled.
type steady struct{ context.Context }

// Done is never closed.
func (steady) Done() <-chan struct{} { return nil }

// Err is nil.
func (steady) Err() error { return nil }
