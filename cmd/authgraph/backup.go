package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/authgraph/authgraph/internal/store"
)

type backupCommand struct {
	File string `arg:"" help:"The file to write. It must not exist."`
}

// Help is printed below the line of help.
func (backupCommand) Help() string {
	return `The server may run meanwhile: the backup is the database as of one moment. Only you can read the file.

Keep AUTHGRAPH_SECRET as well, and AUTHGRAPH_PASSWORD_PEPPER if you use it, but apart from the backup: who has
both has everything. PostgreSQL has pg_dump.`
}

var errUsePgDump = errors.New("the database is PostgreSQL: back it up with pg_dump, and keep AUTHGRAPH_SECRET apart from it")

// Run backs an SQLite database up.
func (cmd backupCommand) Run(p *program) error {
	if !store.Exists(p.config.Store.URL) {
		return errNoDatabase
	}
	err := store.Backup(p.ctx, p.config.Store.URL, cmd.File)
	if errors.Is(err, store.ErrNotSQLite) {
		return errUsePgDump
	}
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	info, err := os.Stat(cmd.File)
	if err != nil {
		return err
	}
	path, err := filepath.Abs(cmd.File)
	return say(p, err, "backed up to %s (%d bytes); keep AUTHGRAPH_SECRET too, apart from it", path, info.Size())
}
