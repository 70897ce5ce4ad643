package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lib/pq"
)

// open returns a pool on the database at u, closed before u is dropped.
func open(t *testing.T, u string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", u)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func mustExec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func count(t *testing.T, db *sql.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func TestCreateDatabase(t *testing.T) {
	c := Server(t)
	var name string
	t.Run("is empty and the test's own", func(t *testing.T) {
		one, two := open(t, c.CreateDatabase(t)), open(t, c.CreateDatabase(t))
		mustExec(t, one, `CREATE TABLE only_here ()`)
		if n := count(t, two, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`); n != 0 {
			t.Errorf("the second database has %d tables", n)
		}
		if err := one.QueryRow(`SELECT current_database()`).Scan(&name); err != nil {
			t.Fatal(err)
		}
		held, err := one.Conn(context.Background()) // a leaked connection does not stop the drop
		if err != nil {
			t.Fatal(err)
		}
		_ = held
	})
	if n := count(t, c.admin, `SELECT count(*) FROM pg_database WHERE datname = $1`, name); n != 0 {
		t.Error("the database is still there after its test")
	}
}

func TestDatabase(t *testing.T) {
	c := Server(t)
	u, drop, err := c.Database()
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, u)
	mustExec(t, db, `CREATE TABLE t ()`)
	if err := drop(); err != nil {
		t.Fatal(err)
	}
	if err := db.Ping(); err == nil {
		t.Error("the database answers after drop")
	}
}

func TestFromTemplate(t *testing.T) {
	c := Server(t)
	var prepared atomic.Int32
	prepare := func(u string) error {
		prepared.Add(1)
		db, err := sql.Open("postgres", u)
		if err != nil {
			return err
		}
		defer db.Close()
		_, err = db.Exec(`CREATE TABLE things (n int); INSERT INTO things VALUES (1), (2)`)
		return err
	}
	t.Run("copies", func(t *testing.T) {
		for range 20 {
			t.Run("is a database of its own", func(t *testing.T) {
				t.Parallel()
				db := open(t, c.FromTemplate(t, "things", prepare))
				mustExec(t, db, `INSERT INTO things VALUES (3)`)
				if n := count(t, db, `SELECT count(*) FROM things`); n != 3 {
					t.Errorf("things = %d, want the template's two and this test's own", n)
				}
			})
		}
	})
	if n := prepared.Load(); n != 1 {
		t.Errorf("prepare ran %d times, want once", n)
	}
	t.Run("a failed template fails every test that asks", func(t *testing.T) {
		for range 2 {
			f := &fake{}
			f.run(func() {
				c.FromTemplate(f, "broken", func(string) error { return errors.New("no such column") })
			})
			if !strings.Contains(f.fatal, "no such column") {
				t.Errorf("FromTemplate() ended with %q, want the cause", f.fatal)
			}
		}
	})
	t.Run("a prepare that ends its test fails the next one", func(t *testing.T) {
		first, second := &fake{}, &fake{}
		first.run(func() {
			c.FromTemplate(first, "ended", func(string) error { first.Fatalf("given up"); return nil })
		})
		second.run(func() { c.FromTemplate(second, "ended", prepare) })
		if !strings.Contains(second.fatal, "did not return") {
			t.Errorf("FromTemplate() ended with %q", second.fatal)
		}
	})
}

func TestRunsShareAServer(t *testing.T) {
	c := Server(t)
	db := open(t, c.CreateDatabase(t))
	dead := run{id: randomID()}
	mustExec(t, c.admin, "CREATE DATABASE "+pq.QuoteIdentifier(dead.name(1)))
	mustExec(t, c.admin, "CREATE DATABASE "+pq.QuoteIdentifier(dead.name(2)))
	mustExec(t, c.admin, `CREATE DATABASE authgraph_test_of_a_person`)
	t.Cleanup(func() { mustExec(t, c.admin, `DROP DATABASE authgraph_test_of_a_person`) })

	t.Setenv(urlVariable, c.url.String())
	other, stop, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, c.admin, `SELECT count(*) FROM pg_database WHERE starts_with(datname, $1)`, dead.name(0)[:len(dead.name(0))-1]); n != 0 {
		t.Errorf("%d databases of a dead run are left", n)
	}
	if n := count(t, c.admin, `SELECT count(*) FROM pg_database WHERE datname = 'authgraph_test_of_a_person'`); n != 1 {
		t.Error("a database that no run made was dropped")
	}
	mustExec(t, db, `SELECT 1`) // a living run's stays

	if _, _, err := other.Database(); err != nil {
		t.Fatal(err)
	}
	stop()
	stop()
	if n := count(t, c.admin, `SELECT count(*) FROM pg_database WHERE starts_with(datname, $1)`, other.run.name(1)); n != 0 {
		t.Error("stop left a database behind")
	}
}

func TestStart(t *testing.T) {
	Server(t)
	if os.Getenv(urlVariable) != "" {
		t.Skip("there may be no programs to start")
	}
	c, stop, err := Start(TCP(), Setting("fsync=on"), Setting("work_mem=7MB"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	u := c.CreateDatabase(t)
	mustExec(t, open(t, u), `SELECT 1`)

	parsed, err := url.Parse(u)
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Hostname() != "127.0.0.1" {
		t.Errorf("host = %q, want loopback", parsed.Hostname())
	}
	parsed.User = url.UserPassword("postgres", "guessed")
	if err := open(t, parsed.String()).Ping(); err == nil {
		t.Error("the port lets in who does not know the password")
	}

	for name, want := range map[string]string{"fsync": "on", "work_mem": "7MB", "autovacuum": "off"} {
		var got string
		if err := c.admin.QueryRow(`SELECT current_setting($1)`, name).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q (%v), want %q", name, got, err, want)
		}
	}

	var dir string
	if err := c.admin.QueryRow(`SELECT current_setting('data_directory')`).Scan(&dir); err != nil {
		t.Fatal(err)
	}
	stop()
	stop()
	if _, err := os.Stat(filepath.Dir(dir)); !os.IsNotExist(err) {
		t.Error("stop left the directory behind")
	}
	if err := open(t, u).Ping(); err == nil {
		t.Error("the server answers after stop")
	}
}

func TestDial(t *testing.T) {
	c := Server(t)
	conn, err := c.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte{0, 0, 0, 8, 4, 210, 22, 47}); err != nil { // SSLRequest
		t.Fatal(err)
	}
	answer := make([]byte, 1)
	if _, err := conn.Read(answer); err != nil || (answer[0] != 'N' && answer[0] != 'S') {
		t.Errorf("Dial() reached something that answers %q, %v", answer, err)
	}
}

func TestGivenServer(t *testing.T) {
	for _, given := range []string{"host=localhost password=hunter2", "mysql://root:hunter2@localhost/x", "postgres://u:hunter2%zz@localhost/x"} {
		t.Setenv(urlVariable, given)
		_, _, err := Start()
		if err == nil {
			t.Errorf("Start() took %q", given)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}
