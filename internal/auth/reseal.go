package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/factor"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// resealAll seals the keys of authenticator apps under the current secret that only
// a previous one opens, so that the previous one can be taken away. It says how many
// those were. Keys that no secret opens stay as they are.
func (p *secondFactors) resealAll(ctx context.Context) (resealed int, err error) {
	if !p.secret.HasPrevious() {
		return 0, nil
	}
	last := uuid.Nil
	for {
		rows, err := p.store.Factor.Query().Where(factor.IDGT(last)).Order(factor.ByID()).Limit(cleanupBatch).All(ctx)
		if err != nil {
			return resealed, fmt.Errorf("list keys of authenticator apps: %w", err)
		}
		if len(rows) == 0 {
			return resealed, nil
		}
		for _, row := range rows {
			done, err := p.reseal(ctx, row)
			if err != nil {
				return resealed, err
			}
			if done {
				resealed++
			}
			last = row.ID
		}
	}
}

func (p *secondFactors) reseal(ctx context.Context, row *ent.Factor) (done bool, err error) {
	key, current, err := p.secret.Open(totpLabel, row.Sealed, row.ID[:])
	if current || errors.Is(err, secret.ErrUnopenable) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("open the key of an authenticator app: %w", err)
	}
	sealed, err := p.secret.Seal(totpLabel, key, row.ID[:])
	if err != nil {
		return false, fmt.Errorf("seal the key of an authenticator app: %w", err)
	}
	err = p.store.InTx(ctx, func(tx *store.Tx) error {
		return tx.Factor.Update().Where(factor.ID(row.ID)).SetSealed(sealed).Exec(ctx)
	})
	return err == nil, err
}
