package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"modernc.org/sqlite"

	"github.com/authgraph/authgraph/ent"
)

// sqlitePatience is how long a process waits for another's write, in
// milliseconds.
const sqlitePatience = 5000

// openSQLite opens a file with one writing connection and a pool of readers,
// so that nobody ever waits in vain for the write lock ("database is locked").
func openSQLite(ctx context.Context, o Options) (*Store, error) {
	path := strings.TrimPrefix(strings.TrimPrefix(o.URL, "sqlite:"), "//")
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, fmt.Errorf("database URL: sqlite: needs the path of a file")
	}
	if err := createPrivate(path); err != nil {
		return nil, fmt.Errorf("create the database file: %w", err)
	}
	writer := sqlitePool(path, "_txlock=immediate")
	writer.SetMaxOpenConns(1)
	writer.SetMaxIdleConns(1)
	reader := sqlitePool(path, "_query_only=1")
	readers := max(o.MaxConns, 2)
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)
	client := ent.NewClient(ent.Driver(&splitDriver{
		Driver: entsql.OpenDB(dialect.SQLite, writer),
		reader: entsql.Conn{ExecQuerier: reader},
	}))
	return newStore(ctx, dialect.SQLite, writer, reader, client)
}

// createPrivate makes the file unreadable to others before SQLite opens it;
// the journal files take its mode.
func createPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if os.IsExist(err) {
		return nil // never open it here: closing would drop SQLite's locks
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// sqlitePool is a pool on one file. Times are text and compare as text, hence
// the one format and zone; synchronous=FULL so that what was acknowledged
// outlives a power cut.
func sqlitePool(path, mode string) *sql.DB {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join([]string{
		fmt.Sprintf("_busy_timeout=%d", sqlitePatience), "_foreign_keys=1", "_journal_mode=WAL", "_synchronous=FULL",
		"_time_format=sqlite", "_timezone=UTC", "_texttotime=1", "_dqs=0", mode,
	}, "&")
	drv := &sqlite.Driver{}
	return sql.OpenDB(cachingConnector{
		driver: drv,
		open:   func(context.Context) (driver.Conn, error) { return drv.Open(dsn) },
	})
}

// splitDriver sends queries to the readers and all else to the writer. ent
// sends `INSERT … RETURNING` through Query, hence the look at the first word.
type splitDriver struct {
	*entsql.Driver
	reader entsql.Conn
}

// Query runs a statement that answers rows.
func (d *splitDriver) Query(ctx context.Context, query string, args, v any) error {
	if strings.HasPrefix(query, "SELECT ") {
		return d.reader.Query(ctx, query, args, v)
	}
	return d.Driver.Query(ctx, query, args, v)
}
