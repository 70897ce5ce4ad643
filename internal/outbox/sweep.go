package outbox

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/internal/store"
)

// Counts are what a worker has done since it began, for metrics.
type Counts struct {
	// Sent, Dropped and Failed letters are done with. A rise of Failed is a
	// reason to wake somebody.
	Sent, Dropped, Failed uint64
	// Retried counts tries that are to be repeated.
	Retried uint64
	// Down says that letters do not get through at present.
	Down bool
}

type counters struct {
	sent, dropped, failed, retried atomic.Uint64
	down                           atomic.Bool
}

// finished is the counter of letters that are done with.
func (c *counters) finished(state outboxmessage.State) *atomic.Uint64 {
	switch state {
	case outboxmessage.StateSent:
		return &c.sent
	case outboxmessage.StateDropped:
		return &c.dropped
	default:
		return &c.failed
	}
}

// Counts returns the counters of this worker.
func (w *Worker) Counts() Counts {
	return Counts{
		Sent: w.counts.sent.Load(), Dropped: w.counts.dropped.Load(), Failed: w.counts.failed.Load(),
		Retried: w.counts.retried.Load(), Down: w.counts.down.Load(),
	}
}

// Backlog tells how many letters wait, and since when the oldest does; the
// time is zero when none waits. It concerns all workers of the database.
func (o *Outbox) Backlog(ctx context.Context) (waiting int, oldest time.Time, err error) {
	var rows []struct {
		Count int          `json:"count"`
		Min   sql.NullTime `json:"min"`
	}
	err = o.db.OutboxMessage.Query().Where(outboxmessage.StateEQ(outboxmessage.StateWaiting)).
		Aggregate(ent.Count(), ent.Min(outboxmessage.FieldCreatedAt)).Scan(ctx, &rows)
	if err != nil || len(rows) == 0 || !rows[0].Min.Valid {
		return 0, time.Time{}, err
	}
	return rows[0].Count, rows[0].Min.Time.UTC(), nil
}

// DeleteFinished deletes up to limit letters that were done with before a
// time, and says how many. Call it again while it returns limit.
func (o *Outbox) DeleteFinished(ctx context.Context, before time.Time, limit int) (deleted int, err error) {
	err = o.db.InTx(ctx, func(tx *store.Tx) error {
		q := tx.OutboxMessage.Query().Where(
			outboxmessage.StateIn(outboxmessage.StateSent, outboxmessage.StateDropped, outboxmessage.StateFailed),
			outboxmessage.FinishedAtLT(before),
		).Limit(limit)
		if o.db.Postgres() { // two replicas delete different rows, and do not deadlock
			q = q.ForUpdate(entsql.WithLockAction(entsql.SkipLocked))
		}
		ids, err := q.IDs(ctx)
		if err != nil {
			return err
		}
		deleted, err = tx.OutboxMessage.Delete().Where(outboxmessage.IDIn(ids...)).Exec(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("delete finished letters: %w", err)
	}
	return deleted, nil
}

// DropSealed drops the letters that wait with a token, or failed, up to limit of
// them: those that no secret opens would be tried in vain for a day. Call it again while it
// returns limit.
func (o *Outbox) DropSealed(ctx context.Context, limit int) (dropped int, err error) {
	err = o.db.InTx(ctx, func(tx *store.Tx) error {
		ids, err := tx.OutboxMessage.Query().
			Where(outboxmessage.StateIn(outboxmessage.StateWaiting, outboxmessage.StateFailed), outboxmessage.SealedTokenNotNil()).
			Limit(limit).IDs(ctx)
		if err != nil {
			return err
		}
		dropped, err = tx.OutboxMessage.Update().
			Where(outboxmessage.IDIn(ids...), outboxmessage.StateIn(outboxmessage.StateWaiting, outboxmessage.StateFailed)).
			SetState(outboxmessage.StateDropped).SetFinishedAt(o.now()).ClearSealedToken().ClearLease().Save(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("drop letters: %w", err)
	}
	return dropped, nil
}
