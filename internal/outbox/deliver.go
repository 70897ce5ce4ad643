package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
)

// outcome is what became of a try to send a letter.
type outcome int

const (
	// kept from the handler: dropped, or unreadable for now.
	kept outcome = iota
	// handed to the handler, whatever it made of it.
	handed
	// blocked: the handler had it, and no letter can be sent for now.
	blocked
	// interrupted: the worker is to stop, and the letter is still to be sent.
	interrupted
)

// deliver sends one letter and records what became of it, unless it was
// interrupted.
func (w *Worker) deliver(ctx context.Context, b *batch, l letter) outcome {
	sending, cancel := outlive(ctx, w.settings.Send, w.settings.Grace)
	defer cancel()
	d, wanted, err := w.open(sending, l)
	switch {
	case err != nil: // our own fault, not the mail server's
		w.retry(ctx, b, l, err, w.settings.MaxBackoff)
		return kept
	case !wanted:
		w.finish(ctx, b, l, outboxmessage.StateDropped, nil)
		return kept
	}
	err = w.handler(sending, d)
	if err != nil && ctx.Err() != nil && !isPermanent(err) {
		return interrupted
	}
	trouble := w.note(ctx, l, err)
	switch {
	case err == nil:
		w.finish(ctx, b, l, outboxmessage.StateSent, nil)
	case isPermanent(err):
		w.finish(ctx, b, l, outboxmessage.StateFailed, err)
	case trouble == none:
		w.retry(ctx, b, l, err, w.settings.MaxBackoff)
	default:
		// Not the letter's fault. It steps behind the others, in case it is
		// what upsets the server, but not far.
		w.retry(ctx, b, l, err, 2*w.settings.MaxProbe)
		if trouble != deferring {
			return blocked
		}
	}
	return handed
}

// open makes the delivery of a letter. It is not wanted if it has no reader,
// or if its token can no longer be redeemed.
func (w *Worker) open(ctx context.Context, l letter) (d mail.Delivery, wanted bool, err error) {
	d = mail.Delivery{ID: l.ID, Letter: l.Letter, Recipient: l.Recipient, Content: l.Content}
	if l.Recipient == "" {
		return d, false, nil
	}
	if l.TokenID == nil {
		return d, true, nil
	}
	// Read as late as can be: the letter may have waited for hours.
	wanted, err = w.db.UserToken.Query().
		Where(usertoken.ID(*l.TokenID), usertoken.ExpiresAtGT(w.now())).Exist(ctx)
	if err != nil || !wanted {
		return d, false, err
	}
	if l.SealedToken == nil || len(*l.SealedToken) == 0 { // ent reads NULL as a pointer to nothing
		return d, false, errors.New("the letter has no token")
	}
	token, _, err := w.root.Open(sealLabel, *l.SealedToken, l.ID[:])
	d.Token = string(token)
	return d, true, err
}

// finish records that nothing more is to be done about a letter, and erases
// its token, unless an operator may have it tried again.
func (w *Worker) finish(ctx context.Context, b *batch, l letter, state outboxmessage.State, cause error) {
	if cause != nil {
		w.log.ErrorContext(ctx, "outbox: an e-mail could not be sent", "id", l.ID, "template", l.Letter, "attempts", l.Attempts+1, "error", cause)
	}
	w.record(ctx, b, l, func(u *ent.OutboxMessageUpdate) {
		u.SetState(state).SetFinishedAt(w.now()).ClearLease()
		if state != outboxmessage.StateFailed {
			u.ClearSealedToken()
		}
		if cause != nil {
			u.SetLastError(cause.Error())
		}
	}, w.counts.finished(state))
}

// retry has a letter tried again, after a wait that grows with each try up to
// limit; or fails it if that has gone on for too long.
func (w *Worker) retry(ctx context.Context, b *batch, l letter, cause error, limit time.Duration) {
	now := w.now()
	if now.Sub(l.CreatedAt) >= w.settings.GiveUp {
		w.finish(ctx, b, l, outboxmessage.StateFailed, fmt.Errorf("given up: %w", cause))
		return
	}
	w.log.WarnContext(ctx, "outbox: an e-mail is tried again later", "id", l.ID, "template", l.Letter, "attempts", l.Attempts+1, "error", cause)
	wait := grown(w.settings.Backoff, l.Attempts, limit)
	w.record(ctx, b, l, func(u *ent.OutboxMessageUpdate) {
		u.SetDueAt(now.Add(wait)).ClearLease().SetLastError(cause.Error())
	}, &w.counts.retried)
}

// record changes a letter's row if the lease still holds it, and counts it. A
// result that cannot be recorded leaves the letter to whoever leases it next.
func (w *Worker) record(ctx context.Context, b *batch, l letter, change func(*ent.OutboxMessageUpdate), count *atomic.Uint64) {
	ctx = context.WithoutCancel(ctx)
	var changed int
	err := w.db.InTx(ctx, func(tx *store.Tx) (err error) {
		u := tx.OutboxMessage.Update().Where(outboxmessage.ID(l.ID), b.held())
		change(u)
		changed, err = u.Save(ctx)
		return err
	})
	switch {
	case err != nil:
		w.log.ErrorContext(ctx, "outbox: the result of sending an e-mail cannot be stored", "id", l.ID, "error", err)
	case changed == 0:
		w.log.WarnContext(ctx, "outbox: sending an e-mail took longer than its lease", "id", l.ID)
	default:
		count.Add(1)
	}
}

// outlive returns a context that ends after limit, and no later than grace
// after ctx does: what is on its way may arrive.
func outlive(ctx context.Context, limit, grace time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return out, func() {
		stop()
		cancel()
	}
}
