package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// errDamaged says that a backup is not one.
var errDamaged = errors.New("the backup is damaged")

// Restore puts a backup in the place of an SQLite database that is not there.
// prepare changes it before it gets its name, at the URL that it is given: no
// server ever sees what it does not want of the backup. It must close what it
// opens. Restore refuses a database that exists, also if only its journals are
// left, which SQLite would apply to the new file. A backup that is damaged, or no
// database, is refused. The backup stays as it is.
func Restore(ctx context.Context, databaseURL, from string, prepare func(url string) error) error {
	path := sqlitePath(databaseURL)
	if databaseURL == path {
		return ErrNotSQLite
	}
	for _, journal := range []string{"-wal", "-shm", "-journal"} {
		if err := absent(path + journal); err != nil {
			return fmt.Errorf("%w: it belongs to a database that was here; move both away", err)
		}
	}
	return whole(path, func(part string) error {
		for _, ending := range []string{"", "-wal", "-journal"} { // a copy of the files of a server has more than one
			if err := copyInto(part+ending, from+ending, ending != ""); err != nil {
				return fmt.Errorf("read the backup: %w", err)
			}
		}
		if err := sound(ctx, part); err != nil {
			return err
		}
		if err := prepare("sqlite:" + part); err != nil {
			return err
		}
		return absent(part + "-wal") // all is in the file
	})
}

// copyInto copies a file, unless it may be missing and is.
func copyInto(to, from string, optional bool) (err error) {
	in, err := os.Open(from)
	if optional && errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // it was only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// sound looks through a whole database for damage.
func sound(ctx context.Context, path string) error {
	db := sqlitePool(path, "_txlock=immediate", 0)
	db.SetMaxOpenConns(1)
	var verdict string
	err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict)
	if err == nil && verdict != "ok" {
		err = errors.New(verdict)
	}
	var tables int
	if err == nil {
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE name IN ('users', 'user_tokens')").Scan(&tables)
	}
	if err == nil && tables != 2 {
		err = errors.New("it holds no accounts of authgraph")
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return nil
}
