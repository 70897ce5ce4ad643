package main

import (
	"context"
	"fmt"
	"time"

	"github.com/authgraph/authgraph/bench/load"
	"github.com/authgraph/authgraph/bench/report"
)

// sample is what one measurement found.
type sample struct {
	cpu       float64 // of a request, in µs
	perSecond float64
}

// contender is one of those that are compared.
type contender func(context.Context) (sample, error)

// inTurn measures all contenders in each round, since a machine is another one
// from minute to minute. It returns the samples of each contender, by round.
func (b *bench) inTurn(ctx context.Context, contenders ...contender) ([][]sample, error) {
	found := make([][]sample, len(contenders))
	for range b.rounds {
		for i, measure := range contenders {
			s, err := measure(ctx)
			if err != nil {
				return nil, err
			}
			found[i] = append(found[i], s)
		}
	}
	return found, nil
}

// subject is what is asked, and whose CPU is read.
type subject interface {
	cpu() (time.Duration, error)
	ForgetLog() error
}

// cost measures what a request costs. It fails if any request does: the figure
// would be of something else.
func (b *bench) cost(ctx context.Context, s subject, p load.Plan) (sample, error) {
	warm := p
	warm.For = b.warm
	load.Run(ctx, warm)
	before, err := s.cpu()
	if err != nil {
		return sample{}, err
	}
	r := load.Run(ctx, p)
	after, err := s.cpu()
	if err != nil {
		return sample{}, err
	}
	if ctx.Err() != nil {
		return sample{}, ctx.Err()
	}
	if r.Failures > 0 || r.Answers == 0 {
		return sample{}, fmt.Errorf("%d of %d requests failed: %w", r.Failures, r.Failures+r.Answers, r.Complaint)
	}
	return sample{cpu: float64((after - before).Microseconds()) / float64(r.Answers), perSecond: r.PerSecond()}, s.ForgetLog()
}

// ratios compares the CPU of two contenders, by round.
func ratios(of, to []sample) []float64 {
	all := make([]float64, len(of))
	for i := range of {
		all[i] = of[i].cpu / to[i].cpu
	}
	return all
}

// rates are the answers a second, by round.
func rates(of []sample) []float64 {
	all := make([]float64, len(of))
	for i := range of {
		all[i] = of[i].perSecond
	}
	return all
}

// note keeps what was measured for the report.
func (b *bench) note(row, what, unit string, goal report.Goal, values ...float64) {
	b.measures = append(b.measures, report.Measure{Row: row, What: what, Unit: unit, Goal: goal, Values: values})
}
