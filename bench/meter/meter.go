// Package meter runs a PostgreSQL as it is in production, and reads what it was
// asked to do. The figures of a database are read over connections to another one,
// so that reading does not count.
package meter

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	_ "github.com/lib/pq" // the driver

	"github.com/authgraph/authgraph/bench/process"
	"github.com/authgraph/authgraph/internal/pgtest"
)

// settings are those of a server that loses nothing. WAL has no images of whole
// pages, whose number depends on when the last checkpoint was.
var settings = []pgtest.Option{
	pgtest.TCP(), pgtest.Setting("fsync=on"), pgtest.Setting("synchronous_commit=on"),
	pgtest.Setting("wal_level=replica"), pgtest.Setting("max_wal_size=4GB"),
}

// Meter is a running PostgreSQL.
type Meter struct {
	// Version is that of PostgreSQL, and Statements whether it counts statements.
	Version    string
	Statements bool

	cluster    *pgtest.Cluster
	db         *sql.DB
	postmaster int
}

// Start starts a PostgreSQL of our own: the CPU of another machine's cannot be read.
func Start(ctx context.Context) (m *Meter, stop func(), err error) {
	if err := os.Unsetenv("AUTHGRAPH_TEST_POSTGRES"); err != nil {
		return nil, nil, err
	}
	m = &Meter{Statements: true}
	counting := append(settings[:len(settings):len(settings)], pgtest.Setting("shared_preload_libraries=pg_stat_statements"))
	var end func()
	m.cluster, end, err = pgtest.Start(counting...)
	if err != nil { // it is not installed everywhere
		m.Statements = false
		m.cluster, end, err = pgtest.Start(settings...)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := m.open(ctx); err != nil {
		end()
		return nil, nil, err
	}
	return m, func() { _ = m.db.Close(); end() }, nil // of a server that ends
}

func (m *Meter) open(ctx context.Context) error {
	at, _, err := m.cluster.Database()
	if err != nil {
		return err
	}
	if m.db, err = sql.Open("postgres", at); err != nil {
		return err
	}
	m.db.SetMaxOpenConns(1)
	if m.Statements {
		if _, err := m.db.ExecContext(ctx, `CREATE EXTENSION pg_stat_statements`); err != nil {
			return fmt.Errorf("count statements: %w", err)
		}
	}
	var backend int
	if err := m.db.QueryRowContext(ctx, `SELECT pg_backend_pid(), split_part(current_setting('server_version'), ' ', 1)`).Scan(&backend, &m.Version); err != nil {
		return fmt.Errorf("ask for the server's process: %w", err)
	}
	m.postmaster, err = process.Parent(backend)
	return err
}

// Database makes an empty database.
func (m *Meter) Database() (url string, err error) {
	url, _, err = m.cluster.Database()
	return url, err
}

// CPU is what all of PostgreSQL's processes have used.
func (m *Meter) CPU() (time.Duration, error) { return process.TreeCPU(m.postmaster) }

// name is the database's in a URL.
func name(database string) (string, error) {
	u, err := url.Parse(database)
	if err != nil {
		return "", errors.New("the database's URL is none") // the cause would quote it
	}
	return strings.TrimPrefix(u.Path, "/"), nil
}
