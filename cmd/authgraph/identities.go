package main

import (
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
)

var errNoIdentity = errors.New("the account has no such identity")

type userIdentities struct{ account }

// Run lists identities.
func (cmd userIdentities) Run(p *program) error {
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		list, err := s.Identities(p.ctx, u)
		if err != nil {
			return err
		}
		rows := [][]string{{"ID", "PROVIDER", "SUBJECT", "ACTIVE", "LINKED", "LAST USED", "ADDRESS"}}
		for _, one := range list {
			rows = append(rows, []string{one.ID.String(), one.Provider, one.Subject, yes(one.Active), moment(&one.CreatedAt), moment(one.LastUsedAt), text(one.Email)})
		}
		return table(p.out, rows)
	})
}

type userUnlink struct {
	account
	Identity uuid.UUID `arg:"" help:"Id of the identity, as user identities lists it."`
}

// Run unlinks an identity.
func (cmd userUnlink) Run(p *program) error {
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		err := s.RemoveIdentity(p.ctx, operator, u.ID, cmd.Identity)
		if errors.Is(err, auth.ErrNotFound) {
			return errNoIdentity
		}
		return say(p, err, "unlinked %s from %s, and ended its sessions", cmd.Identity, u.ID)
	})
}

type userMoveIssuer struct {
	Old string `arg:"" help:"The issuer as it was."`
	New string `arg:"" help:"The issuer as it is now, as in the setting ISSUER of the provider."`
}

// Run moves identities to another issuer.
func (cmd userMoveIssuer) Run(p *program) error {
	return withDomain(p, func(s *auth.Service) error {
		n, err := s.MoveIssuer(p.ctx, operator, cmd.Old, cmd.New)
		return say(p, err, "moved %d identities to %s", n, cmd.New)
	})
}

// identityRows is the line about identities in what is shown of an account.
func identityRows(p *program, s *auth.Service, u *ent.User) ([][]string, error) {
	list, err := s.Identities(p.ctx, u)
	var names []string
	for _, one := range list {
		name := one.Provider
		if !one.Active {
			name += " (not active)"
		}
		names = append(names, name)
	}
	return [][]string{{"logs in with", strings.Join(names, ", ")}}, err
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
