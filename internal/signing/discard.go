package signing

import (
	"context"
	"errors"
	"fmt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/store"
)

// ErrNotLost says that the secret is not lost.
var ErrNotLost = errors.New("AUTHGRAPH_SECRET or AUTHGRAPH_SECRET_PREVIOUS opens a signing key that is in use, so the secret is not lost; use keys rotate")

// Lost returns ErrNotLost if a configured secret opens a key that is in use.
func (k *Keys) Lost(ctx context.Context) error {
	return k.lost(ctx, k.o.Store.Client)
}

func (v vault) lost(ctx context.Context, client *ent.Client) error {
	rows, err := v.rows(ctx, client)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, _, err := v.unseal(row); err == nil {
			return ErrNotLost
		}
	}
	return nil
}

// Discard deletes all keys and makes a new one that signs at once. It returns
// ErrNotLost if a configured secret opens a key in use. It works without Open,
// which refuses keys that no secret opens.
func (k *Keys) Discard(ctx context.Context, record Record) error {
	key, err := k.generate() // it may take long, so not in the transaction
	generated := func() (*accesstoken.Key, error) { return key, err }
	return k.o.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.Exclusive(ctx, keyLock); err != nil {
			return err
		}
		if err := k.lost(ctx, tx.Client); err != nil {
			return err
		}
		if _, err := tx.SigningKey.Delete().Exec(ctx); err != nil {
			return fmt.Errorf("delete signing keys: %w", err)
		}
		if err := record(ctx, tx, Discarded); err != nil {
			return err
		}
		tx.ChangedAll()
		_, err := k.create(ctx, tx, record, generated, k.o.Now())
		return err
	})
}
