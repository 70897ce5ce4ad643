package outbox

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/internal/store"
)

// letter is a leased row as it was before the lease.
type letter = *ent.OutboxMessage

// batch is what a worker holds under one lease.
type batch struct {
	lease   uuid.UUID
	letters []letter
}

// due selects the letters that anyone may take.
func due(now time.Time) predicate.OutboxMessage {
	return outboxmessage.And(outboxmessage.StateEQ(outboxmessage.StateWaiting), outboxmessage.DueAtLTE(now))
}

// held selects the letters under a lease.
func (b *batch) held() predicate.OutboxMessage {
	return outboxmessage.And(outboxmessage.StateEQ(outboxmessage.StateWaiting), outboxmessage.LeaseEQ(b.lease))
}

// claim leases letters. The UPDATE decides who has a letter: it moves due_at
// ahead, and takes a row only while that is past. When nothing is due it only
// reads.
func (w *Worker) claim(ctx context.Context, n share) (*batch, error) {
	waiting, err := w.waiting(ctx)
	if err != nil || !waiting {
		return &batch{}, err
	}
	// Not cut off by ctx: a lease whose commit is in doubt would hold its
	// letters until it ends.
	ctx = context.WithoutCancel(ctx)
	var b *batch
	err = w.db.InTx(ctx, func(tx *store.Tx) error {
		b = &batch{lease: uuid.New()}
		now := w.now()
		rows, err := w.choose(ctx, tx, n, now)
		if err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]uuid.UUID, len(rows))
		for i, row := range rows {
			ids[i] = row.ID
		}
		taken, err := tx.OutboxMessage.Update().Where(outboxmessage.IDIn(ids...), due(now)).
			SetLease(b.lease).SetDueAt(now.Add(w.settings.Lease)).AddAttempts(1).Save(ctx)
		if err != nil {
			return err
		}
		if taken != len(rows) { // the rows were locked; whoever changed them is no worker
			return fmt.Errorf("leased %d of %d letters", taken, len(rows))
		}
		b.letters = rows
		return nil
	})
	if err != nil {
		return &batch{}, fmt.Errorf("lease letters: %w", err)
	}
	return b, nil
}

// choose selects the letters to lease: what was never tried before what is tried
// again, and of the former what is not avoided before what is; then those due
// longest.
func (w *Worker) choose(ctx context.Context, tx *store.Tx, n share, now time.Time) (rows []letter, err error) {
	never, again := outboxmessage.AttemptsEQ(0), outboxmessage.AttemptsGT(0)
	classes := []predicate.OutboxMessage{never, again}
	if avoided := w.avoided(now); avoided != nil {
		classes = []predicate.OutboxMessage{
			outboxmessage.And(never, outboxmessage.Not(avoided)), outboxmessage.And(never, avoided), again,
		}
	}
	for i, class := range classes {
		left := n.letters - len(rows)
		if i == len(classes)-1 {
			left = min(left, n.again)
		}
		if left == 0 {
			break
		}
		q := tx.OutboxMessage.Query().Where(due(now), class).Order(outboxmessage.ByDueAt(), outboxmessage.ByID()).Limit(left)
		if w.db.Postgres() { // workers take different letters instead of queueing for the same
			q = q.ForUpdate(sql.WithLockAction(sql.SkipLocked))
		}
		more, err := q.All(ctx)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// avoided selects the letters that others go before.
func (w *Worker) avoided(now time.Time) predicate.OutboxMessage {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.circuit.avoided.letters(now)
}

// waiting asks whether any letter is due: a database that has vanished must not
// hold the worker for good.
func (w *Worker) waiting(ctx context.Context) (bool, error) {
	ctx, cancel := w.db.Bound(ctx)
	defer cancel()
	found, err := w.db.OutboxMessage.Query().Where(due(w.now())).Exist(ctx)
	if err != nil {
		return false, fmt.Errorf("look for letters: %w", err)
	}
	return found, nil
}

// release gives back letters of a batch that were not sent. They are due from
// when they were enqueued, so that they come first.
func (w *Worker) release(ctx context.Context, b *batch, ids []uuid.UUID) error {
	if len(ids) == 0 {
		return nil
	}
	ctx = context.WithoutCancel(ctx) // also, and above all, when the worker stops
	err := w.db.InTx(ctx, func(tx *store.Tx) error {
		return tx.OutboxMessage.Update().Where(outboxmessage.IDIn(ids...), b.held()).ClearLease().AddAttempts(-1).
			Modify(func(u *sql.UpdateBuilder) { u.Set(outboxmessage.FieldDueAt, sql.Expr(outboxmessage.FieldCreatedAt)) }).
			Exec(ctx)
	})
	if err != nil {
		return fmt.Errorf("release letters: %w", err)
	}
	return nil
}
