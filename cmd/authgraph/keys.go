package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/store"
)

// keysCommand is what the operator does to signing keys.
type keysCommand struct {
	List   keysList   `cmd:"" help:"List the keys that access tokens are verified with, and say what AUTHGRAPH_SECRET_PREVIOUS is still needed for."`
	Rotate keysRotate `cmd:"" help:"Make a new signing key. It is published at once, and signs ten minutes later."`

	Discard keysDiscard `cmd:"" help:"After AUTHGRAPH_SECRET was lost: make a new signing key, and end what depends on the lost secret."`
}

var errNoDatabase = errors.New("AUTHGRAPH_DATABASE_URL: there is no such database; authgraph serve and authgraph migrate make it")

// withDomain runs a command on the domain.
func withDomain(p *program, do func(s *auth.Service) error) error {
	return withOpened(p, func(o *opened) error { return do(o.auth) })
}

func withOpened(p *program, do func(o *opened) error) (err error) {
	if !store.Exists(p.config.Store.URL) {
		return errNoDatabase
	}
	o, err := open(p.ctx, p.config, slog.New(slog.NewTextHandler(p.logTo, nil)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.store.Close()) }()
	return do(o)
}

type keysList struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists the keys. What is still sealed under a previous secret goes beside the
// list, so that programs can read that.
func (cmd keysList) Run(p *program) error {
	return withDomain(p, func(s *auth.Service) error {
		if len(p.config.SecretPrevious) > 0 {
			apps, err := s.AppsUnderPrevious(p.ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.logTo, "keys of authenticator apps that only AUTHGRAPH_SECRET_PREVIOUS opens: %d\n", apps)
		}
		keys, err := s.SigningKeys(p.ctx)
		if err != nil {
			return err
		}
		if cmd.JSON {
			return json.NewEncoder(p.out).Encode(keys)
		}
		rows := [][]string{{"ID", "ALGORITHM", "CREATED", "SIGNS FROM", "RETIRES"}}
		for _, k := range keys {
			rows = append(rows, []string{k.ID, k.Algorithm, moment(&k.CreatedAt), moment(&k.SignsFrom), moment(k.RetiresAt)})
		}
		return table(p.out, rows)
	})
}

type keysRotate struct {
	Compromised bool `help:"Somebody else knows the present keys: the new key signs at once, and all existing access tokens are refused."`
}

// Run makes a new key.
func (cmd keysRotate) Run(p *program) error {
	done := "made a new signing key; servers publish it now and sign with it later, see authgraph keys list"
	if cmd.Compromised {
		done = "made a new signing key; servers sign with it now and refuse all older access tokens"
	}
	return withDomain(p, func(s *auth.Service) error {
		return say(p, s.RotateKeys(p.ctx, operator, cmd.Compromised), "%s", done)
	})
}
