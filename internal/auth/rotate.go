package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/signingkey"
	"github.com/authgraph/authgraph/internal/store"
)

// SigningKey is a key as the operator sees it.
type SigningKey struct {
	ID        string     `json:"id"`
	Algorithm string     `json:"algorithm"`
	CreatedAt time.Time  `json:"createdAt"`
	SignsFrom time.Time  `json:"signsFrom"`
	RetiresAt *time.Time `json:"retiresAt"`
}

// SigningKeys lists the keys of every algorithm that have not retired, in the
// order in which they sign.
func (s *Service) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	rows, err := s.store.SigningKey.Query().
		Where(signingkey.Or(signingkey.RetiresAtIsNil(), signingkey.RetiresAtGT(s.now()))).
		Order(signingkey.BySignsFrom(), signingkey.ByID()).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list signing keys: %w", err)
	}
	keys := make([]SigningKey, len(rows))
	for i, row := range rows {
		keys[i] = SigningKey{row.ID, row.Algorithm, row.CreatedAt.UTC(), row.SignsFrom.UTC(), row.RetiresAt}
	}
	return keys, nil
}

// RotateKeys makes a new signing key on the operator's behalf. It is published
// at once and signs once everybody has had time to notice; the others retire
// after the last token they signed has ended. If they are compromised the new
// one signs at once and the others retire at once: every access token is then
// refused, and clients refresh.
func (s *Service) RotateKeys(ctx context.Context, compromised bool) error {
	lead := s.keys.lead()
	if compromised {
		lead = 0
	}
	always := func([]*ent.SigningKey) bool { return true }
	rows, err := s.keys.rotate(ctx, operatorCaller, lead, always)
	if err != nil {
		return err
	}
	ring, err := s.keys.ring(rows)
	if err != nil {
		return err
	}
	return s.tokens.Replace(ring)
}

// lead is how long a new key is published before it signs.
func (k *keyStore) lead() time.Duration {
	if k.age > 0 {
		return min(publishLead, k.age/2)
	}
	return publishLead
}

// due reports that the newest key is too old.
func (k *keyStore) due(rows []*ent.SigningKey) bool {
	if k.age == 0 {
		return false
	}
	for _, row := range rows {
		if k.now().Sub(row.CreatedAt) < k.age {
			return false
		}
	}
	return true
}

// rotate makes a new key and has the others retire, if due says so under the
// lock: of several replicas one does it. It returns the keys as they are then.
func (k *keyStore) rotate(ctx context.Context, c Caller, lead time.Duration, due func([]*ent.SigningKey) bool) ([]*ent.SigningKey, error) {
	var rows []*ent.SigningKey
	err := k.store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.Exclusive(ctx, keyLock); err != nil {
			return err
		}
		known, err := k.rows(ctx, tx.Client)
		if err != nil {
			return err
		}
		if due(known) {
			if err := k.succeed(ctx, tx, c, lead); err != nil {
				return err
			}
		}
		rows, err = k.rows(ctx, tx.Client)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("rotate signing keys: %w", err)
	}
	return rows, nil
}

// succeed makes the key that takes over from all others.
func (k *keyStore) succeed(ctx context.Context, tx *store.Tx, c Caller, lead time.Duration) error {
	now := k.now()
	retires := now.Add(lead + k.overlap)
	if lead == 0 {
		retires = now
	}
	err := tx.SigningKey.Update().
		Where(signingkey.Or(signingkey.RetiresAtIsNil(), signingkey.RetiresAtGT(retires))).
		SetRetiresAt(retires).Exec(ctx)
	if err != nil {
		return fmt.Errorf("retire signing keys: %w", err)
	}
	if _, err := k.create(ctx, tx, now.Add(lead)); err != nil {
		return err
	}
	return k.record(ctx, tx, c)
}
