package main

import (
	"context"

	"github.com/authgraph/authgraph/bench/report"
)

// refresh is one beside the yardstick's `me`, and what it asks of PostgreSQL: B4,
// and B11's share of it. B4's goal for the CPU is a share of another server's, which
// is not built here.
func refresh(ctx context.Context, b *bench) error {
	y, err := b.startYardstick(ctx)
	if err != nil {
		return err
	}
	defer stop(y)
	contenders := []contender{func(ctx context.Context) (sample, error) {
		return b.cost(ctx, y, meOf(y.Address, b.measure))
	}}
	var counted *server
	for _, database := range databases {
		s, err := b.serve(ctx, database)
		if err != nil {
			return err
		}
		defer func() { stop(s) }() // the one that runs then
		counted = s
		contenders = append(contenders, func(ctx context.Context) (sample, error) { return b.cost(ctx, s, s.refreshes(b.measure)) })
	}
	found, err := b.inTurn(ctx, contenders...)
	if err != nil {
		return err
	}
	for i, database := range databases {
		b.note("B4", "refresh, "+database, "Y", report.Goal{}, ratios(found[i+1], found[0])...)
	}
	b.note("B11", "refresh, PostgreSQL", "/s", report.AtLeast(1_900), rates(found[2])...)
	return countRefresh(ctx, b, counted)
}

func countRefresh(ctx context.Context, b *bench, s *server) error {
	each, err := count(ctx, b, s, s.refreshes(0), 10*b.counted)
	if err != nil {
		return err
	}
	if b.meter.Statements {
		b.note("B4", "refresh, statements with BEGIN and COMMIT", "", report.AtMost(1), each.Statements)
	}
	b.note("B4", "refresh, commits that write", "", report.AtMost(1), each.Commits)
	b.note("B4", "refresh, WAL", "B", report.AtMost(200), each.WAL)
	b.note("B4", "refresh, HOT updates", "%", report.AtLeast(95), 100*each.HOT/each.Updates)
	return nil
}
