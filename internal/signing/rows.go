package signing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/signingkey"
	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/store"
)

const (
	// keyLock prevents that two replicas make the same key.
	keyLock = 0x617574686b657973
	// sealLabel names the derived key that encrypts the signing keys.
	sealLabel = "signing key"
)

// vault is the keys in the database, encrypted.
type vault struct{ o Options }

// rows are the keys of every algorithm that have not retired, in the order in
// which they sign.
func (v vault) rows(ctx context.Context, client *ent.Client) ([]*ent.SigningKey, error) {
	rows, err := client.SigningKey.Query().
		Where(signingkey.Or(signingkey.RetiresAtIsNil(), signingkey.RetiresAtGT(v.o.Now()))).
		Order(signingkey.BySignsFrom(), signingkey.ByID()).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	return rows, nil
}

// signs reports that a key has the configured algorithm. Keys of other
// algorithms only verify what they signed before the setting was changed.
func (v vault) signs(row *ent.SigningKey) bool { return row.Algorithm == string(v.o.Tokens.Algorithm) }

// lasting reports that a key signs, now or later, and that no other key is to
// replace it.
func (v vault) lasting(row *ent.SigningKey) bool { return v.signs(row) && row.RetiresAt == nil }

// ring decrypts the keys. Of the keys with the configured algorithm, the newest
// one whose time has come signs.
func (v vault) ring(rows []*ent.SigningKey) (*accesstoken.Keyring, error) {
	signing := slices.IndexFunc(rows, v.signs)
	if signing < 0 {
		return nil, errors.New("there is no signing key of the configured algorithm")
	}
	keys, now := make([]*accesstoken.Key, len(rows)), v.o.Now()
	for i, row := range rows {
		der, _, err := v.unseal(row)
		if err != nil {
			return nil, err
		}
		if keys[i], err = accesstoken.ParseKey(row.Algorithm, row.ID, der); err != nil {
			return nil, fmt.Errorf("signing key %s: %w", row.ID, err)
		}
		if v.signs(row) && !row.SignsFrom.After(now) {
			signing = i
		}
	}
	others := slices.Concat(keys[:signing], keys[signing+1:])
	return accesstoken.NewKeyring(keys[signing], others...)
}

func (v vault) generate() (*accesstoken.Key, error) {
	return accesstoken.Generate(v.o.Tokens.Algorithm)
}

// create stores a key and records it.
func (v vault) create(ctx context.Context, tx *store.Tx, record Record, generated func() (*accesstoken.Key, error), signsFrom time.Time) (*ent.SigningKey, error) {
	key, err := generated()
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	der, err := key.Marshal()
	if err != nil {
		return nil, fmt.Errorf("encode a signing key: %w", err)
	}
	sealed, err := v.o.Secret.Seal(sealLabel, der, []byte(key.ID()))
	if err != nil {
		return nil, fmt.Errorf("seal a signing key: %w", err)
	}
	row, err := tx.SigningKey.Create().SetID(key.ID()).SetAlgorithm(string(v.o.Tokens.Algorithm)).SetSealed(sealed).
		SetCreatedAt(v.o.Now()).SetSignsFrom(signsFrom).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store a signing key: %w", err)
	}
	return row, record(ctx, tx, Created)
}

// unseal decrypts a key. present says whether the present secret did it; if
// not, the key should be encrypted again.
func (v vault) unseal(row *ent.SigningKey) (der []byte, present bool, err error) {
	der, present, err = v.o.Secret.Open(sealLabel, row.Sealed, []byte(row.ID))
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrSecret, err)
	}
	return der, present, nil
}

// opens returns an error if there is a key that no secret opens.
func (v vault) opens(rows []*ent.SigningKey) error {
	for _, row := range rows {
		if _, _, err := v.unseal(row); err != nil {
			return err
		}
	}
	return nil
}

// sealAnew encrypts with the present secret what the previous one had
// encrypted, so that the previous one can be removed.
func (v vault) sealAnew(ctx context.Context, tx *store.Tx) error {
	rows, err := v.rows(ctx, tx.Client)
	if err != nil {
		return err
	}
	for _, row := range rows {
		der, present, err := v.unseal(row)
		if err != nil {
			return err
		}
		if present {
			continue
		}
		sealed, err := v.o.Secret.Seal(sealLabel, der, []byte(row.ID))
		if err != nil {
			return fmt.Errorf("seal a signing key: %w", err)
		}
		if err := tx.SigningKey.UpdateOneID(row.ID).SetSealed(sealed).Exec(ctx); err != nil {
			return fmt.Errorf("store a signing key sealed anew: %w", err)
		}
	}
	return nil
}
