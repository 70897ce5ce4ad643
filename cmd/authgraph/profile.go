package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/graph/profile"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/config"
)

// readProfile reads the operator's file of profile fields, and sees that they fit
// the schema; nil if there is no file.
func readProfile(path string) (*profile.Definition, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("AUTHGRAPH_PROFILE: %w", err)
	}
	fields, err := profile.Parse(string(text))
	if err == nil {
		_, err = graph.SDL(fields)
	}
	if err != nil {
		return nil, fmt.Errorf("AUTHGRAPH_PROFILE: %s: %s", path, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return fields, nil
}

// prepareProfile reads the file, and hands its fields to the domain. Claims that
// refer to fields must fit them.
func prepareProfile(c *config.Config) (*profile.Definition, error) {
	fields, err := readProfile(c.Profile)
	if err != nil {
		return nil, err
	}
	set := &c.Auth.Settings
	if fields != nil {
		set.Profile = fields.Fields
	}
	if err := set.Claims.Check(set.Profile); err != nil {
		return nil, fmt.Errorf("AUTHGRAPH_CLAIMS: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return fields, nil
}

// profileCommand looks at the operator's file of profile fields.
type profileCommand struct {
	Check profileCheck `cmd:"" help:"Count the accounts whose stored values do not fit the fields of AUTHGRAPH_PROFILE any more. Such a value is null for its owner."`
}

type profileCheck struct{}

// Run prints each field and how many accounts do not fit it.
func (profileCheck) Run(p *program) error {
	fields, err := prepareProfile(p.config)
	switch {
	case err != nil:
		return err
	case fields == nil:
		return errors.New("there is no profile: AUTHGRAPH_PROFILE is not set")
	}
	return withDomain(p, func(s *auth.Service) error {
		counts, err := s.CheckProfiles(p.ctx, operator)
		if err != nil {
			return err
		}
		rows := [][]string{{"FIELD", "DO NOT FIT"}}
		for _, f := range fields.Fields.Fields {
			rows = append(rows, []string{f.Name, strconv.Itoa(counts[f.Name])})
		}
		if n := counts[auth.Unreadable]; n > 0 {
			rows = append(rows, []string{"(no JSON object)", strconv.Itoa(n)})
		}
		return table(p.out, rows)
	})
}
