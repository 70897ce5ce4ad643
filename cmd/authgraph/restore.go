package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/store"
)

type restoreCommand struct {
	File          string `arg:"" optional:"" help:"A backup of an SQLite database. It becomes the database, which must not exist yet. Leave it out if you have put the backup in place by other means, such as pg_restore."`
	KeepSessions  bool   `help:"Keep sessions and trusted browsers, although some may have been ended since the backup."`
	KeepAPITokens bool   `name:"keep-api-tokens" help:"Keep API tokens, although some may have been revoked since the backup."`
	Yes           bool   `help:"Do not ask for a confirmation."`
}

// restoreText says what a restore ends.
const restoreText = `A backup brings back what was revoked since. So these end, unless you keep them:
  - all sessions and access tokens, and browsers trusted without a second factor;
  - all API tokens.
These end in any case, since they may have been used since:
  - links in e-mails, sign-ups that wait for them, and logins that wait for a second factor.
These are as they were at the time of the backup:
  - accounts, with their passwords, second factors and recovery codes;
  - the audit log.`

// Help is printed below the line of help.
func (restoreCommand) Help() string {
	return restoreText + `

For PostgreSQL, restore the dump into an empty database with no server running, and then run this command without
a file. The secret must be the one that was in use at the time of the backup (or AUTHGRAPH_SECRET_PREVIOUS).`
}

// Run puts a backup in place, and ends what may have been revoked since.
func (cmd restoreCommand) Run(p *program) error {
	var done auth.Restored
	log := slog.New(slog.NewTextHandler(p.logTo, nil))
	end := func(ctx context.Context) (err error) {
		o, err := open(ctx, p.config, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, o.store.Close()) }()
		done, err = o.auth.AfterRestore(ctx, operator, auth.Kept{Sessions: cmd.KeepSessions, APITokens: cmd.KeepAPITokens})
		return err
	}
	err := cmd.put(p, end)
	return say(p, err, "restored; ended %d sessions, %d API tokens and %d links, and made a new signing key; now start the servers",
		done.Sessions, done.APITokens, done.Mailed)
}

func (cmd restoreCommand) put(p *program, end func(context.Context) error) error {
	if cmd.File == "" {
		if !store.Exists(p.config.Store.URL) {
			return errNoDatabase
		}
		if err := p.sure(cmd.Yes, restoreText+"\nIs this database a backup that was just restored?"); err != nil {
			return err
		}
		return end(p.ctx)
	}
	target := p.config.Store.URL
	err := store.Restore(p.ctx, target, cmd.File, func(url string) error {
		p.config.Store.URL = url
		defer func() { p.config.Store.URL = target }()
		return end(p.ctx)
	})
	if errors.Is(err, store.ErrNotSQLite) {
		return errors.New("the database is PostgreSQL: restore the dump with pg_restore, and then run authgraph restore without a file")
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}
