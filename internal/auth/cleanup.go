package auth

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/ent/throttle"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/store"
)

const (
	// cleanupBatch is how many expired rows a transaction deletes.
	cleanupBatch = 1000
	cleanupEvery = time.Minute
	// keepLetters is how long sent, dropped and failed letters are kept, to
	// look into what became of them.
	keepLetters = 7 * day
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
	beside.Go(func() { s.keys.run(ctx, s.tokens) }) // deleting a million rows must not hold them up
	if s.watch != nil {
		beside.Go(func() { s.watch.Run(ctx) })
	}
	for {
		select {
		case <-ctx.Done():
			// The last uses are worth a moment of the shutdown.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			s.report(last, "note last uses", s.flushUses(last))
			cancel()
			return
		case <-flush.C:
			s.report(ctx, "note last uses", s.flushUses(ctx))
		case <-clean.C:
			s.report(ctx, "delete expired rows", s.Cleanup(ctx))
		}
	}
}

func (s *Service) report(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "background work failed; it is tried again", "work", what, "err", err)
	}
}

// Cleanup deletes expired rows in batches, each its own short transaction, so
// that nobody waits for it. Two replicas may do so at once.
func (s *Service) Cleanup(ctx context.Context) error {
	batches := []func(context.Context, *store.Tx) (int, error){s.expireTokens, s.expireThrottles}
	for _, done := range []outboxmessage.State{outboxmessage.StateSent, outboxmessage.StateDropped, outboxmessage.StateFailed} {
		batches = append(batches, func(ctx context.Context, tx *store.Tx) (int, error) { return s.expireLetters(ctx, tx, done) })
	}
	for _, batch := range batches {
		for n := cleanupBatch; n == cleanupBatch; {
			err := s.store.InTx(ctx, func(tx *store.Tx) (err error) {
				n, err = batch(ctx, tx)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// expireTokens deletes sessions, API tokens, mailed tokens and with them
// sign-ups nobody confirmed.
func (s *Service) expireTokens(ctx context.Context, tx *store.Tx) (int, error) {
	now := s.now()
	ids, err := tx.UserToken.Query().Where(usertoken.ExpiresAtLT(now)).
		Order(usertoken.ByExpiresAt()).Limit(cleanupBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, wrap("find expired tokens", err)
	}
	// By a slower clock, a session may have been refreshed since it was read.
	_, err = tx.UserToken.Delete().Where(usertoken.IDIn(ids...), usertoken.ExpiresAtLT(now)).Exec(ctx)
	return len(ids), wrap("delete expired tokens", err)
}

func (s *Service) expireThrottles(ctx context.Context, tx *store.Tx) (int, error) {
	now := s.now()
	ids, err := tx.Throttle.Query().Where(throttle.ForgottenAtLT(now)).
		Order(throttle.ByForgottenAt()).Limit(cleanupBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, wrap("find forgotten attempts", err)
	}
	// One may have come to life again since it was read.
	_, err = tx.Throttle.Delete().Where(throttle.IDIn(ids...), throttle.ForgottenAtLT(now)).Exec(ctx)
	return len(ids), wrap("delete forgotten attempts", err)
}

func (s *Service) expireLetters(ctx context.Context, tx *store.Tx, done outboxmessage.State) (int, error) {
	ids, err := tx.OutboxMessage.Query().
		Where(outboxmessage.StateEQ(done), outboxmessage.FinishedAtLT(s.now().Add(-keepLetters))).
		Order(outboxmessage.ByFinishedAt()).Limit(cleanupBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, wrap("find old letters", err)
	}
	_, err = tx.OutboxMessage.Delete().Where(outboxmessage.IDIn(ids...)).Exec(ctx)
	return len(ids), wrap("delete old letters", err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
