package store_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// operate returns a function that changes a database without the store, even if
// it takes no writes.
func operate(t *testing.T, to string) func(statement string) {
	t.Helper()
	db, err := sql.Open("postgres", to+"&default_transaction_read_only=off")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// writesOf returns a function that makes new sessions of a database writable or
// read-only.
func writesOf(t *testing.T, to string) func(mode string) {
	t.Helper()
	run := operate(t, to)
	return func(mode string) {
		t.Helper()
		run(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = ` +
			map[string]string{"on": "off", "off": "on"}[mode] + `', current_database()); END $$`)
	}
}

// fill makes the pool open n connections and keep them.
func fill(t *testing.T, s *store.Store, n int) {
	t.Helper()
	for range n {
		conn, err := s.Writer().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
}

// await asks a database until it gives this answer.
func await(t *testing.T, to, query, want string) {
	t.Helper()
	db, err := sql.Open("postgres", to)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for got := ""; got != want; {
		if err := db.QueryRowContext(t.Context(), query).Scan(&got); err != nil {
			t.Fatal(err)
		}
	}
}

// TestConnectionsThatTurnedReadOnly: when the database takes writes again,
// every kind of write works at the first try, even if the pool still has old
// connections.
func TestConnectionsThatTurnedReadOnly(t *testing.T) {
	// A transaction says that it will write. That overrides a read-only
	// default.
	never := "a transaction"
	kinds := map[string]func(ctx context.Context, s *store.Store, id string) error{
		never: func(ctx context.Context, s *store.Store, id string) error {
			return s.InTx(ctx, func(tx *store.Tx) error { return writeThrottle(ctx, tx, id) })
		},
		"a statement": func(ctx context.Context, s *store.Store, id string) error {
			_, err := s.Writer().ExecContext(ctx, "INSERT INTO throttles (id, attempts, forgotten_at) VALUES ($1, 1, now())", id)
			return err
		},
		"a statement that answers rows": func(ctx context.Context, s *store.Store, id string) error {
			const text = "WITH w AS (INSERT INTO throttles (id, attempts, forgotten_at) VALUES ($1, 1, now()) RETURNING id) SELECT id FROM w"
			return s.Writer().QueryRowContext(ctx, text, id).Scan(new(string))
		},
		"a script": func(ctx context.Context, s *store.Store, id string) error {
			_, err := s.Writer().ExecContext(ctx, "INSERT INTO throttles (id, attempts, forgotten_at) VALUES ('"+id+"', 1, now())")
			return err
		},
	}
	for mode, unprepared := range map[string]bool{"prepared": false, "unprepared": true} {
		for name, write := range kinds {
			t.Run(mode+", "+name, func(t *testing.T) {
				t.Parallel()
				to := storetest.PostgresURL(t)
				writes := writesOf(t, to)
				s, err := store.Open(t.Context(), store.Options{URL: to, MaxConns: 8, Unprepared: unprepared, Patience: storetest.Patience})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				if err := write(t.Context(), s, "before"); err != nil { // now it is prepared
					t.Fatal(err)
				}
				writes("off")
				s.Writer().SetMaxIdleConns(0) // closes what there is
				s.Writer().SetMaxIdleConns(8)
				fill(t, s, 8)
				writes("on")
				if err := write(t.Context(), s, "after"); err != nil {
					t.Errorf("a write to a database that takes them = %v", err)
				}
				if n := attempts(t, s, "after"); n != 1 {
					t.Errorf("it was done %d times", n)
				}
				for range 8 {
					conn, err := s.Writer().Conn(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					defer conn.Close()
					var mode string
					if err := conn.QueryRowContext(t.Context(), "SHOW transaction_read_only").Scan(&mode); err != nil || name != never && mode != "off" {
						t.Errorf("a connection that was there before is in use again: %s, %v", mode, err)
					}
				}
			})
		}
	}
}

// TestAReadOnlyServerIsNotHammered: one new read-only connection proves that
// others would be read-only too. It is not kept either.
func TestAReadOnlyServerIsNotHammered(t *testing.T) {
	to := storetest.PostgresURL(t)
	writes := writesOf(t, to)
	writes("off")
	p := pgtest.Server(t).NewProxy(t, to)
	s := oneConnection(t, p.URL)
	write := func() error {
		_, err := s.Writer().ExecContext(t.Context(), "INSERT INTO throttles (id, attempts, forgotten_at) VALUES ('x', 1, now())")
		return err
	}
	for i, want := range []int{1, 1, 1} { // the connection of Open is closed, and then each new one
		before := p.Accepted()
		if err := write(); err == nil || !strings.Contains(err.Error(), "read-only transaction") {
			t.Errorf("a write that is refused = %v, which does not say why", err)
		}
		if n := p.Accepted() - before; n != want {
			t.Errorf("refusal %d took %d new connections, want %d", i, n, want)
		}
	}
	writes("on")
	if err := write(); err != nil {
		t.Errorf("a write to a database that takes them = %v", err)
	}
}

// TestATransactionRunsAgain: if a connection is read-only, the transaction runs
// again on another one, even if that has just happened.
func TestATransactionRunsAgain(t *testing.T) {
	s := oneConnection(t, storetest.PostgresURL(t))
	for _, id := range []string{"first", "second"} {
		var on []string
		err := s.InTx(t.Context(), func(tx *store.Tx) error {
			rows, err := tx.QueryContext(t.Context(), "SELECT pg_backend_pid()::text")
			if err != nil {
				return err
			}
			pid, err := entsql.ScanString(rows)
			if err != nil {
				return err
			}
			if on = append(on, pid); len(on) == 1 { // it is an old one
				if _, err := tx.ExecContext(t.Context(), "SET TRANSACTION READ ONLY"); err != nil {
					return err
				}
			}
			return writeThrottle(t.Context(), tx, id)
		})
		if err != nil || len(on) != 2 || on[0] == on[1] || attempts(t, s, id) != 1 {
			t.Errorf("InTx() = %v, on %q", err, on)
		}
	}
}

// TestMigrateSaysThatItIsReadOnly: the error does not say that a connection is
// bad.
func TestMigrateSaysThatItIsReadOnly(t *testing.T) {
	to := pgtest.Server(t).CreateDatabase(t)
	writesOf(t, to)("off")
	err := storetest.Open(t, to).Migrate(t.Context())
	if err == nil || !strings.Contains(err.Error(), "read-only transaction") {
		t.Errorf("Migrate() = %v", err)
	}
}

// TestSeveralHosts: the one of two servers that takes writes is used, and the
// other one after they have changed roles.
func TestSeveralHosts(t *testing.T) {
	var dirs, urls []string
	var writes []func(string)
	var to *url.URL
	for range 2 {
		c, stop, err := pgtest.Start()
		if err != nil {
			t.Skip(err)
		}
		t.Cleanup(stop)
		u, err := url.Parse(c.CreateDatabase(t))
		if err != nil {
			t.Fatal(err)
		}
		dir := u.Query().Get("host")
		if !strings.HasPrefix(dir, "/") {
			t.Skip("the server is given, and there is one only")
		}
		u.Path = "/postgres" // the same name on both servers
		s := storetest.Open(t, u.String())
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		to, dirs, urls, writes = u, append(dirs, dir), append(urls, u.String()), append(writes, writesOf(t, u.String()))
	}
	q := to.Query()
	q.Set("host", strings.Join(dirs, ","))
	q.Del("port")
	to.RawQuery = q.Encode()

	writes[0]("off")
	s := storetest.Open(t, to.String())
	write := func(id string) {
		t.Helper()
		if err := s.InTx(t.Context(), func(tx *store.Tx) error { return writeThrottle(t.Context(), tx, id) }); err != nil {
			t.Errorf("a write = %v", err)
		}
		if err := s.Ready(t.Context()); err != nil {
			t.Errorf("Ready() = %v", err)
		}
	}
	fill(t, s, storetest.Conns)
	write("to the second")
	writes[0]("on")
	operate(t, urls[1])("ALTER SYSTEM SET default_transaction_read_only = on")
	operate(t, urls[1])("SELECT pg_reload_conf()") // running sessions get the change
	await(t, urls[1], "SHOW default_transaction_read_only", "on")
	write("to the first")
	writes[0]("off")
	_, err := store.Open(t.Context(), store.Options{URL: to.String()})
	if err == nil || !store.NotThereYet(err) {
		t.Errorf("Open() of two servers that take no writes = %v", err)
	}
	operate(t, urls[1])("ALTER SYSTEM RESET ALL") // otherwise nobody can drop its databases
	operate(t, urls[1])("SELECT pg_reload_conf()")
	await(t, urls[1], "SHOW default_transaction_read_only", "off")
}

func TestReadyPostgres(t *testing.T) {
	to := storetest.PostgresURL(t)
	writes := writesOf(t, to)
	writes("off")
	s := storetest.Open(t, to)
	fill(t, s, storetest.Conns)
	for range 3 {
		if err := s.Ready(t.Context()); !errors.Is(err, store.ErrNoWrites) {
			t.Errorf("Ready() of a database that takes no writes = %v", err)
		}
	}
	writes("on")
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("Ready() of a database that takes writes again = %v", err)
	}
	if err := s.InTx(t.Context(), func(tx *store.Tx) error { return writeThrottle(t.Context(), tx, "x") }); err != nil {
		t.Errorf("a write then = %v", err)
	}
}

// TestReadyAfterARestart: connections that the server closed are no reason for
// doubt.
func TestReadyAfterARestart(t *testing.T) {
	to := storetest.PostgresURL(t)
	s, err := store.Open(t.Context(), store.Options{URL: to, MaxConns: storetest.Conns, Patience: storetest.Patience})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() // it reports that some are broken
	fill(t, s, storetest.Conns)
	operate(t, to)("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("Ready() = %v", err)
	}
}

// TestReadyWritesNothing: a probe every second must not cost a write.
func TestReadyWritesNothing(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	s := storetest.Open(t, wire.URL)
	wire.Statements() // of Open
	for range 3 {
		if err := s.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range wire.Statements() {
		if !strings.HasPrefix(statement, "SELECT ") && !strings.HasPrefix(statement, ";") && statement != "" {
			t.Errorf("Ready() sent %q", statement)
		}
	}
	s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := s.Ready(ctx); err == nil || errors.Is(err, store.ErrNoWrites) {
		t.Errorf("Ready() of a database that does not answer = %v", err)
	}
}
