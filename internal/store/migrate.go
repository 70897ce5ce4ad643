package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Migrations holds the versioned migrations, a folder for each dialect, which
// internal/store/migrategen writes from ent/schema.
//
//go:embed migrations
var Migrations embed.FS

// migrationLock is the key of PostgreSQL's advisory lock ("authgrap").
const migrationLock = 0x6175746867726170

const migrationTable = `CREATE TABLE IF NOT EXISTS schema_migrations (
	version text PRIMARY KEY, checksum text NOT NULL)`

// migration is one file.
type migration struct {
	version, checksum, script string
}

// Migrate brings the schema up to date. Any number of processes may do so at
// once: one applies, the others wait and find nothing left to do; if it dies
// the next goes on where it stopped, since each file is a transaction with its
// own record. It refuses a database that knows migrations this program does
// not, and one whose applied files differ from this program's.
func (s *Store) Migrate(ctx context.Context) error {
	all, err := loadMigrations(s.name)
	if err != nil {
		return err
	}
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	if todo, err := pending(ctx, conn, all); err == nil && len(todo) == 0 {
		return nil // the usual start: nothing to do, no lock to wait for
	} else if errors.Is(err, errForeign) {
		return err
	}
	if s.Postgres() {
		return migratePostgres(ctx, conn, all)
	}
	return migrateSQLite(ctx, conn, all)
}

func loadMigrations(dialectName string) ([]migration, error) {
	dir := path.Join("migrations", dialectName)
	names, err := fs.Glob(Migrations, dir+"/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	all := make([]migration, len(names))
	for i, name := range names {
		script, err := Migrations.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		sum := sha256.Sum256(script)
		all[i] = migration{strings.TrimSuffix(path.Base(name), ".sql"), hex.EncodeToString(sum[:]), string(script)}
	}
	return all, nil
}

// errForeign marks a database that is not this program's to migrate.
var errForeign = errors.New("the database's schema is not this program's")

// pending lists what is not applied yet.
func pending(ctx context.Context, conn *sql.Conn, all []migration) ([]migration, error) {
	applied, err := appliedMigrations(ctx, conn)
	if err != nil {
		return nil, err
	}
	var todo []migration
	for _, m := range all {
		sum, ok := applied[m.version]
		switch {
		case !ok:
			todo = append(todo, m)
		case sum != m.checksum:
			return nil, fmt.Errorf("%w: migration %s was applied in another form", errForeign, m.version)
		}
		delete(applied, m.version)
	}
	if len(applied) > 0 {
		return nil, fmt.Errorf("%w: a newer release has migrated it; start that one", errForeign)
	}
	return todo, nil
}

func appliedMigrations(ctx context.Context, conn *sql.Conn) (map[string]string, error) {
	rows, err := conn.QueryContext(ctx, "SELECT version, checksum FROM schema_migrations")
	if err != nil {
		return nil, fmt.Errorf("read applied migrations: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	applied := make(map[string]string)
	for rows.Next() {
		var version, sum string
		if err := rows.Scan(&version, &sum); err != nil {
			return nil, fmt.Errorf("read applied migrations: %w", err)
		}
		applied[version] = sum
	}
	return applied, rows.Err()
}

// migratePostgres applies under an advisory lock, which ends with the
// connection: a process that is killed holds nobody up.
func migratePostgres(ctx context.Context, conn *sql.Conn, all []migration) (err error) {
	// Timeouts are for requests; a migration takes as long as it takes.
	const patient = "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0"
	if _, err := conn.ExecContext(ctx, patient); err != nil {
		return fmt.Errorf("prepare to migrate: %w", err)
	}
	if _, err := conn.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_lock(%d)", migrationLock)); err != nil {
		return fmt.Errorf("lock to migrate: %w", err)
	}
	defer func() {
		release := fmt.Sprintf("SELECT pg_advisory_unlock(%d); RESET ALL", migrationLock)
		if _, e := conn.ExecContext(context.WithoutCancel(ctx), release); e != nil {
			err = errors.Join(err, fmt.Errorf("unlock after migrating: %w", e))
		}
	}()
	if _, err := conn.ExecContext(ctx, migrationTable); err != nil {
		return fmt.Errorf("create schema_migrations: %w", err)
	}
	todo, err := pending(ctx, conn, all)
	if err != nil {
		return err
	}
	for _, m := range todo {
		if err := apply(ctx, conn, "BEGIN", m, ""); err != nil {
			return err
		}
	}
	return nil
}

// migrateSQLite applies everything while it holds the write lock. Foreign keys
// are off meanwhile, since SQLite rebuilds a table by dropping it and a
// cascade would take the children along; they are checked before the commit.
func migrateSQLite(ctx context.Context, conn *sql.Conn, all []migration) (err error) {
	if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = off"); err != nil {
		return fmt.Errorf("prepare to migrate: %w", err)
	}
	defer func() {
		if _, e := conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = on"); e != nil {
			err = errors.Join(err, fmt.Errorf("restore foreign keys: %w", e))
		}
	}()
	if _, err := conn.ExecContext(ctx, migrationTable); err != nil {
		return fmt.Errorf("create schema_migrations: %w", err)
	}
	for {
		todo, err := pending(ctx, conn, all)
		if err != nil || len(todo) == 0 {
			return err
		}
		if err := apply(ctx, conn, "BEGIN IMMEDIATE", todo[0], "PRAGMA foreign_key_check"); err != nil {
			return err
		}
	}
}

// apply runs one file and its record as one transaction; a check that answers
// a row fails it. On SQLite another process may have applied the file between
// the look and the lock: then the record's key refuses, and the file does not
// count.
func apply(ctx context.Context, conn *sql.Conn, begin string, m migration, check string) (err error) {
	if _, err := conn.ExecContext(ctx, begin); err != nil {
		return fmt.Errorf("begin migration %s: %w", m.version, err)
	}
	defer func() {
		if err != nil {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // err says what went wrong
		}
	}()
	record := fmt.Sprintf("INSERT INTO schema_migrations (version, checksum) VALUES ('%s', '%s') ON CONFLICT DO NOTHING", m.version, m.checksum)
	res, err := conn.ExecContext(ctx, record)
	if err != nil {
		return fmt.Errorf("record migration %s: %w", m.version, err)
	}
	if n, err := res.RowsAffected(); err == nil && n == 0 {
		_, err = conn.ExecContext(ctx, "ROLLBACK")
		return err
	}
	if _, err := conn.ExecContext(ctx, m.script); err != nil {
		return fmt.Errorf("apply migration %s: %w", m.version, err)
	}
	if check != "" {
		var table string
		row := conn.QueryRowContext(ctx, check)
		if err := row.Scan(&table, new(any), new(any), new(any)); !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("migration %s leaves rows of table %q without their parents", m.version, table)
		}
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit migration %s: %w", m.version, err)
	}
	return nil
}
