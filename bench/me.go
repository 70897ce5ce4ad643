package main

import (
	"context"

	"github.com/authgraph/authgraph/bench/report"
)

// meKept is `me` of callers that are kept in memory, for each kind of signature:
// B1, and B11's share of it.
func meKept(ctx context.Context, b *bench) error {
	return compareMe(ctx, b, []candidate{
		{onSQLite, "JWT_ALGORITHM=ES256", "ES256", report.AtMost(1.1)},
		{onPostgres, "JWT_ALGORITHM=ES256", "ES256", report.AtMost(1.1)},
		{onSQLite, "JWT_ALGORITHM=HS256", "HS256", report.AtMost(1.1)},
		{onSQLite, "JWT_ALGORITHM=EdDSA", "EdDSA", report.AtMost(1.1)},
		{onSQLite, "JWT_ALGORITHM=RS256", "RS256", report.AtMost(1.1)},
	}, func(c candidate, of, y []sample) {
		b.note("B1", "me, "+c.database+", "+c.name, "Y", c.goal, ratios(of, y)...)
		if c.database == onPostgres {
			b.note("B11", "me, PostgreSQL", "/s", report.AtLeast(16_000), rates(of)...)
		}
	})
}

// meAsked is `me` where each request asks the database: B2.
func meAsked(ctx context.Context, b *bench) error {
	return compareMe(ctx, b, []candidate{
		{onSQLite, "CALLER_CACHE=false", "", report.AtMost(2.0)},
		{onPostgres, "CALLER_CACHE=false", "", report.AtMost(3.5)},
	}, func(c candidate, of, y []sample) {
		b.note("B2", "me, no cache, "+c.database, "Y", c.goal, ratios(of, y)...)
	})
}

// candidate is a server to compare with the yardstick.
type candidate struct {
	database, setting, name string
	goal                    report.Goal
}

// compareMe measures `me` of the yardstick and of each candidate in turn.
func compareMe(ctx context.Context, b *bench, candidates []candidate, note func(c candidate, of, y []sample)) error {
	y, err := b.startYardstick(ctx)
	if err != nil {
		return err
	}
	defer stop(y)
	contenders := []contender{func(ctx context.Context) (sample, error) {
		return b.cost(ctx, y, meOf(y.Address, b.measure))
	}}
	for _, c := range candidates {
		s, err := b.serve(ctx, c.database, c.setting)
		if err != nil {
			return err
		}
		defer stop(s)
		contenders = append(contenders, func(ctx context.Context) (sample, error) { return b.cost(ctx, s, s.me(b.measure)) })
	}
	found, err := b.inTurn(ctx, contenders...)
	if err != nil {
		return err
	}
	for i, c := range candidates {
		note(c, found[i+1], found[0])
	}
	return nil
}
