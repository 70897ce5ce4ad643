package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrNotSQLite refuses to back up or restore a database of another kind, which has
// tools of its own.
var ErrNotSQLite = errors.New("only an SQLite database can be backed up or restored by this command")

// partial is the ending of a file that is not complete yet.
const partial = ".part"

// Backup writes an SQLite database into a new file, consistent as of one moment,
// while others use it. Only this process's user may read the file. Backup never
// overwrites, and leaves nothing behind when it fails. It changes nothing in the
// database, not even its schema.
func Backup(ctx context.Context, databaseURL, to string) error {
	if !strings.HasPrefix(databaseURL, "sqlite:") {
		return ErrNotSQLite
	}
	return whole(to, func(part string) error {
		db, err := openCopying(sqlitePath(databaseURL))
		if err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, "VACUUM INTO ?", part) // into an empty file that is there: its mode stays
		return errors.Join(err, db.Close())
	})
}

// openCopying opens a database for VACUUM INTO. A reader of the pool cannot do it:
// query_only refuses it.
func openCopying(path string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_busy_timeout=5000")
}

// whole makes a file complete or not at all: fill writes a file beside it, which
// then gets its name.
func whole(path string, fill func(part string) error) (err error) {
	if err := absent(path); err != nil {
		return err
	}
	part := path + partial
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there: either this command is running, or it was interrupted; then remove that file", part)
	}
	if err != nil {
		return err
	}
	defer func() {
		for _, left := range []string{part, part + "-wal", part + "-shm", part + "-journal"} {
			if gone := os.Remove(left); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
				err = errors.Join(err, gone)
			}
		}
	}()
	if err := f.Close(); err != nil {
		return err
	}
	if err := fill(part); err != nil {
		return err
	}
	if err := flush(part); err != nil {
		return err
	}
	if err := settle(part, path); err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // which has no such call
		return nil
	}
	return flush(filepath.Dir(path))
}

// absent refuses a path that is in use, even by a link that leads nowhere.
func absent(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		return fmt.Errorf("%s is there already, and is not overwritten", path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// settle gives a file its name. A second name overwrites nothing, whoever was
// faster; file systems without such names get a rename.
func settle(part, path string) error {
	err := os.Link(part, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := absent(path); err != nil {
		return err
	}
	return os.Rename(part, path)
}

// flush waits until a file or a directory is on the disk.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
