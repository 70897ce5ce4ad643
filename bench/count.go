package main

import (
	"context"
	"math"
	"time"

	"github.com/authgraph/authgraph/bench/load"
	"github.com/authgraph/authgraph/bench/meter"
)

// count is what one operation asks of PostgreSQL. The server lives twice equally
// long, for many operations and for a fifth of them: what it does at its start and
// by the clock falls out. It is left running.
func count(ctx context.Context, b *bench, s *server, p load.Plan, times int) (each meter.Counts, err error) {
	began := time.Now()
	many, err := life(ctx, b, s, p, times, 0)
	if err != nil {
		return each, err
	}
	few, err := life(ctx, b, s, p, times/5, time.Since(began))
	if err != nil {
		return each, err
	}
	each = many.Minus(few).Per(times - times/5)
	each.Statements, each.Commits = tenths(each.Statements), tenths(each.Commits)
	return each, s.start(ctx)
}

// tenths leaves out what little the clock has added.
func tenths(n float64) float64 { return math.Round(10*n) / 10 }

// life is all that PostgreSQL is asked while a server starts, does so many
// operations, waits until its time has come, and ends.
func life(ctx context.Context, b *bench, s *server, p load.Plan, times int, atLeast time.Duration) (all meter.Counts, err error) {
	began := time.Now()
	if err := s.Stop(); err != nil {
		return all, err
	}
	before, err := b.meter.Read(ctx, s.database)
	if err != nil {
		return all, err
	}
	// Without a cache there is no heartbeat between replicas, 20 times a second. What
	// an operation asks is the same.
	if err := s.start(ctx, "CALLER_CACHE=false"); err != nil {
		return all, err
	}
	p.Address, p.Connections, p.For, p.Times = s.Address, 1, time.Minute, times
	if r := load.Run(ctx, p); r.Complaint != nil {
		return all, r.Complaint
	}
	select {
	case <-time.After(time.Until(began.Add(atLeast))):
	case <-ctx.Done():
		return all, ctx.Err()
	}
	if err := s.Stop(); err != nil {
		return all, err
	}
	after, err := b.meter.Read(ctx, s.database)
	return after.Minus(before), err
}
