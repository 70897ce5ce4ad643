package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// oneConnection opens a database with a single connection.
func oneConnection(t *testing.T, url string) *store.Store {
	t.Helper()
	s := storetest.Open(t, url)
	s.Writer().SetMaxOpenConns(1)
	return s
}

func TestStatementsArePreparedOnce(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	s := oneConnection(t, wire.URL)
	use := func() {
		t.Helper()
		if err := s.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.User.Query().Count(t.Context())
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Writer().ExecContext(t.Context(), "DELETE FROM throttles WHERE id = $1", "nobody"); err != nil {
			t.Fatal(err)
		}
	}
	use()
	wire.Parsed()
	wire.Statements()
	const times = 10
	for range times {
		use()
	}
	if n := wire.Parsed(); n != 0 {
		t.Errorf("%d statements were prepared again", n)
	}
	if got, want := len(wire.Statements()), 4*times; got != want { // BEGIN, SELECT, COMMIT, DELETE
		t.Errorf("%d messages were sent, want %d: one for each statement", got, want)
	}
}

// TestPreparedStatementsAreBounded: texts that vary without end must not fill
// the server's memory.
func TestPreparedStatementsAreBounded(t *testing.T) {
	s := oneConnection(t, storetest.PostgresURL(t))
	for i := range 1000 {
		if got := number(t, s, fmt.Sprintf("SELECT %d", i)); got != i {
			t.Fatalf("SELECT %d = %d", i, got)
		}
	}
	if n := number(t, s, "SELECT count(*) FROM pg_prepared_statements"); n > 200 {
		t.Errorf("one connection holds %d prepared statements, want 200 at most", n)
	}
}

func TestAStalePlanIsForgotten(t *testing.T) {
	stale := map[string]string{
		"after a column changed its type":      "ALTER TABLE things ALTER COLUMN n TYPE text",
		"after the server dropped the session": "DEALLOCATE ALL",
	}
	for name, change := range stale {
		t.Run(name, func(t *testing.T) {
			s := oneConnection(t, pgtest.Server(t).CreateDatabase(t))
			exec := func(query string) {
				t.Helper()
				if _, err := s.Writer().ExecContext(t.Context(), query); err != nil {
					t.Fatalf("%s: %v", query, err)
				}
			}
			const query = "SELECT n FROM things WHERE n <> $1"
			read := func(client querier) (n string, err error) {
				rows, err := client.QueryContext(t.Context(), query, "0")
				if err != nil {
					return "", err
				}
				defer rows.Close()
				for rows.Next() {
					err = rows.Scan(&n)
				}
				return n, err
			}
			exec("CREATE TABLE things (n varchar); INSERT INTO things VALUES ('42')")
			if n, err := read(s.Client); n != "42" || err != nil {
				t.Fatalf("read = %q, %v", n, err)
			}
			exec(change)
			tries := 0
			err := s.InTx(t.Context(), func(tx *store.Tx) error {
				tries++
				n, err := read(tx.Client)
				if err == nil && n != "42" {
					t.Errorf("read = %q, want 42", n)
				}
				return err
			})
			if err != nil || tries != 2 {
				t.Errorf("InTx() = %v after %d tries, want the second to succeed", err, tries)
			}
			exec("DROP TABLE things; CREATE TABLE things (n text, more text); INSERT INTO things VALUES ('43')")
			_, _ = read(s.Client) // outside a transaction one query may fail
			if n, err := read(s.Client); n != "43" || err != nil {
				t.Errorf("read after the plan was forgotten = %q, %v", n, err)
			}
		})
	}
}

// querier is what ent's client and transactions offer for SQL.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// TestUnpreparedKeepsNothing: behind a transaction pooler, each transaction
// gets another connection to the server.
func TestUnpreparedKeepsNothing(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	s, err := store.Open(t.Context(), store.Options{URL: wire.URL, Unprepared: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Writer().SetMaxOpenConns(1)
	for range 3 {
		if _, err := s.User.Query().Count(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := number(t, s, "SELECT count(*) FROM pg_prepared_statements WHERE name <> ''"); n != 0 {
		t.Errorf("%d prepared statements are kept", n)
	}
	if got := text(t, s, "SHOW statement_timeout"); got != "0" {
		t.Errorf("statement_timeout = %s: session parameters are the pooler's", got)
	}
	for _, statement := range wire.Statements() {
		if strings.HasPrefix(statement, "SET ") {
			t.Errorf("a session parameter was set: %s", statement)
		}
	}
}

func TestSQLiteSeesAnotherProcessChangeTheSchema(t *testing.T) {
	url := storetest.SQLiteURL(t)
	here, there := storetest.Open(t, url), storetest.Open(t, url)
	const query = "SELECT count(*) FROM throttles WHERE id <> 'x'"
	for i, change := range []string{"", "ALTER TABLE throttles ADD COLUMN more text", "DROP INDEX throttle_forgotten_at"} {
		if _, err := there.Writer().ExecContext(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if got := number(t, here, query); got != 0 {
				t.Errorf("after change %d there are %d rows, want none", i, got)
			}
		}
	}
}
