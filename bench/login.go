package main

import (
	"context"

	"github.com/authgraph/authgraph/bench/report"
)

// login is a login beside the bare hash, and what it asks of PostgreSQL: B3.
func login(ctx context.Context, b *bench) error {
	contenders := []contender{func(ctx context.Context) (sample, error) {
		h, err := b.hash(ctx, b.logins, 1)
		return sample{cpu: h.CPU, perSecond: h.PerSecond}, err
	}}
	var counted *server
	for _, database := range databases {
		s, err := b.serve(ctx, database)
		if err != nil {
			return err
		}
		defer func() { stop(s) }() // the one that runs then
		counted = s
		contenders = append(contenders, func(ctx context.Context) (sample, error) { return b.cost(ctx, s, s.logins(b.logins, 2)) })
	}
	found, err := b.inTurn(ctx, contenders...)
	if err != nil {
		return err
	}
	for i, database := range databases {
		b.note("B3", "login, "+database, "× the hash", report.AtMost(1.05), ratios(found[i+1], found[0])...)
	}
	each, err := count(ctx, b, counted, counted.logins(0, 1), b.counted)
	if err != nil {
		return err
	}
	if b.meter.Statements {
		b.note("B3", "login, statements with BEGIN and COMMIT", "", report.AtMost(6), each.Statements)
	}
	b.note("B3", "login, commits that write", "", report.AtMost(2), each.Commits)
	b.note("B3", "login, WAL", "B", report.Goal{}, each.WAL)
	return nil
}
