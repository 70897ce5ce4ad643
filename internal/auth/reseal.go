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
	err = p.eachKey(ctx, func(row *ent.Factor, key []byte, current bool) error {
		if key == nil || current {
			return nil
		}
		resealed++
		return p.reseal(ctx, row, key)
	})
	return resealed, err
}

// underPrevious counts the keys of authenticator apps that only a previous secret
// opens.
func (p *secondFactors) underPrevious(ctx context.Context) (n int, err error) {
	if !p.secret.HasPrevious() {
		return 0, nil
	}
	err = p.eachKey(ctx, func(_ *ent.Factor, key []byte, current bool) error {
		if key != nil && !current {
			n++
		}
		return nil
	})
	return n, err
}

// unopenable counts the authenticator apps whose keys no secret opens.
func (p *secondFactors) unopenable(ctx context.Context) (n int, err error) {
	err = p.eachKey(ctx, func(row *ent.Factor, key []byte, _ bool) error {
		if key == nil && row.ConfirmedAt != nil {
			n++
		}
		return nil
	})
	return n, err
}

// eachKey calls do with every authenticator app and its key, which is nil if no
// secret opens it. current says that the current secret does.
func (p *secondFactors) eachKey(ctx context.Context, do func(row *ent.Factor, key []byte, current bool) error) error {
	for last := uuid.Nil; ; {
		rows, err := p.store.Factor.Query().Where(factor.IDGT(last), factor.SealedNotNil()).Order(factor.ByID()).Limit(cleanupBatch).All(ctx)
		if err != nil {
			return fmt.Errorf("list keys of authenticator apps: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		for _, row := range rows {
			key, current, err := p.secret.Open(totpLabel, row.Sealed, row.ID[:])
			if err != nil && !errors.Is(err, secret.ErrUnopenable) {
				return fmt.Errorf("open the key of an authenticator app: %w", err)
			}
			if err := do(row, key, current); err != nil {
				return err
			}
			last = row.ID
		}
	}
}

func (p *secondFactors) reseal(ctx context.Context, row *ent.Factor, key []byte) error {
	sealed, err := p.secret.Seal(totpLabel, key, row.ID[:])
	if err != nil {
		return fmt.Errorf("seal the key of an authenticator app: %w", err)
	}
	return p.store.InTx(ctx, func(tx *store.Tx) error {
		return tx.Factor.Update().Where(factor.ID(row.ID)).SetSealed(sealed).Exec(ctx)
	})
}
