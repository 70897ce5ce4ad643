package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"modernc.org/sqlite"

	"github.com/authgraph/authgraph/ent"
)

// openSQLite opens a file with one writing connection and a pool of readers. So
// nobody waits in vain for the write lock ("database is locked").
func openSQLite(ctx context.Context, o Options) (*Store, error) {
	path := sqlitePath(o.URL)
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, fmt.Errorf("database URL: sqlite: needs the path of a file")
	}
	if err := createPrivate(path); err != nil {
		return nil, fmt.Errorf("create the database file: %w", err)
	}
	writer := sqlitePool(path, "_txlock=immediate", o.patience())
	writer.SetMaxOpenConns(1)
	writer.SetMaxIdleConns(1)
	reader := sqlitePool(path, "_query_only=1", o.patience())
	readers := max(o.MaxConns, 2)
	reader.SetMaxOpenConns(readers)
	reader.SetMaxIdleConns(readers)
	client := ent.NewClient(ent.Driver(&splitDriver{
		Driver: entsql.OpenDB(dialect.SQLite, writer),
		reader: entsql.Conn{ExecQuerier: reader},
	}))
	s, err := newStore(ctx, o, dialect.SQLite, writer, reader, client)
	if err != nil {
		return nil, err
	}
	s.url = o.URL
	s.writes.room = func() uint64 { return room(path) }
	keepPrivate(s) // only when it is known to be a database: the path may name any file
	return s, nil
}

// Exists reports that a URL names an existing database, as far as that is known
// without opening it: Open would make a file.
func Exists(url string) bool {
	if !strings.HasPrefix(url, "sqlite:") {
		return true
	}
	_, err := os.Stat(sqlitePath(url))
	return !errors.Is(err, fs.ErrNotExist)
}

// createPrivate makes the file before SQLite opens it, so that other users
// cannot read it. The journal files get the same mode.
func createPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if os.IsExist(err) {
		return nil // never open it here: closing it would drop SQLite's locks
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// keepPrivate removes the rights of group and others from the files of the
// database. It does not change the file of another user, who may need those
// rights. Exposed reports files that stay open to others.
func keepPrivate(s *Store) {
	for path, info := range exposed(s) {
		if Owned(info) {
			_ = os.Chmod(path, info.Mode()&^0o077) // Exposed reports a failure
		}
	}
}

// Exposed lists, in order, SQLite's files to which other users still have
// rights. A person who can read them can read every account, and a person who
// can write them can become any user.
func (s *Store) Exposed() []string { return slices.Sorted(maps.Keys(exposed(s))) }

// exposed finds the files by name and never opens them: closing one would drop
// SQLite's locks.
func exposed(s *Store) map[string]os.FileInfo {
	found := map[string]os.FileInfo{}
	if s.Postgres() || runtime.GOOS == "windows" { // Windows has no such rights
		return found
	}
	path, err := filepath.EvalSymlinks(sqlitePath(s.url)) // as SQLite does when it names the journals
	if err != nil {
		return found // the file is gone, so nobody can reach it
	}
	for _, path := range []string{path, path + "-wal", path + "-shm", path + "-journal"} {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o077 != 0 {
			found[path] = info
		}
	}
	return found
}

// sqlitePath is the path in a URL.
func sqlitePath(text string) string {
	return strings.TrimPrefix(strings.TrimPrefix(text, "sqlite:"), "//")
}

// sqlitePool is a pool on one file. Times are stored and compared as text, so
// they have one format and zone. synchronous=FULL keeps every acknowledged
// write after a power cut.
func sqlitePool(path, mode string, patience time.Duration) *sql.DB {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join([]string{
		fmt.Sprintf("_busy_timeout=%d", patience.Milliseconds()), "_foreign_keys=1", "_journal_mode=WAL", "_synchronous=FULL",
		"_time_format=sqlite", "_timezone=UTC", "_texttotime=1", "_dqs=0", mode,
	}, "&")
	drv := &sqlite.Driver{}
	return sql.OpenDB(cachingConnector{
		driver: drv,
		open:   func(context.Context) (driver.Conn, error) { return drv.Open(dsn) },
	})
}

// isBusy reports SQLITE_BUSY of any kind.
func isBusy(err error) bool {
	var failed *sqlite.Error
	return errors.As(err, &failed) && failed.Code()&0xff == 5
}

// isRead reports that a statement changes nothing.
func isRead(query string) bool { return strings.HasPrefix(query, "SELECT ") }

// splitDriver sends reads to the readers and everything else to the writer. ent
// sends `INSERT … RETURNING` through Query, so the first word decides.
type splitDriver struct {
	*entsql.Driver
	reader entsql.Conn
}

// Query runs a statement that answers rows.
func (d *splitDriver) Query(ctx context.Context, query string, args, v any) error {
	if isRead(query) {
		return d.reader.Query(ctx, query, args, v)
	}
	return d.Driver.Query(ctx, query, args, v)
}
