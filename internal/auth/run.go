package auth

import (
	"context"
	"sync"
	"time"
)

// Run does the background work until ctx ends: it listens for changes by other
// processes, writes last uses, takes new signing keys into use and deletes
// expired rows. It logs failures and never stops for one.
func (s *Service) Run(ctx context.Context) {
	flush, clean := time.NewTicker(flushEvery), time.NewTicker(cleanupEvery)
	defer flush.Stop()
	defer clean.Stop()
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { s.keys.Run(ctx) }) // on its own: deleting a million rows must not delay it
	beside.Go(func() { s.reseal(ctx) })
	if s.holders.watch != nil {
		beside.Go(func() { s.holders.watch.Run(ctx) })
	}
	for {
		select {
		case <-ctx.Done():
			// Waiting last uses get one second of the shutdown.
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

// RefreshKinds is what Run does each minute. It takes over which kinds of
// password hashes other processes have found, and forgets those that no account
// has.
func (s *Service) RefreshKinds(ctx context.Context) error {
	if _, err := s.kinds.sync(ctx); err != nil { // store what this process has met first
		return err
	}
	if err := s.kinds.forget(ctx); err != nil {
		return err
	}
	_, err := s.kinds.sync(ctx)
	return err
}

// reseal seals keys of authenticator apps anew, until that has worked once.
func (s *Service) reseal(ctx context.Context) {
	again := time.NewTicker(cleanupEvery)
	defer again.Stop()
	for {
		_, err := s.ResealFactors(ctx)
		if s.report(ctx, "seal keys of authenticator apps anew", err); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// ResealFactors is what Run does once: after the secret was replaced, it seals
// anew what the one before had sealed, and says how many keys of authenticator
// apps those were.
func (s *Service) ResealFactors(ctx context.Context) (int, error) { return s.factors.resealAll(ctx) }

// AppsUnderPrevious counts the keys of authenticator apps that only a previous
// secret opens. They are lost if that is taken away.
func (s *Service) AppsUnderPrevious(ctx context.Context) (int, error) {
	return s.factors.underPrevious(ctx)
}

func (s *Service) report(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		s.core.log.ErrorContext(ctx, "background work failed; it is tried again", "work", what, "err", err)
	}
}
