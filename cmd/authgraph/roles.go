package main

import (
	"errors"
	"strings"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
)

type userRoles struct {
	account
	Roles []string `arg:"" optional:"" help:"The roles that the account has from now on. All others are taken away. Leave them out to see the present ones."`
	None  bool     `help:"Leave the account with the default role alone."`
}

// Run shows the roles of an account, or sets them.
func (cmd userRoles) Run(p *program) error {
	if cmd.None && len(cmd.Roles) > 0 {
		return errors.New("name roles, or --none, not both")
	}
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		if !cmd.None && len(cmd.Roles) == 0 {
			return say(p, nil, "%s", strings.Join(s.RolesOf(u), " "))
		}
		roles, err := s.SetRoles(p.ctx, operator, u.ID, cmd.Roles)
		return say(p, told(err), "roles of %s: %s", u.ID, strings.Join(roles, " "))
	})
}
