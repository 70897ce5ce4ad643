package main

import (
	"strconv"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
)

type userFactors struct{ account }

// Run lists passkeys and authenticator apps. It shows no code and no key: there are none to show.
func (cmd userFactors) Run(p *program) error {
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		factors, err := s.Factors(p.ctx, u)
		if err != nil {
			return err
		}
		rows := [][]string{{"ID", "KIND", "ADDED", "LAST USED", "NAME"}}
		for _, one := range factors {
			rows = append(rows, []string{one.ID.String(), string(one.Kind), moment(&one.CreatedAt), moment(one.LastUsedAt), one.Name})
		}
		return table(p.out, rows)
	})
}

type userResetFactors struct {
	account
	Kind string `enum:"all,totp,passkey,codes" default:"all" help:"What to remove: all, totp (authenticator apps), passkey or codes (recovery codes)."`
}

// Run removes passkeys, authenticator apps and recovery codes.
func (cmd userResetFactors) Run(p *program) error {
	which := auth.FactorReset(cmd.Kind)
	if cmd.Kind == "all" {
		which = auth.ResetAllFactors
	}
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		return say(p, s.ResetFactors(p.ctx, operator, u.ID, which), "removed factors of %s (%s), and ended its sessions", u.ID, cmd.Kind)
	})
}

// factorRows are the lines about factors in what is shown of an account.
func factorRows(p *program, s *auth.Service, u *ent.User) ([][]string, error) {
	factors, err := s.Factors(p.ctx, u)
	if err != nil {
		return nil, err
	}
	left, err := s.RecoveryCodesLeft(p.ctx, u)
	if err != nil {
		return nil, err
	}
	on := "no"
	if u.SecondFactor {
		on = "yes"
	}
	number := map[auth.FactorKind]int{}
	for _, one := range factors {
		number[one.Kind]++
	}
	return [][]string{
		{"second factor", on}, {"authenticator apps", strconv.Itoa(number[auth.FactorTotp])}, {"passkeys", strconv.Itoa(number[auth.FactorPasskey])},
		{"recovery codes", strconv.Itoa(*left)},
	}, nil
}
