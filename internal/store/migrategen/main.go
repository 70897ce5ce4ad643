// Command migrategen writes the migration from the newest state to ent/schema,
// for each dialect:
//
//	go run ./internal/store/migrategen NAME
//
// Read what it wrote before you commit it: on PostgreSQL, a new NOT NULL column
// comes without values for existing rows. After editing a file, run it again
// with -sum to renew the checksums. It needs PostgreSQL's binaries.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"

	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"

	"github.com/authgraph/authgraph/internal/pgtest"
)

const folder = "internal/store/migrations"

func main() {
	sum := flag.Bool("sum", false, "only renew the checksums")
	flag.Parse()
	if !*sum && flag.NArg() != 1 {
		log.Fatal("usage: migrategen NAME | migrategen -sum")
	}
	if err := run(context.Background(), flag.Arg(0), *sum); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, name string, sumOnly bool) error {
	scratch, err := os.MkdirTemp("", "migrategen")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // a scratch folder
	cluster, stop, err := pgtest.Start()
	if err != nil {
		return err
	}
	defer stop()
	pgURL, drop, err := cluster.Database()
	if err != nil {
		return err
	}
	defer drop() //nolint:errcheck // the cluster ends with it
	for _, target := range []struct{ dialect, url string }{
		{dialect.SQLite, filepath.Join(scratch, "scratch.db")},
		{dialect.Postgres, pgURL},
	} {
		dir := filepath.Join(folder, target.dialect)
		step := diff
		if sumOnly {
			step = renew
		}
		if err := step(ctx, target.dialect, target.url, dir, name); err != nil && !errors.Is(err, migrate.ErrNoPlan) {
			return fmt.Errorf("%s: %w", target.dialect, err)
		}
	}
	return nil
}

// diff applies the folder's migrations to the empty database at url and writes
// what is missing to reach ent/schema. It returns migrate.ErrNoPlan if nothing
// is missing.
func diff(ctx context.Context, dialectName, url, folder, name string) error {
	dir, err := migrate.NewLocalDir(folder)
	if err != nil {
		return err
	}
	driver := map[string]string{dialect.SQLite: "sqlite", dialect.Postgres: "postgres"}[dialectName]
	if driver == "sqlite" {
		url = "file:" + url + "?_foreign_keys=1"
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // a scratch database
	m, err := schema.NewMigrate(entsql.OpenDB(dialectName, db),
		schema.WithDir(dir), schema.WithMigrationMode(schema.ModeReplay), schema.WithDialect(dialectName),
		schema.WithDropColumn(true), schema.WithDropIndex(true), schema.WithErrNoPlan(true), schema.WithIndent("  "),
		schema.WithFormatter(migrate.DefaultFormatter)) // no down migrations
	if err != nil {
		return err
	}
	want, err := tables()
	if err != nil {
		return err
	}
	return m.NamedDiff(ctx, name, want...)
}

func renew(_ context.Context, _, _, folder, _ string) error {
	dir, err := migrate.NewLocalDir(folder)
	if err != nil {
		return err
	}
	sum, err := dir.Checksum()
	if err != nil {
		return err
	}
	return migrate.WriteSumFile(dir, sum)
}
