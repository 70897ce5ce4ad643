package auth

import (
	"context"
	"sync"
	"time"
)

// Run does what must happen beside the operations, until ctx ends: it hears of
// changes by other processes, notes last uses, picks up new signing keys and
// deletes what has expired. It never stops for a failure, which it logs.
func (s *Service) Run(ctx context.Context) {
	flush, clean := time.NewTicker(flushEvery), time.NewTicker(cleanupEvery)
	defer flush.Stop()
	defer clean.Stop()
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { s.keys.Run(ctx) }) // deleting a million rows must not hold them up
	if s.holders.watch != nil {
		beside.Go(func() { s.holders.watch.Run(ctx) })
	}
	for {
		select {
		case <-ctx.Done():
			// The last uses are worth a moment of the shutdown.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			s.report(last, "note last uses", s.uses.flush(last))
			cancel()
			return
		case <-flush.C:
			s.report(ctx, "note last uses", s.uses.flush(ctx))
		case <-clean.C:
			s.report(ctx, "delete expired rows", s.Cleanup(ctx))
		}
	}
}

func (s *Service) report(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		s.core.log.ErrorContext(ctx, "background work failed; it is tried again", "work", what, "err", err)
	}
}
