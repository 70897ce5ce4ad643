package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// sealLabel names the key that tokens are sealed with while they wait.
const sealLabel = "outbox"

// Message is a letter to enqueue.
type Message struct {
	// Letter is the name of the letter.
	Letter string
	// Recipient is the canonical address. An empty one makes a row that sends
	// nothing: a request about an unknown address then costs what one about a
	// known address does, if it gives content and a decoy token as well.
	Recipient string
	// Content is what the letter tells, marshalled to JSON. It is stored as it
	// is and must hold no secret.
	Content any
	// Token is the letter's token in the clear; stored sealed, and only until
	// the letter is done with. TokenID is its UserToken: the letter is dropped
	// when that is gone. Both are given or neither.
	Token   string
	TokenID uuid.UUID
}

// Outbox takes letters. It is safe for concurrent use.
type Outbox struct {
	db   *store.Store
	root *secret.Root
	now  func() time.Time
	wake chan struct{}
}

// New returns the outbox of a database. Tokens are sealed under root.
func New(db *store.Store, root *secret.Root, now func() time.Time) *Outbox {
	return &Outbox{db: db, root: root, now: now, wake: make(chan struct{}, 1)}
}

// Enqueue writes a letter in the caller's transaction, and has a Worker of this
// process look for it once that has committed. Errors quote nothing of the
// letter.
func (o *Outbox) Enqueue(ctx context.Context, tx *store.Tx, m Message) error {
	if (m.Token == "") != (m.TokenID == uuid.Nil) {
		return errors.New("enqueue letter: a token needs its id, and an id its token")
	}
	content, err := json.Marshal(m.Content)
	if err != nil {
		return errors.New("enqueue letter: its content does not marshal") // the cause may quote it
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("enqueue letter: %w", err)
	}
	now := o.now()
	row := tx.OutboxMessage.Create().SetID(id).SetLetter(m.Letter).SetRecipient(m.Recipient).
		SetContent(content).SetDueAt(now).SetCreatedAt(now)
	if m.Token != "" {
		sealed, err := o.root.Seal(sealLabel, []byte(m.Token), id[:])
		if err != nil {
			return fmt.Errorf("enqueue letter: %w", err)
		}
		row.SetSealedToken(sealed).SetTokenID(m.TokenID)
	}
	if err := row.Exec(ctx); err != nil {
		return fmt.Errorf("enqueue letter: %w", err)
	}
	tx.AfterCommit(o.Wake)
	return nil
}

// Wake has a Worker of this process look for letters at once. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default: // one call is enough for all letters that are due
	}
}
