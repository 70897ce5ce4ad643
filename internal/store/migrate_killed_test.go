package store_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// TestMigrateGoesOnAfterTheHolderOfTheLockDied on PostgreSQL: the connection
// that applies the migrations is closed during its second file.
func TestMigrateGoesOnAfterTheHolderOfTheLockDied(t *testing.T) {
	s := storetest.Open(t, pgtest.Server(t).CreateDatabase(t))
	gate, err := s.Writer().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer gate.Close()
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := gate.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	exec("SELECT pg_advisory_lock(7)") // the second file waits for it
	set := files(
		"CREATE TABLE steps (n integer); INSERT INTO steps VALUES (1)",
		"INSERT INTO steps VALUES (2); SELECT pg_advisory_xact_lock(7); CREATE TABLE two (id integer)",
		"CREATE TABLE three (id integer); INSERT INTO steps VALUES (3)")

	results := make(chan error, 2)
	migrate := func() { results <- s.MigrateFrom(t.Context(), set) }
	go migrate()
	waiting := func(key, n int) (pid int) {
		t.Helper()
		const query = "SELECT count(*), coalesce(max(pid), 0) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted" +
			" AND objid = $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
		eventually(t, fmt.Sprintf("%d wait for lock %d", n, key), func() bool {
			var count int
			if err := gate.QueryRowContext(t.Context(), query, key).Scan(&count, &pid); err != nil {
				t.Fatal(err)
			}
			return count == n
		})
		return pid
	}
	holder := waiting(7, 1)
	go migrate()
	waiting(0x67726170, 1) // the low half of the migration lock: the other process waits for it
	exec("SELECT pg_terminate_backend($1)", holder)
	if err := <-results; err == nil {
		t.Error("Migrate() of the one that was killed succeeded")
	}
	waiting(7, 1) // the other process is in the same file now
	exec("SELECT pg_advisory_unlock(7)")
	if err := <-results; err != nil {
		t.Errorf("Migrate() of the other = %v", err)
	}
	if got := number(t, s, "SELECT count(*) * 100 + sum(n) FROM steps"); got != 306 {
		t.Errorf("the steps come to %d, want each of three once", got)
	}
}

// killedVariable makes this test binary a process that migrates the database in
// it, and is killed while it does.
const killedVariable = "AUTHGRAPH_TEST_KILLED_MIGRATION"

func TestMain(m *testing.M) {
	if url := os.Getenv(killedVariable); url != "" {
		migrateForEver(url)
	}
	os.Exit(m.Run())
}

func migrateForEver(url string) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{URL: url})
	if err != nil {
		panic(err)
	}
	endless := `INSERT INTO steps VALUES (2); CREATE TABLE two (id integer);
		INSERT INTO two WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c`
	panic(s.MigrateFrom(ctx, files("CREATE TABLE steps (n integer); INSERT INTO steps VALUES (1)", endless)))
}

// TestMigrateGoesOnAfterAProcessDied on SQLite: a process is killed during its
// second file.
func TestMigrateGoesOnAfterAProcessDied(t *testing.T) {
	s := storetest.Open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	path := strings.TrimPrefix(text(t, s, "SELECT file FROM pragma_database_list WHERE name = 'main'"), "file:")
	other := exec.Command(os.Args[0], "-test.run=^$")
	other.Env = append(os.Environ(), killedVariable+"=sqlite:"+path)
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer other.Wait()         //nolint:errcheck // it is killed
	defer other.Process.Kill() //nolint:errcheck // it may be dead already
	eventually(t, "the other process is in its second file", func() bool {
		var applied int
		err := s.Reader().QueryRowContext(t.Context(), "SELECT count(*) FROM schema_migrations").Scan(&applied)
		if err != nil || applied != 1 {
			return false
		}
		// The writer of this process finds the lock taken.
		_, err = s.Writer().ExecContext(t.Context(), "PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK")
		return err != nil && strings.Contains(err.Error(), "locked")
	})
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // killed
	err := s.MigrateFrom(t.Context(), files("CREATE TABLE steps (n integer); INSERT INTO steps VALUES (1)",
		"INSERT INTO steps VALUES (2); CREATE TABLE two (id integer)"))
	if err != nil {
		t.Fatalf("Migrate() after the other was killed = %v", err)
	}
	if got := number(t, s, "SELECT count(*) * 100 + sum(n) FROM steps"); got != 203 {
		t.Errorf("the steps come to %d, want each of two once", got)
	}
}
