package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"

	"github.com/authgraph/authgraph/internal/pgtest"
)

// TestSchemaMatchesMigrations replays the migrations and asks for what is
// missing to reach ent/schema: nothing may be. It fails for a changed schema
// without a migration, and for a migration edited without its checksum.
func TestSchemaMatchesMigrations(t *testing.T) {
	targets := map[string]func() string{
		dialect.SQLite:   func() string { return filepath.Join(t.TempDir(), "scratch.db") },
		dialect.Postgres: func() string { return pgtest.Server(t).CreateDatabase(t) },
	}
	for _, name := range []string{dialect.SQLite, dialect.Postgres} { // one after the other: ent's tables are global
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir() // what is missing is written
			if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "migrations", name))); err != nil {
				t.Fatal(err)
			}
			if err := diff(t.Context(), name, targets[name](), dir, "unexpected"); !errors.Is(err, migrate.ErrNoPlan) {
				t.Errorf("the migrations do not lead to ent/schema: diff = %v, want %v", err, migrate.ErrNoPlan)
			}
		})
	}
}

func TestTablesAreAll(t *testing.T) {
	files, err := filepath.Glob("../../../ent/schema/*.go")
	if err != nil {
		t.Fatal(err)
	}
	got, err := tables()
	if want := len(files) - 1; err != nil || len(got) != want { // but doc.go
		t.Errorf("tables() lists %d, %v, want one for each of the %d files of ent/schema", len(got), err, want)
	}
}
