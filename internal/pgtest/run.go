package pgtest

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/lib/pq"
)

// namePrefix begins the name of every database made here.
const namePrefix = "authgraph_test_"

// run is one process' use of a server. Its id is part of the name of each of
// its databases, and an advisory lock under that id lasts as long as its
// connection: so another run can tell what a killed one left behind on a
// server that they share.
type run struct {
	id   int64
	lock *sql.Conn
}

// begin takes the lock of this run before it has any database, then drops the
// databases of runs whose lock is free.
func (r *run) begin(ctx context.Context, admin *sql.DB) error {
	conn, err := admin.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	r.id, r.lock = randomID(), conn
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, r.id); err != nil {
		return fmt.Errorf("mark the run: %w", err)
	}
	names, err := databasesNamed(ctx, conn, namePrefix)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := r.dropIfDead(ctx, admin, name); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) name(n int64) string {
	return fmt.Sprintf("%s%015x_%d", namePrefix, r.id, n)
}

// dropIfDead drops a database if the run that made it has ended.
func (r *run) dropIfDead(ctx context.Context, admin *sql.DB, name string) error {
	hex, _, _ := strings.Cut(strings.TrimPrefix(name, namePrefix), "_")
	id, err := strconv.ParseInt(hex, 16, 64)
	if err != nil || id == r.id {
		return nil
	}
	var dead bool
	if err := r.lock.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, id).Scan(&dead); err != nil {
		return fmt.Errorf("look for a run: %w", err)
	}
	if !dead {
		return nil
	}
	if err := dropDatabase(ctx, admin, name); err != nil {
		return err
	}
	_, err = r.lock.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, id)
	return err
}

// end drops every database of this run. Errors are of no use to anyone: the
// server may be the test's to kill, and the next run sweeps.
func (r *run) end(ctx context.Context, admin *sql.DB) {
	names, _ := databasesNamed(ctx, r.lock, fmt.Sprintf("%s%015x_", namePrefix, r.id))
	for _, name := range names {
		_ = dropDatabase(ctx, admin, name)
	}
	_ = r.lock.Close()
}

func databasesNamed(ctx context.Context, conn *sql.Conn, prefix string) ([]string, error) {
	rows, err := conn.QueryContext(ctx, `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, prefix)
	if err != nil {
		return nil, fmt.Errorf("list databases: %w", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("list databases: %w", err)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

func dropDatabase(ctx context.Context, admin *sql.DB, name string) error {
	_, err := admin.ExecContext(ctx, "DROP DATABASE IF EXISTS "+pq.QuoteIdentifier(name)+" WITH (FORCE)")
	if err != nil {
		return fmt.Errorf("drop a database: %w", err)
	}
	return nil
}
