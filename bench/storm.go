package main

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/authgraph/authgraph/bench/load"
	"github.com/authgraph/authgraph/bench/process"
	"github.com/authgraph/authgraph/bench/report"
)

// storms is what `me` at 200 a second feels of 32 connections that log in without
// pause: B5.
func storms(ctx context.Context, b *bench) error {
	for _, database := range databases {
		s, err := b.serve(ctx, database)
		if err != nil {
			return err
		}
		defer func() { stop(s) }() // the one that runs then
		var all weather
		for range b.rounds {
			if err := stormOnce(ctx, b, s, &all); err != nil {
				return err
			}
		}
		all.note(b, database)
	}
	return nil
}

// weather is what was seen, by round.
type weather struct{ quiet, stormy, share, peak []float64 }

// stormOnce starts the server anew, since its peak of memory stays.
func stormOnce(ctx context.Context, b *bench, s *server, all *weather) error {
	if err := s.Stop(); err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	load.Run(ctx, s.me(b.warm))
	quiet, err := s.watch(ctx, b.quiet)
	if err != nil {
		return err
	}
	var logins load.Result
	var storm sync.WaitGroup
	storm.Go(func() { logins = load.Run(ctx, s.logins(b.storm, 32)) })
	stormy, err := s.watch(ctx, b.storm)
	storm.Wait()
	if err != nil {
		return err
	}
	_, peak, err := process.Memory(s.PID())
	if err != nil {
		return err
	}
	raw, err := b.hash(ctx, b.quiet, runtime.NumCPU())
	all.quiet, all.stormy = append(all.quiet, quiet), append(all.stormy, stormy)
	all.share, all.peak = append(all.share, logins.PerSecond()/raw.PerSecond), append(all.peak, peak)
	return err
}

// watch asks `me` 200 times a second, and returns the wait in ms that 99 percent of
// the answers did not exceed.
func (s *server) watch(ctx context.Context, lasts time.Duration) (p99 float64, err error) {
	p := s.me(lasts)
	p.Rate = 200
	r := load.Run(ctx, p)
	if r.Complaint != nil {
		return 0, r.Complaint
	}
	return float64(r.Percentile(99).Microseconds()) / 1000, nil
}

func (w weather) note(b *bench, database string) {
	b.note("B5", "me, p99 at rest, "+database, "ms", report.Goal{}, w.quiet...)
	b.note("B5", "me, p99 in a storm of logins, "+database, "ms", report.AtMost(max(10, 6*report.Median(w.quiet))), w.stormy...)
	b.note("B5", "logins in a storm, "+database, "× all cores", report.AtLeast(0.7), w.share...)
	b.note("B5", "peak memory in a storm, "+database, "MB", report.AtMost(150), w.peak...)
}
