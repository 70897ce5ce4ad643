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

// TestSchemaMatchesMigrations applies the migrations and checks that nothing is
// missing to reach ent/schema. It fails for a changed schema without a
// migration, and for a migration that was edited without a new checksum.
func TestSchemaMatchesMigrations(t *testing.T) {
	targets := map[string]func() string{
		dialect.SQLite:   func() string { return filepath.Join(t.TempDir(), "scratch.db") },
		dialect.Postgres: func() string { return pgtest.Server(t).CreateDatabase(t) },
	}
	for _, name := range []string{dialect.SQLite, dialect.Postgres} { // not in parallel: ent's tables are global
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir() // missing migrations are written here
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
	if want := len(files) - 1; err != nil || len(got) != want { // doc.go is not a migration
		t.Errorf("tables() lists %d, %v, want one for each of the %d files of ent/schema", len(got), err, want)
	}
}
