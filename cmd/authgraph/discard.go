package main

import (
	"errors"
	"log/slog"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/store"
)

type keysDiscard struct {
	Yes bool `help:"Do not ask."`
}

// discardText says what is lost with a secret.
const discardText = `What the lost secret guarded ends:
- every session and every access token: everybody has to log in again;
- mails that still wait with a link: people have to ask for them again;
- the memory of browsers that have logged in before;
- the counts of wrong passwords and of sign-ups, which begin anew.
What does not depend on it stays: accounts, passwords (PASSWORD_PEPPER is a secret of its own),
API tokens, links in mails that were sent, and what was recorded.`

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
	return say(p, err, "made a new signing key, ended %d sessions and dropped %d mails: start the servers with the secret that is set now", done.Sessions, done.Mails)
}
