package auth

import (
	"context"
	"time"

	"github.com/authgraph/authgraph/ent/auditevent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/ent/throttle"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/store"
)

const (
	// cleanupBatch is how many expired rows one transaction deletes.
	cleanupBatch = 1000
	cleanupEvery = time.Minute
	// keepLetters is how long sent, dropped and failed e-mails are kept, so
	// that an operator can see what happened to them.
	keepLetters = 7 * day
)

// cleaning deletes expired rows.
type cleaning struct {
	*core
	auditTTL time.Duration // 0 means that events are kept for ever
}

// Cleanup deletes expired rows in batches. Each batch is a short transaction,
// so that no request waits long for it. Two replicas may run it at once.
func (f *cleaning) Cleanup(ctx context.Context) error {
	batches := []func(context.Context, *store.Tx) (int, error){f.expireTokens, f.expireThrottles, f.expireEvents, f.expireBeginnings}
	for _, done := range []outboxmessage.State{outboxmessage.StateSent, outboxmessage.StateDropped, outboxmessage.StateFailed} {
		batches = append(batches, func(ctx context.Context, tx *store.Tx) (int, error) { return f.expireLetters(ctx, tx, done) })
	}
	for _, batch := range batches {
		for n := cleanupBatch; n == cleanupBatch; {
			err := f.store.InTx(ctx, func(tx *store.Tx) (err error) {
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

// expireTokens deletes sessions, API tokens and mailed tokens. This also
// deletes sign-ups that were never confirmed.
func (f *cleaning) expireTokens(ctx context.Context, tx *store.Tx) (int, error) {
	now := f.now()
	ids, err := tx.UserToken.Query().Where(usertoken.ExpiresAtLT(now)).
		Order(usertoken.ByExpiresAt()).Limit(cleanupBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, wrap("find expired tokens", err)
	}
	// A replica with a slower clock may have refreshed a session since we read
	// it.
	_, err = tx.UserToken.Delete().Where(usertoken.IDIn(ids...), usertoken.ExpiresAtLT(now)).Exec(ctx)
	return len(ids), wrap("delete expired tokens", err)
}

// expireBeginnings deletes authenticator apps that were never confirmed.
func (f *cleaning) expireBeginnings(ctx context.Context, tx *store.Tx) (int, error) {
	ids, err := tx.Factor.Query().Where(factor.ConfirmedAtIsNil(), factor.CreatedAtLT(f.now().Add(-pendingTotp))).
		Order(factor.ByConfirmedAt(), factor.ByCreatedAt()).Limit(cleanupBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, wrap("find beginnings of authenticator apps", err)
	}
	_, err = tx.Factor.Delete().Where(factor.IDIn(ids...), factor.ConfirmedAtIsNil()).Exec(ctx)
	return len(ids), wrap("delete beginnings of authenticator apps", err)
}

func (f *cleaning) expireThrottles(ctx context.Context, tx *store.Tx) (int, error) {
	now := f.now()
	ids, err := tx.Throttle.Query().Where(throttle.ForgottenAtLT(now)).
		Order(throttle.ByForgottenAt()).Limit(cleanupBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, wrap("find forgotten attempts", err)
	}
	// A counter may have been used again since we read it.
	_, err = tx.Throttle.Delete().Where(throttle.IDIn(ids...), throttle.ForgottenAtLT(now)).Exec(ctx)
	return len(ids), wrap("delete forgotten attempts", err)
}

// expireEvents deletes old events of the audit log.
func (f *cleaning) expireEvents(ctx context.Context, tx *store.Tx) (int, error) {
	if f.auditTTL == 0 {
		return 0, nil
	}
	ids, err := tx.AuditEvent.Query().Where(auditevent.AtLT(f.now().Add(-f.auditTTL))).
		Order(auditevent.ByAt()).Limit(cleanupBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, wrap("find old audit events", err)
	}
	_, err = tx.AuditEvent.Delete().Where(auditevent.IDIn(ids...)).Exec(ctx)
	return len(ids), wrap("delete old audit events", err)
}

func (f *cleaning) expireLetters(ctx context.Context, tx *store.Tx, done outboxmessage.State) (int, error) {
	ids, err := tx.OutboxMessage.Query().
		Where(outboxmessage.StateEQ(done), outboxmessage.FinishedAtLT(f.now().Add(-keepLetters))).
		Order(outboxmessage.ByFinishedAt()).Limit(cleanupBatch).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return 0, wrap("find old letters", err)
	}
	_, err = tx.OutboxMessage.Delete().Where(outboxmessage.IDIn(ids...)).Exec(ctx)
	return len(ids), wrap("delete old letters", err)
}
