package store_test

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	for _, u := range []string{
		"", "test.db", "mysql://db.example.org/app", "sqlite:", "sqlite://", "sqlite::memory:", "file:test.db",
		"sqlite:" + t.TempDir(), // a folder
	} {
		if s, err := store.Open(t.Context(), store.Options{URL: u}); err == nil {
			s.Close()
			t.Errorf("Open(%q) succeeded", u)
		}
	}
}

// password must not appear in any error: errors go to the log.
const password = "s3cr3t-of-the-database"

func TestOpenNeverShowsThePassword(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close() // nobody listens there any more
	at := closed.Addr().String()
	for name, u := range map[string]string{
		"an unknown host":             "postgres://ann:" + password + "@no-such-host.invalid/app?sslmode=disable",
		"a port nobody listens on":    "postgres://ann:" + password + "@" + at + "/app?sslmode=disable",
		"a URL that does not parse":   "postgres://ann:" + password + "@127.0.0.1:port/app",
		"a wrong escape":              "postgres://ann:%zz" + password + "@" + at + "/app",
		"an unknown ssl mode":         "postgres://ann:" + password + "@" + at + "/app?sslmode=sometimes",
		"a wrong timeout":             "postgres://ann:" + password + "@" + at + "/app?sslmode=disable&connect_timeout=soon",
		"a missing certificate":       "postgres://ann:" + password + "@" + at + "/app?sslmode=verify-full&sslrootcert=/no/such/file",
		"a scheme with a typo":        "postgre://ann:" + password + "@" + at + "/app",
		"the password as parameter":   "postgres://ann@" + at + "/app?sslmode=disable&password=" + password,
		"a connection string, no URL": "postgres:host=127.0.0.1 password=" + password,
	} {
		s, err := store.Open(t.Context(), store.Options{URL: u})
		if err == nil {
			s.Close()
			t.Errorf("Open() with %s succeeded", name)
		} else if strings.Contains(err.Error(), password) {
			t.Errorf("Open() with %s shows the password", name)
		}
	}
}

// TestOpenWithAWrongPassword needs a server that asks for a password.
func TestOpenWithAWrongPassword(t *testing.T) {
	pgtest.Server(t)
	if os.Getenv("AUTHGRAPH_TEST_POSTGRES") != "" {
		t.Skip("the server that is given may ask for no password")
	}
	c, stop, err := pgtest.Start(pgtest.TCP())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	u, err := url.Parse(c.CreateDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	storetest.Open(t, u.String()).Close()
	u.User = url.UserPassword(u.User.Username(), password)
	s, err := store.Open(t.Context(), store.Options{URL: u.String()})
	if err == nil {
		s.Close()
		t.Fatal("Open() succeeded")
	}
	if store.NotThereYet(err) {
		t.Error("a wrong password is waited for, as if it got better")
	}
	if strings.Contains(err.Error(), password) || !strings.Contains(err.Error(), "password authentication failed") {
		t.Errorf("Open() = %v, want what the server says, without the password", err)
	}
}

func TestOpenGivesUpOnAServerThatNeverAnswers(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	u := "postgres://ann@" + silent.Addr().String() + "/app?sslmode=disable&connect_timeout=1"
	if s, err := store.Open(t.Context(), store.Options{URL: u}); err == nil {
		s.Close()
		t.Error("Open() succeeded")
	}
}

func TestPostgresSessions(t *testing.T) {
	base := storetest.PostgresURL(t)
	t.Run("bound how long anything may take", func(t *testing.T) {
		s := storetest.OpenWith(t, store.Options{URL: base})
		for name, want := range map[string]string{
			"statement_timeout": "5s", "lock_timeout": "4s", "idle_in_transaction_session_timeout": "10s",
			"timezone": "UTC", "application_name": "authgraph",
		} {
			if got := text(t, s, "SHOW "+name); got != want {
				t.Errorf("%s = %s, want %s", name, got, want)
			}
		}
	})
	t.Run("are as the URL says where it says anything", func(t *testing.T) {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("statement_timeout", "1234")
		q.Set("application_name", "mine")
		u.RawQuery = q.Encode()
		s := storetest.OpenWith(t, store.Options{URL: u.String()})
		if got := text(t, s, "SHOW statement_timeout"); got != "1234ms" {
			t.Errorf("statement_timeout = %s, want the URL's", got)
		}
		if got := text(t, s, "SHOW application_name"); got != "mine" {
			t.Errorf("application_name = %s, want the URL's", got)
		}
		if got := text(t, s, "SHOW lock_timeout"); got != "4s" {
			t.Errorf("lock_timeout = %s, want ours", got)
		}
	})
	t.Run("are at most as many as the options say", func(t *testing.T) {
		for option, want := range map[int]int{0: 2, 1: 2, 7: 7} {
			s, err := store.Open(t.Context(), store.Options{URL: base, MaxConns: option})
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Writer().Stats().MaxOpenConnections; got != want {
				t.Errorf("MaxConns %d gives %d connections, want %d", option, got, want)
			}
			s.Close()
		}
	})
}

func TestSQLiteFiles(t *testing.T) {
	for name, path := range map[string]string{
		"a plain name":         "test.db",
		"folders to be made":   "a/b/test.db",
		"blanks and marks":     "my data #1 100% ?mode=ro&x.db",
		"other than ASCII":     "daten-übung.db",
		"a file that is there": "there.db",
	} {
		t.Run(name, func(t *testing.T) {
			full := filepath.Join(t.TempDir(), path)
			if path == "there.db" {
				if err := os.WriteFile(full, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, scheme := range []string{"sqlite:", "sqlite://"} {
				s := storetest.Open(t, scheme+full)
				if err := s.Migrate(t.Context()); err != nil {
					t.Fatalf("Migrate() = %v", err)
				}
				if err := s.InTx(t.Context(), func(tx *store.Tx) error { return writeThrottle(t.Context(), tx, scheme) }); err != nil {
					t.Fatalf("InTx() = %v", err)
				}
				for _, suffix := range []string{"", "-wal", "-shm"} {
					info, err := os.Stat(full + suffix)
					if err != nil {
						t.Errorf("there is no file %s: %v", suffix, err)
					} else if mode := info.Mode().Perm(); mode != 0o600 {
						t.Errorf("the file %q has mode %o, want 600", suffix, mode)
					}
				}
			}
		})
	}
}
