package outbox

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/internal/store"
)

// List returns letters in a state, the newest first. Rows that send nothing are
// left out: they are there only so that the work is the same.
func (o *Outbox) List(ctx context.Context, state string, limit int) ([]*ent.OutboxMessage, error) {
	q := o.db.OutboxMessage.Query().Where(outboxmessage.RecipientNEQ(""))
	if state != "" {
		if err := outboxmessage.StateValidator(outboxmessage.State(state)); err != nil {
			return nil, err
		}
		q = q.Where(outboxmessage.StateEQ(outboxmessage.State(state)))
	}
	rows, err := q.Order(ent.Desc(outboxmessage.FieldID)).Limit(limit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list letters: %w", err)
	}
	return rows, nil
}

// Retry has letters that failed tried again at once: these, or all if none is
// named. It returns how many there were. One whose token is no longer good is
// then dropped, as ever.
func (o *Outbox) Retry(ctx context.Context, ids ...uuid.UUID) (retried int, err error) {
	err = o.db.InTx(ctx, func(tx *store.Tx) error {
		u := tx.OutboxMessage.Update().Where(outboxmessage.StateEQ(outboxmessage.StateFailed))
		if len(ids) > 0 {
			u = u.Where(outboxmessage.IDIn(ids...))
		}
		retried, err = u.SetState(outboxmessage.StateWaiting).SetDueAt(o.now()).SetAttempts(0).ClearFinishedAt().ClearLease().Save(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("retry letters: %w", err)
	}
	o.Wake()
	return retried, nil
}
