package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/signingkey"
	"github.com/authgraph/authgraph/internal/accesstoken"
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
		if row.RetiresAt != nil {
			retires := row.RetiresAt.UTC()
			keys[i].RetiresAt = &retires
		}
	}
	return keys, nil
}

// RotateKeys makes a new signing key on the operator's behalf. It is published
// at once and signs once everybody has had time to notice; the others retire
// after the last token they signed has ended. If they are compromised the new
// one signs at once and the others are deleted: every access token is then
// refused, here with the next request and by other processes within 250
// milliseconds, and clients refresh. Services that verify by JWKS alone believe
// the old keys for as long as they keep them.
func (s *Service) RotateKeys(ctx context.Context, compromised bool) error {
	lead := s.keys.lead()
	if compromised {
		lead = 0
	}
	always := func([]*ent.SigningKey) bool { return true }
	if err := s.keys.rotate(ctx, operatorCaller, lead, always); err != nil {
		return err
	}
	return s.keys.load(ctx, s.tokens)
}

// publishLead is how long a key is published before it signs: longer than
// verifiers and other replicas take to notice it.
const publishLead = 10 * time.Minute

// lead is how long a new key is published before it signs.
func (k *keyStore) lead() time.Duration {
	if k.age > 0 {
		return min(publishLead, k.age/2)
	}
	return publishLead
}

// due reports that the newest key is too old, or that there is none, as after
// others were found to be compromised by a process of another algorithm.
func (k *keyStore) due(rows []*ent.SigningKey) bool {
	if k.age == 0 {
		return len(rows) == 0
	}
	for _, row := range rows {
		if k.now().Sub(row.CreatedAt) < k.age {
			return false
		}
	}
	return true
}

// rotate makes a new key and has the others retire, if due says so under the
// lock: of several replicas one does it.
func (k *keyStore) rotate(ctx context.Context, c Caller, lead time.Duration, due func([]*ent.SigningKey) bool) error {
	key, err := k.generate() // it may take its time, and must not in the transaction
	generated := func() (*accesstoken.Key, error) { return key, err }
	err = k.store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.Exclusive(ctx, keyLock); err != nil {
			return err
		}
		known, err := k.rows(ctx, tx.Client)
		if err != nil || !due(known) {
			return err
		}
		tx.ChangedAll()
		if err := k.retire(ctx, tx, c, lead); err != nil {
			return err
		}
		_, err = k.create(ctx, tx, c, generated, k.now().Add(lead))
		return err
	})
	if err != nil {
		return fmt.Errorf("rotate signing keys: %w", err)
	}
	return nil
}

// retire ends the keys there are after the last token that they sign, until the
// next one does, has ended. If there is no such time they are deleted, those of
// other algorithms too: a key that retires by the clock is believed until each
// replica's clock says so.
func (k *keyStore) retire(ctx context.Context, tx *store.Tx, c Caller, lead time.Duration) error {
	if lead == 0 {
		if _, err := tx.SigningKey.Delete().Exec(ctx); err != nil {
			return fmt.Errorf("delete signing keys: %w", err)
		}
		return k.record(ctx, tx, c, EventKeyRevoke)
	}
	retires := k.now().Add(lead + k.overlap)
	err := tx.SigningKey.Update().
		Where(signingkey.Algorithm(string(k.algorithm)),
			signingkey.Or(signingkey.RetiresAtIsNil(), signingkey.RetiresAtGT(retires))).
		SetRetiresAt(retires).Exec(ctx)
	if err != nil {
		return fmt.Errorf("retire signing keys: %w", err)
	}
	return nil
}
