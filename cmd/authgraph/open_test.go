package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/config"
	"github.com/authgraph/authgraph/internal/secret"
)

// TestOpenFails: whichever step fails, it ends in an error that says so, and
// lets go of the database: SQLite removes its log with the last connection.
func TestOpenFails(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		spoil  func(t *testing.T, c *config.Config)
		before bool // what there was is opened once before
		want   string
	}{
		{"the secret cannot be kept", func(t *testing.T, c *config.Config) {
			c.DataDir = filepath.Join(t.TempDir(), "file")
			write(t, c.DataDir)
		}, false, "AUTHGRAPH_DATA_DIR: "},
		{"the secret is too short", func(_ *testing.T, c *config.Config) { c.Secret = "short" }, false, "AUTHGRAPH_SECRET: "},
		{"the former secret is too short", func(_ *testing.T, c *config.Config) { c.SecretPrevious = []string{"short"} }, false, "AUTHGRAPH_SECRET: "},
		{"the database is of another kind", func(_ *testing.T, c *config.Config) { c.Store.URL = "mysql://x" }, false, "AUTHGRAPH_DATABASE_URL: "},
		{"the database is none", func(t *testing.T, c *config.Config) {
			write(t, strings.TrimPrefix(c.Store.URL, "sqlite:"))
		}, false, "AUTHGRAPH_DATABASE_URL: reach the database: "},
		{"the schema cannot be migrated", func(t *testing.T, c *config.Config) {
			spoilDatabase(t, c, "CREATE TABLE users (id int)")
		}, false, "migrate the database: "},
		{"passwords cannot be hashed", func(_ *testing.T, c *config.Config) { c.Passwords.Slots = -1 }, false, "password hashing: "},
		{"the secret does not open the signing keys", func(_ *testing.T, c *config.Config) {
			c.Secret = secret.Generate()
		}, true, "opens the signing keys in the database"},
		{"the signing keys cannot be read", func(t *testing.T, c *config.Config) {
			spoilDatabase(t, c, "DROP TABLE signing_keys")
		}, true, "no such table: signing_keys"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c, _, err := config.Load([]string{"--data-dir=" + dir}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.before {
				o, err := open(t.Context(), c, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				if err := o.store.Close(); err != nil {
					t.Fatal(err)
				}
			}
			test.spoil(t, c)
			o, err := open(t.Context(), c, slog.New(slog.DiscardHandler))
			if o != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("open() = %v, %v; want an error with %q", o, err, test.want)
			}
			if _, err := os.Stat(filepath.Join(dir, "authgraph.db-wal")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the database is still open: %v", err)
			}
		})
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("This is a text and nothing else.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func spoilDatabase(t *testing.T, c *config.Config, statement string) {
	t.Helper()
	db, err := openSQL(c.Store.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
