package main

import (
	"context"

	"github.com/authgraph/authgraph/bench/report"
)

// starts is how long after its start a server on a migrated database gives its
// first answer: B6.
func starts(ctx context.Context, b *bench) error {
	all := map[string][]float64{}
	servers := map[string]*server{}
	for _, database := range databases {
		s, err := b.serve(ctx, database)
		if err != nil {
			return err
		}
		stop(s)
		servers[database] = s
	}
	for range b.rounds {
		for _, database := range databases {
			took, err := startSome(ctx, b, servers[database])
			if err != nil {
				return err
			}
			all[database] = append(all[database], took)
		}
	}
	for _, database := range databases {
		b.note("B6", "cold start, "+database, "ms", report.AtMost(40), all[database]...)
	}
	return nil
}

// startSome is the median of some starts, in ms.
func startSome(ctx context.Context, b *bench, s *server) (float64, error) {
	var all []float64
	for range b.starts {
		if err := s.launch(ctx); err != nil {
			return 0, err
		}
		took, err := s.FirstAnswer(ctx, meBody)
		stop(s)
		if err != nil {
			return 0, err
		}
		all = append(all, float64(took.Microseconds())/1000)
	}
	return report.Median(all), nil
}
