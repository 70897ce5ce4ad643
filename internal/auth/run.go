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
			s.report(ctx, "look after kinds of hashes", s.RefreshKinds(ctx))
		}
	}
}

// RefreshKinds is what Run does each minute: it takes over how other processes
// have found passwords hashed, and forgets what no account has any more.
func (s *Service) RefreshKinds(ctx context.Context) error {
	if _, err := s.kinds.sync(ctx); err != nil { // first what was met here is stored
		return err
	}
	if err := s.kinds.forget(ctx); err != nil {
		return err
	}
	_, err := s.kinds.sync(ctx)
	return err
}

func (s *Service) report(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		s.core.log.ErrorContext(ctx, "background work failed; it is tried again", "work", what, "err", err)
	}
}
