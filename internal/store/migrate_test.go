package store_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// files are migrations of both dialects, one for each script.
func files(scripts ...string) fstest.MapFS {
	all := fstest.MapFS{}
	for i, script := range scripts {
		for _, dialect := range []string{"sqlite3", "postgres"} {
			all[fmt.Sprintf("migrations/%s/%04d_step.sql", dialect, i+1)] = &fstest.MapFile{Data: []byte(script)}
		}
	}
	return all
}

// eachEmpty runs test with the URL of an empty database of each kind.
func eachEmpty(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite:"+filepath.Join(t.TempDir(), "new", "test.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, pgtest.Server(t).CreateDatabase(t))
	})
}

func TestMigrate(t *testing.T) {
	eachEmpty(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		for range 2 { // the second finds nothing to do
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatalf("Migrate() = %v", err)
			}
		}
		if _, err := s.User.Query().Count(t.Context()); err != nil {
			t.Errorf("count users: %v", err)
		}
		if got, want := number(t, s, "SELECT count(*) FROM schema_migrations"), shipped(t, s); got != want {
			t.Errorf("%d migrations are recorded, want %d", got, want)
		}
	})
}

// shipped is how many migrations the program holds for the store's dialect.
func shipped(t *testing.T, s *store.Store) int {
	t.Helper()
	names, err := fs.Glob(store.Migrations, "migrations/"+s.Dialect()+"/*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("list migrations = %v, %v", names, err)
	}
	return len(names)
}

func TestMigrateByManyAtOnce(t *testing.T) {
	const starters = 10
	sets := map[string]fs.FS{
		"the program's": store.Migrations,
		"four that cannot be applied twice": files(
			"CREATE TABLE steps (n integer); INSERT INTO steps VALUES (1)",
			"CREATE TABLE two (id integer); INSERT INTO steps VALUES (2)",
			"CREATE TABLE three (id integer); INSERT INTO steps VALUES (3)",
			"CREATE TABLE four (id integer); INSERT INTO steps VALUES (4)"),
	}
	for name, set := range sets {
		t.Run(name, func(t *testing.T) {
			eachEmpty(t, func(t *testing.T, url string) {
				var barrier, done sync.WaitGroup
				barrier.Add(1)
				for range starters {
					done.Go(func() {
						barrier.Wait()
						s, err := store.Open(t.Context(), store.Options{URL: url})
						if err != nil {
							t.Errorf("Open() = %v", err)
							return
						}
						defer s.Close()
						if err := s.MigrateFrom(t.Context(), set); err != nil {
							t.Errorf("Migrate() = %v", err)
						}
					})
				}
				barrier.Done()
				done.Wait()
				s := storetest.Open(t, url)
				if name == "the program's" {
					if got, want := number(t, s, "SELECT count(*) FROM schema_migrations"), shipped(t, s); got != want {
						t.Errorf("%d migrations are recorded, want %d", got, want)
					}
				} else if got := number(t, s, "SELECT count(*) * 100 + sum(n) FROM steps"); got != 410 {
					t.Errorf("the steps come to %d, want each of four once", got)
				}
			})
		})
	}
}

func TestMigrateRefusesAForeignDatabase(t *testing.T) {
	ours := []string{"CREATE TABLE one (id integer)", "CREATE TABLE two (id integer)"}
	cases := map[string]struct {
		before []string // migrations that the database has
		want   string
	}{
		"one that a newer release has migrated": {append(ours[:2:2], "CREATE TABLE three (id integer)"), "newer release"},
		"one whose migrations were other ones":  {[]string{"CREATE TABLE one (id integer, more integer)"}, "another form"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			eachEmpty(t, func(t *testing.T, url string) {
				s := storetest.Open(t, url)
				if err := s.MigrateFrom(t.Context(), files(c.before...)); err != nil {
					t.Fatal(err)
				}
				err := s.MigrateFrom(t.Context(), files(ours...))
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("Migrate() = %v, want a refusal that says %q", err, c.want)
				}
				if got, want := number(t, s, "SELECT count(*) FROM schema_migrations"), len(c.before); got != want {
					t.Errorf("%d migrations are recorded, want the %d from before", got, want)
				}
			})
		})
	}
}

func TestMigrateAFileThatFails(t *testing.T) {
	eachEmpty(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url)
		good := "CREATE TABLE one (id integer)"
		bad := "CREATE TABLE two (id integer); INSERT INTO nowhere VALUES (1)"
		if err := s.MigrateFrom(t.Context(), files(good, bad)); err == nil || !strings.Contains(err.Error(), "0002_step") {
			t.Errorf("Migrate() = %v, want an error that names the file", err)
		}
		// The files before it stay applied, and the corrected file continues
		// from there.
		if err := s.MigrateFrom(t.Context(), files(good, "CREATE TABLE two (id integer)")); err != nil {
			t.Errorf("Migrate() with the file mended = %v", err)
		}
	})
}

// TestMigrateLeavesTheConnectionAsItWas: after a migration, also after a failed
// one, the long wait is over and foreign keys are checked again.
func TestMigrateLeavesTheConnectionAsItWas(t *testing.T) {
	for _, script := range []string{"CREATE TABLE one (id integer)", "nonsense"} {
		t.Run(script, func(t *testing.T) {
			eachEmpty(t, func(t *testing.T, url string) {
				s, err := store.Open(t.Context(), store.Options{URL: url})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				s.Writer().SetMaxOpenConns(1)
				queries := []string{"SHOW statement_timeout", "SHOW lock_timeout", "SHOW idle_in_transaction_session_timeout"}
				if !s.Postgres() {
					queries = []string{"PRAGMA foreign_keys", "PRAGMA busy_timeout"}
				}
				state := func() (all []string) {
					for _, query := range queries {
						all = append(all, text(t, s, query))
					}
					return all
				}
				before := fmt.Sprint(state())
				err = s.MigrateFrom(t.Context(), files(script))
				if (err == nil) != (script != "nonsense") {
					t.Errorf("Migrate() = %v", err)
				}
				if after := fmt.Sprint(state()); after != before {
					t.Errorf("%v was %s before and is %s after", queries, before, after)
				}
			})
		})
	}
}

// rebuilt is how atlas changes a column on SQLite.
const rebuilt = `CREATE TABLE new_users (id integer PRIMARY KEY, name text NOT NULL DEFAULT '');
	INSERT INTO new_users (id) SELECT id FROM users;
	DROP TABLE users;
	ALTER TABLE new_users RENAME TO users;`

func TestMigrateRebuildsASQLiteTable(t *testing.T) {
	const children = `CREATE TABLE users (id integer PRIMARY KEY);
		CREATE TABLE tokens (id integer PRIMARY KEY, user_id integer REFERENCES users (id) ON DELETE CASCADE);
		INSERT INTO users VALUES (1), (2);
		INSERT INTO tokens VALUES (10, 1), (20, 2), (30, 2);`
	empty := func(t *testing.T) *store.Store {
		return storetest.Open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	}
	t.Run("and keeps the rows that refer to it", func(t *testing.T) {
		s := empty(t)
		if err := s.MigrateFrom(t.Context(), files(children, rebuilt)); err != nil {
			t.Fatal(err)
		}
		if got := number(t, s, "SELECT count(*) FROM tokens"); got != 3 {
			t.Errorf("%d tokens are left, want 3", got)
		}
		if _, err := s.Writer().ExecContext(t.Context(), "DELETE FROM users WHERE id = 2"); err != nil {
			t.Fatal(err)
		}
		if got := number(t, s, "SELECT count(*) FROM tokens"); got != 1 {
			t.Errorf("%d tokens are left after their owner was deleted, want 1: foreign keys are off", got)
		}
	})
	t.Run("but not if rows are left without their parents", func(t *testing.T) {
		s := empty(t)
		err := s.MigrateFrom(t.Context(), files(children, rebuilt+"DELETE FROM users WHERE id = 2;"))
		if err == nil || !strings.Contains(err.Error(), `"tokens"`) {
			t.Errorf("Migrate() = %v, want an error that names the table", err)
		}
		if got := number(t, s, "SELECT count(*) FROM users"); got != 2 {
			t.Errorf("there are %d users, want the two from before", got)
		}
	})
}

// number is the only number that a query answers.
func number(t *testing.T, s *store.Store, query string, args ...any) (n int) {
	t.Helper()
	if err := s.Reader().QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// text is the only text that a query answers on the writing connection.
func text(t *testing.T, s *store.Store, query string, args ...any) (value string) {
	t.Helper()
	if err := s.Writer().QueryRowContext(t.Context(), query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// eventually waits until a condition is true in another process or goroutine.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for limit := time.Now().Add(30 * time.Second); !so(); <-ticker.C {
		if time.Now().After(limit) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
