package signing

import (
	"context"
	"fmt"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/predicate"
	"github.com/authgraph/authgraph/ent/signingkey"
	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/store"
)

// Key is a key as the operator sees it.
type Key struct {
	ID        string     `json:"id"`
	Algorithm string     `json:"algorithm"`
	CreatedAt time.Time  `json:"createdAt"`
	SignsFrom time.Time  `json:"signsFrom"`
	RetiresAt *time.Time `json:"retiresAt"`
}

// List returns the keys of every algorithm that have not retired, in the order
// in which they sign.
func (k *Keys) List(ctx context.Context) ([]Key, error) {
	rows, err := k.o.Store.SigningKey.Query().
		Where(signingkey.Or(signingkey.RetiresAtIsNil(), signingkey.RetiresAtGT(k.o.Now()))).
		Order(signingkey.BySignsFrom(), signingkey.ByID()).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list signing keys: %w", err)
	}
	keys := make([]Key, len(rows))
	for i, row := range rows {
		keys[i] = Key{row.ID, row.Algorithm, row.CreatedAt.UTC(), row.SignsFrom.UTC(), row.RetiresAt}
		if row.RetiresAt != nil {
			retires := row.RetiresAt.UTC()
			keys[i].RetiresAt = &retires
		}
	}
	return keys, nil
}

// Rotate makes a new signing key. It is published at once, and it signs after
// every replica and verifier has had time to notice it. The other keys retire
// after the last token that they signed.
//
// If the keys are compromised, the new key signs at once and the others are
// deleted. Every access token is then refused: by this process at the next
// request, by other processes within 250 milliseconds. Clients refresh.
// Services that verify with the JWKS alone trust the old keys for as long as
// they cache them.
func (k *Keys) Rotate(ctx context.Context, record Record, compromised bool) error {
	lead := k.lead()
	if compromised {
		lead = 0
	}
	always := func([]*ent.SigningKey) bool { return true }
	if err := k.rotate(ctx, record, lead, always); err != nil {
		return err
	}
	return k.load(ctx)
}

// PublishLead is how long a key is published before it signs. Verifiers and
// other replicas need less time to notice it.
const PublishLead = 10 * time.Minute

// lead is how long a new key is published before it signs.
func (v vault) lead() time.Duration {
	if v.o.Age > 0 {
		return min(PublishLead, v.o.Age/2)
	}
	return PublishLead
}

// due reports that the newest key is too old, or that no key is left. The
// latter happens when a process with another algorithm removed the keys or made
// them retire.
func (k *Keys) due(rows []*ent.SigningKey) bool {
	for _, row := range rows {
		if k.lasting(row) && (k.o.Age == 0 || k.o.Now().Sub(row.CreatedAt) < k.o.Age) {
			return false
		}
	}
	return true
}

// rotate makes a new key and makes the others retire, if due still says so
// under the lock. So only one of several replicas does it.
func (k *Keys) rotate(ctx context.Context, record Record, lead time.Duration, due func([]*ent.SigningKey) bool) error {
	key, err := k.generate() // it may take long, so not in the transaction
	generated := func() (*accesstoken.Key, error) { return key, err }
	err = k.o.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.Exclusive(ctx, keyLock); err != nil {
			return err
		}
		known, err := k.rows(ctx, tx.Client)
		if err != nil || !due(known) {
			return err
		}
		if err := k.opens(known); err != nil { // encrypted with another secret by now: a new key of ours would be of no use to others
			return err
		}
		tx.ChangedAll()
		if err := k.retire(ctx, tx, record, lead); err != nil {
			return err
		}
		_, err = k.create(ctx, tx, record, generated, k.o.Now().Add(lead))
		return err
	})
	if err != nil {
		return fmt.Errorf("rotate signing keys: %w", err)
	}
	return nil
}

// retire gives the present keys an end: after the last token that they sign
// until the new key signs. If the new key signs at once, they are deleted,
// those of other algorithms too. A key with an end in the past would not be
// enough: each replica would trust it until its own clock says so.
func (v vault) retire(ctx context.Context, tx *store.Tx, record Record, lead time.Duration) error {
	if lead == 0 {
		if _, err := tx.SigningKey.Delete().Exec(ctx); err != nil {
			return fmt.Errorf("delete signing keys: %w", err)
		}
		return record(ctx, tx, Revoked)
	}
	return v.retireAt(ctx, tx, v.o.Now().Add(lead+v.overlap()), signingkey.Algorithm(string(v.o.Tokens.Algorithm)))
}

// retireOthers gives an end to the keys of other algorithms. It leaves time to
// restart replicas that still sign with them.
func (v vault) retireOthers(ctx context.Context, tx *store.Tx) error {
	return v.retireAt(ctx, tx, v.o.Now().Add(v.lead()+v.overlap()),
		signingkey.AlgorithmNEQ(string(v.o.Tokens.Algorithm)), signingkey.RetiresAtIsNil())
}

// retireAt gives keys an end, unless they end earlier.
func (v vault) retireAt(ctx context.Context, tx *store.Tx, at time.Time, which ...predicate.SigningKey) error {
	err := tx.SigningKey.Update().Where(which...).
		Where(signingkey.Or(signingkey.RetiresAtIsNil(), signingkey.RetiresAtGT(at))).
		SetRetiresAt(at).Exec(ctx)
	if err != nil {
		return fmt.Errorf("retire signing keys: %w", err)
	}
	return nil
}

// overlap is how long the tokens of a key live after it stops signing.
func (v vault) overlap() time.Duration { return max(v.o.AccessTTL, 15*time.Minute) + time.Minute }
