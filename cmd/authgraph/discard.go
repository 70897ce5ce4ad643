package main

import (
	"errors"
	"log/slog"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/store"
)

type keysDiscard struct {
	Yes bool `help:"Do not ask for a confirmation."`
}

// discardText says what is lost with a secret.
const discardText = `What depends on the lost secret ends:
  - All sessions and access tokens. Everybody must log in again.
  - E-mails with a link that were not sent yet. People must ask for them again.
  - Authenticator apps, whose keys cannot be opened. Their owners log in by a recovery code, or after
    authgraph user reset-factors.
  - The record of which browsers have logged in before.
  - The counts of wrong passwords and of sign-ups. They start again at zero.
What does not depend on it stays:
  - accounts;
  - passwords (PASSWORD_PEPPER is a secret of its own);
  - API tokens;
  - links in e-mails that were sent;
  - the audit log.`

// Help is printed below the line of help.
func (keysDiscard) Help() string { return discardText }

// Run makes a new key after the secret was lost. The domain cannot be opened
// then, as for other commands.
func (cmd keysDiscard) Run(p *program) (err error) {
	if !store.Exists(p.config.Store.URL) {
		return errNoDatabase
	}
	log := slog.New(slog.NewTextHandler(p.logTo, nil))
	s, root, err := openWithSecret(p.ctx, p.config, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	options, err := prepare(p.ctx, p.config, s, root, log)
	if err != nil {
		return err
	}
	sure := func() error { return p.sure(cmd.Yes, discardText+"\nDiscard the signing keys?") }
	done, err := auth.DiscardKeys(p.ctx, options, operator, sure)
	return say(p, err, "made a new signing key, ended %d sessions and dropped %d e-mails; %d authenticator apps no longer work, and %d accounts ask for a second factor; now start the servers with the new secret",
		done.Sessions, done.Mails, done.Apps, done.Accounts)
}
