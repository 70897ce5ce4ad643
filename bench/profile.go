package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/authgraph/authgraph/bench/load"
	"github.com/authgraph/authgraph/bench/report"
)

// profileNames are the fields of a profile.
var profileNames = []string{"nickname", "city", "country", "language", "company", "jobTitle", "website", "timeZone", "pronouns", "about"}

// profileFile declares them, as an operator does.
func profileFile() string {
	return "type Profile { " + strings.Join(profileNames, ": String @editable ") + ": String @editable }"
}

const (
	meBodyWithProfile = `{"query":"query Me { me { id email profile { %s } } }"}`
	updateProfile     = `mutation Do($input: UpdateProfileInput!) { updateProfile(input: $input) { errors { code } } }`
)

// meProfile is `me` where a person has a profile of ten fields, beside `me` of a
// server that knows of none: where they are asked for, and where they are not. B12.
func meProfile(ctx context.Context, b *bench) error {
	without, err := b.serve(ctx, onSQLite)
	if err != nil {
		return err
	}
	defer stop(without)
	file := filepath.Join(b.dir, "profile.graphqls")
	if err := os.WriteFile(file, []byte(profileFile()), 0o600); err != nil {
		return err
	}
	with, err := b.serve(ctx, onSQLite, "PROFILE="+file)
	if err != nil {
		return err
	}
	defer stop(with)
	for _, p := range with.people {
		if err := with.describe(ctx, p); err != nil {
			return err
		}
	}
	asked := with.me(b.measure)
	body := fmt.Sprintf(meBodyWithProfile, strings.Join(profileNames, " "))
	asked.Ask = func(int) load.Question {
		return load.Question{Body: body, Bearer: with.people[rand.IntN(len(with.people))].access}
	}
	found, err := b.inTurn(ctx,
		func(ctx context.Context) (sample, error) { return b.cost(ctx, without, without.me(b.measure)) },
		func(ctx context.Context) (sample, error) { return b.cost(ctx, with, with.me(b.measure)) },
		func(ctx context.Context) (sample, error) { return b.cost(ctx, with, asked) })
	if err != nil {
		return err
	}
	b.note("B12", "me, a profile of ten fields that is not asked for", "× me", report.AtMost(1.1), ratios(found[1], found[0])...)
	b.note("B12", "me, ten fields of a profile", "× me", report.AtMost(1.1), ratios(found[2], found[0])...)
	return nil
}

// describe has a person say something in each field.
func (s *server) describe(ctx context.Context, p *person) error {
	given := map[string]string{}
	for _, name := range profileNames {
		given[name] = "a value of some length for " + name
	}
	body, err := json.Marshal(map[string]any{"query": updateProfile, "variables": map[string]any{"input": map[string]any{"profile": given}}})
	if err != nil {
		panic(err) // texts in maps are JSON
	}
	return load.Run(ctx, load.Plan{
		Address: s.Address, Connections: 1, Times: 1, For: time.Minute,
		Ask: func(int) load.Question { return load.Question{Body: string(body), Bearer: p.access} },
		Heed: func(_ int, answer []byte) error {
			if !bytes.Contains(answer, []byte(`"errors":[]`)) {
				return fmt.Errorf("no profile: %.300s", answer)
			}
			return nil
		},
	}).Complaint
}
