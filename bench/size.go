package main

import (
	"context"
	"os"
	"time"

	"github.com/authgraph/authgraph/bench/load"
	"github.com/authgraph/authgraph/bench/process"
	"github.com/authgraph/authgraph/bench/report"
)

// sizes are the memory that a server holds before and after work, and the size of
// the program: B7 and B8.
func sizes(ctx context.Context, b *bench) error {
	var all []*server
	for _, database := range databases {
		s, err := b.serve(ctx, database)
		if err != nil {
			return err
		}
		defer func() { stop(s) }() // the one that runs then
		all = append(all, s)
		var idle, after []float64
		for range b.rounds {
			before, now, err := work(ctx, b, s)
			if err != nil {
				return err
			}
			idle, after = append(idle, before), append(after, now)
		}
		b.note("B7", "memory at rest, "+database, "MB", report.AtMost(28), idle...)
		b.note("B7", "memory after work, "+database, "MB", report.AtMost(45), after...)
	}
	if err := settle(ctx, b, all); err != nil {
		return err
	}
	info, err := os.Stat(b.binary)
	if err != nil {
		return err
	}
	b.note("B8", "stripped static program", "MB", report.AtMost(36), float64(info.Size())/1e6)
	return nil
}

// settle has people log in, and looks at the memory once it was given back.
func settle(ctx context.Context, b *bench, servers []*server) error {
	if b.settled == 0 {
		return nil
	}
	for _, s := range servers {
		if r := load.Run(ctx, s.logins(b.grown, 4)); r.Complaint != nil {
			return r.Complaint
		}
	}
	select {
	case <-time.After(b.settled):
	case <-ctx.Done():
		return ctx.Err()
	}
	for _, s := range servers {
		now, _, err := process.Memory(s.PID())
		if err != nil {
			return err
		}
		b.note("B7", "memory soon after logins, "+s.name, "MB", report.AtMost(45), now)
	}
	return nil
}

// work starts the server anew, and has it answer for a while.
func work(ctx context.Context, b *bench, s *server) (before, after float64, err error) {
	if err := s.Stop(); err != nil {
		return 0, 0, err
	}
	if err := s.start(ctx); err != nil {
		return 0, 0, err
	}
	time.Sleep(b.measure / 2) // it comes to rest
	if before, _, err = process.Memory(s.PID()); err != nil {
		return 0, 0, err
	}
	for _, p := range []load.Plan{s.me(b.grown), s.refreshes(b.grown)} {
		if r := load.Run(ctx, p); r.Complaint != nil {
			return 0, 0, r.Complaint
		}
	}
	after, _, err = process.Memory(s.PID())
	return before, after, err
}
