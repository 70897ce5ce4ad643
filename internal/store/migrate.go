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
	"time"
)

// Migrations has the versioned migrations, a folder for each dialect.
// internal/store/migrategen writes them from ent/schema.
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

// Migrate brings the schema up to date. Many processes may call it at once: one
// applies the migrations, the others wait and find nothing left to do. If that
// one dies, the next one continues, because each file is a transaction together
// with its own record. It refuses a database that has migrations which this
// program does not know, or whose applied files differ from this program's.
func (s *Store) Migrate(ctx context.Context) error { return s.migrate(ctx, Migrations) }

func (s *Store) migrate(ctx context.Context, from fs.FS) error {
	all, err := loadMigrations(from, s.name)
	if err != nil {
		return err
	}
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	if todo, err := pending(ctx, conn, all); err == nil && len(todo) == 0 {
		return nil // the usual start: nothing to do, and no wait for the lock
	} else if errors.Is(err, errForeign) {
		return err
	}
	m := migrator{conn: conn, all: all, begin: beginPostgres}
	if !s.Postgres() {
		m.begin, m.check = []string{"BEGIN IMMEDIATE"}, "PRAGMA foreign_key_check"
		restore, err := prepareSQLite(ctx, conn, s.patience)
		if err != nil {
			return err
		}
		return errors.Join(m.run(ctx), restore())
	}
	return m.run(ctx)
}

func loadMigrations(from fs.FS, dialectName string) ([]migration, error) {
	names, err := fs.Glob(from, path.Join("migrations", dialectName, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(names)
	all := make([]migration, len(names))
	for i, name := range names {
		script, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		sum := sha256.Sum256(script)
		all[i] = migration{strings.TrimSuffix(path.Base(name), ".sql"), hex.EncodeToString(sum[:]), string(script)}
	}
	return all, nil
}

// errForeign marks a database that this program must not migrate.
var errForeign = errors.New("the database's schema is not this program's")

// pending lists what has not been applied yet.
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

// beginPostgres begins a transaction and waits for the lock, which ends with
// the transaction. So a process that is killed blocks nobody, and a transaction
// pooler does no harm. Timeouts are for requests: a migration takes as long as
// it needs.
var beginPostgres = []string{
	"BEGIN",
	"SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0",
	fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", migrationLock),
}

// prepareSQLite turns foreign keys off. SQLite rebuilds a table by dropping it,
// and a cascade would delete the children; foreign keys are checked before each
// commit instead. It also sets a long but limited wait for another process's
// migration, because no signal ends SQLite's wait.
func prepareSQLite(ctx context.Context, conn *sql.Conn, patience time.Duration) (restore func() error, err error) {
	set := func(ctx context.Context, foreignKeys int, patience time.Duration) error {
		pragmas := fmt.Sprintf("PRAGMA foreign_keys = %d; PRAGMA busy_timeout = %d", foreignKeys, patience.Milliseconds())
		if _, err := conn.ExecContext(ctx, pragmas); err != nil {
			return fmt.Errorf("prepare to migrate: %w", err)
		}
		return nil
	}
	restore = func() error { return set(context.WithoutCancel(ctx), 1, patience) }
	return restore, set(ctx, 0, 12*patience)
}

// migrator applies migrations on one connection.
type migrator struct {
	conn  *sql.Conn
	all   []migration
	begin []string // the last one takes the lock
	check string   // a query that must answer no row before a commit
}

func (m migrator) run(ctx context.Context) error {
	for {
		left, err := m.step(ctx)
		if err != nil || !left {
			return err
		}
	}
}

// step applies the first pending file and its record in one transaction, and
// reports whether there may be more. It reads the state under the lock, so that
// a file that another process has applied is not applied again.
func (m migrator) step(ctx context.Context) (left bool, err error) {
	for _, statement := range m.begin {
		if _, err := m.conn.ExecContext(ctx, statement); err != nil {
			m.rollback(ctx)
			return false, fmt.Errorf("lock to migrate: %w", err)
		}
	}
	defer func() {
		if err != nil {
			m.rollback(ctx)
		}
	}()
	if _, err := m.conn.ExecContext(ctx, migrationTable); err != nil {
		return false, fmt.Errorf("create schema_migrations: %w", err)
	}
	todo, err := pending(ctx, m.conn, m.all)
	if err != nil {
		return false, err
	}
	if len(todo) > 0 {
		if err := m.apply(ctx, todo[0]); err != nil {
			return false, fmt.Errorf("migration %s: %w", todo[0].version, err)
		}
	}
	if _, err := m.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return false, fmt.Errorf("commit a migration: %w", err)
	}
	return len(todo) > 1, nil
}

func (m migrator) apply(ctx context.Context, file migration) error {
	if _, err := m.conn.ExecContext(ctx, file.script); err != nil {
		return fmt.Errorf("apply: %w", err)
	}
	//nolint:gosec // a file's name and a checksum of ours; one text, since a pooler takes no parameters here
	record := fmt.Sprintf("INSERT INTO schema_migrations (version, checksum) VALUES ('%s', '%s')", file.version, file.checksum)
	if _, err := m.conn.ExecContext(ctx, record); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if m.check == "" {
		return nil
	}
	var table string
	switch err := m.conn.QueryRowContext(ctx, m.check).Scan(&table, new(any), new(any), new(any)); {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("check: %w", err)
	}
	return fmt.Errorf("it leaves rows of table %q without their parents", table)
}

func (m migrator) rollback(ctx context.Context) {
	_, _ = m.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // the error before says what went wrong
}
