package main

import (
	"errors"
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
	Kind  string `enum:"all,totp,passkey,codes" default:"all" help:"What to remove: all, totp (authenticator apps), passkey or codes (recovery codes)."`
	Force bool   `help:"Remove passkeys even if nobody can log in to the account without them."`
}

// Run removes passkeys, authenticator apps and recovery codes.
func (cmd userResetFactors) Run(p *program) error {
	which := auth.FactorReset(cmd.Kind)
	if cmd.Kind == "all" {
		which = auth.ResetAllFactors
	}
	return cmd.on(p, func(s *auth.Service, u *ent.User) error {
		removed, err := s.ResetFactors(p.ctx, operator, u.ID, which, cmd.Force)
		if errors.Is(err, auth.ErrLastWayIn) {
			return errors.New("the account has no password and no address: without its passkeys nobody can log in to it any more; --force removes them nevertheless")
		}
		if err == nil && !removed {
			return say(p, nil, "%s has no such factors (%s): nothing was changed", u.ID, cmd.Kind)
		}
		return say(p, err, "removed factors of %s (%s), and ended its sessions", u.ID, cmd.Kind)
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
