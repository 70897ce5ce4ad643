// Package storetest gives each test a fresh, migrated database of each kind.
package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
)

// Each runs test on a fresh SQLite file and, if PostgreSQL is installed, on a
// fresh PostgreSQL database, in parallel.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Postgres(t))
	})
}

// SQLite opens a fresh file.
func SQLite(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, SQLiteURL(t))
}

// Postgres opens a fresh database. Without PostgreSQL it skips the test, or
// fails it in CI.
func Postgres(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, PostgresURL(t))
}

// Patience is how long a database may take in a test: as long as it needs. A
// test about time-outs sets its own.
const Patience = 5 * time.Minute

// SQLiteURL is the URL of a fresh, migrated file: a copy of one made once.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("prepare the SQLite template: %v", err)
	}
	path := filepath.Join(Dir(t), "test.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatalf("copy the SQLite template: %v", err)
	}
	return "sqlite:" + path
}

// EmptySQLiteURL is the URL of a file that does not exist yet.
func EmptySQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(Dir(t), "empty.db")
}

// PostgresURL is the URL of a fresh, migrated database.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return pgtest.Server(t).FromTemplate(t, "storetest", migrate)
}

// Conns is how many connections Open gives a database. There are enough for
// races, but few, because each is a process on PostgreSQL.
const Conns = 4

// Open opens a database until the test ends.
func Open(t testing.TB, url string) *store.Store {
	t.Helper()
	return OpenWith(t, store.Options{URL: url, MaxConns: Conns, Patience: Patience})
}

// OpenWith is Open with other options.
func OpenWith(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return s
}

var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp(pgtest.Memory(), dirPrefix)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a scratch folder
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(url string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{URL: url})
	if err != nil {
		return err
	}
	err = s.Migrate(ctx)
	return errors.Join(err, s.Close())
}
