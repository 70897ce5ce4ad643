package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/authgraph/authgraph/bench/load"
	"github.com/authgraph/authgraph/bench/report"
	"github.com/authgraph/authgraph/bench/seed"
)

const (
	// small is the number of accounts that more of them are compared with.
	small = 1000
	// sampled is how many of them are in use, in both.
	sampled = 500
)

// growth compares `me` and refresh among many accounts with the same among a
// thousand: B9.
func growth(ctx context.Context, b *bench) error {
	for _, database := range databases {
		var sizes [2]*server
		for i, accounts := range []int{small, b.accounts} {
			var err error
			if sizes[i], err = populate(ctx, b, database, accounts); err != nil {
				return err
			}
		}
		for _, cache := range []string{"on", "off"} {
			if err := compareSizes(ctx, b, database, cache, sizes); err != nil {
				return err
			}
		}
	}
	return nil
}

// populate is a server that does not run, on a database with so many accounts.
func populate(ctx context.Context, b *bench, database string, accounts int) (*server, error) {
	s, err := b.found(database)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	sample, err := seed.Fill(ctx, seed.Options{URL: s.database, Accounts: accounts, Events: 2, Sample: sampled, Secret: s.secret})
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "  %d accounts in %s in %v\n", accounts, database, time.Since(began).Round(time.Second/10))
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	defer stop(s)
	return s, s.adopt(ctx, sample)
}

// compareSizes measures both servers in turn. One runs at a time: they may share
// nothing but the machine.
func compareSizes(ctx context.Context, b *bench, database, cache string, sizes [2]*server) error {
	operations := map[string]func(*server) load.Plan{
		"me":      func(s *server) load.Plan { return s.me(b.grown) },
		"refresh": func(s *server) load.Plan { return s.refreshes(b.grown) },
	}
	for _, name := range []string{"me", "refresh"} {
		var contenders []contender
		for _, s := range sizes {
			contenders = append(contenders, func(ctx context.Context) (sample, error) {
				if err := s.start(ctx, "CALLER_CACHE="+cache); err != nil {
					return sample{}, err
				}
				defer stop(s)
				if r := load.Run(ctx, s.everybody()); r.Complaint != nil {
					return sample{}, r.Complaint
				}
				return b.cost(ctx, s, operations[name](s))
			})
		}
		found, err := b.inTurn(ctx, contenders...)
		if err != nil {
			return err
		}
		what := fmt.Sprintf("%s, %d accounts, cache %s, %s", name, b.accounts, cache, database)
		b.note("B9", what, "× a thousand's", report.AtMost(1.15), ratios(found[1], found[0])...)
	}
	return nil
}
