package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/signingkey"
	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

const (
	// publishLead is how long a key is published before it signs: longer than
	// verifiers and other replicas take to notice it.
	publishLead = 10 * time.Minute
	// keyReload is how often the keys are read anew.
	keyReload = 30 * time.Second
	// unknownKeyReload is how often a token with an unknown key may cause it.
	unknownKeyReload = time.Second
	// keyLock keeps replicas from making the first key twice.
	keyLock = 0x617574686b657973
	// sealLabel names the derived key that signing keys are sealed under.
	sealLabel = "signing key"
)

// ErrSecret says that the secret does not open what is in the database.
var ErrSecret = errors.New("neither AUTHGRAPH_SECRET nor AUTHGRAPH_SECRET_PREVIOUS opens the signing keys in the database")

// keyStore is the signing keys in the database. A key is published first,
// signs later, and retires after the last token it signed has ended.
type keyStore struct {
	store     *store.Store
	secret    *secret.Root
	algorithm accesstoken.Algorithm
	age       time.Duration // a key older than this is replaced; 0 is never
	overlap   time.Duration // how long a key's tokens live after it
	now       func() time.Time
	log       *slog.Logger
	// record writes the audit event of a new key.
	record func(context.Context, *store.Tx, Caller) error

	mu     sync.Mutex
	loaded time.Time
}

func newKeyStore(s *Service, o Options) *keyStore {
	return &keyStore{
		store: o.Store, secret: o.Secret, algorithm: o.Tokens.Algorithm, age: o.KeyAge,
		overlap: max(o.Settings.AccessTTL, 15*time.Minute) + time.Minute,
		now:     s.now, log: o.Log,
		record: func(ctx context.Context, tx *store.Tx, c Caller) error {
			return s.record(ctx, tx, c, happening{event: EventKeyCreate})
		},
	}
}

// open reads the keys at start, makes the first one of the configured
// algorithm, and seals anew what the previous secret had sealed.
func (k *keyStore) open(ctx context.Context) (*accesstoken.Keyring, error) {
	var ring *accesstoken.Keyring
	err := k.store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.Exclusive(ctx, keyLock); err != nil {
			return err
		}
		rows, err := k.rows(ctx, tx.Client)
		if err != nil {
			return err
		}
		if err := k.sealAnew(ctx, tx, rows); err != nil {
			return err
		}
		if len(rows) == 0 {
			row, err := k.create(ctx, tx, k.now())
			if err != nil {
				return err
			}
			if err := k.record(ctx, tx, systemCaller); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		ring, err = k.ring(rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("load signing keys: %w", err)
	}
	return ring, nil
}

// reload reads the keys again because of a token with an unknown key, and
// reports whether it did: strangers cannot make it more often than once a
// second.
func (k *keyStore) reload(ctx context.Context, into *accesstoken.Authority) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if since := now.Sub(k.loaded); since >= 0 && since < unknownKeyReload {
		return false
	}
	k.loaded = now
	if err := k.refresh(ctx, into); err != nil {
		k.log.ErrorContext(ctx, "signing keys cannot be read; the known ones stay in use", "err", err)
		return false
	}
	return true
}

// refresh reads the keys into the authority, after replacing one that is old.
func (k *keyStore) refresh(ctx context.Context, into *accesstoken.Authority) error {
	rows, err := k.rows(ctx, k.store.Client)
	if err != nil {
		return err
	}
	if k.due(rows) {
		if rows, err = k.rotate(ctx, systemCaller, k.lead(), k.due); err != nil {
			return err
		}
	}
	ring, err := k.ring(rows)
	if err != nil {
		return err
	}
	return into.Replace(ring)
}

// rows are the keys of the configured algorithm that have not retired, in the
// order in which they sign.
func (k *keyStore) rows(ctx context.Context, client *ent.Client) ([]*ent.SigningKey, error) {
	rows, err := client.SigningKey.Query().
		Where(signingkey.Algorithm(string(k.algorithm)),
			signingkey.Or(signingkey.RetiresAtIsNil(), signingkey.RetiresAtGT(k.now()))).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
	slices.SortFunc(rows, func(a, b *ent.SigningKey) int {
		if c := a.SignsFrom.Compare(b.SignsFrom); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return rows, nil
}

// ring opens the keys. The newest whose time has come signs.
func (k *keyStore) ring(rows []*ent.SigningKey) (*accesstoken.Keyring, error) {
	if len(rows) == 0 {
		return nil, errors.New("there is no signing key of the configured algorithm")
	}
	keys := make([]*accesstoken.Key, len(rows))
	signing, now := 0, k.now()
	for i, row := range rows {
		der, _, err := k.secret.Open(sealLabel, row.Sealed, []byte(row.ID))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSecret, err)
		}
		if keys[i], err = accesstoken.ParseKey(row.Algorithm, row.ID, der); err != nil {
			return nil, fmt.Errorf("signing key %s: %w", row.ID, err)
		}
		if !row.SignsFrom.After(now) {
			signing = i
		}
	}
	others := slices.Concat(keys[:signing], keys[signing+1:])
	return accesstoken.NewKeyring(keys[signing], others...)
}

func (k *keyStore) create(ctx context.Context, tx *store.Tx, signsFrom time.Time) (*ent.SigningKey, error) {
	key, err := accesstoken.Generate(k.algorithm)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	der, err := key.Marshal()
	if err != nil {
		return nil, fmt.Errorf("encode a signing key: %w", err)
	}
	sealed, err := k.secret.Seal(sealLabel, der, []byte(key.ID()))
	if err != nil {
		return nil, fmt.Errorf("seal a signing key: %w", err)
	}
	row, err := tx.SigningKey.Create().SetID(key.ID()).SetAlgorithm(string(k.algorithm)).SetSealed(sealed).
		SetCreatedAt(k.now()).SetSignsFrom(signsFrom).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store a signing key: %w", err)
	}
	return row, nil
}

// sealAnew seals under the present secret what the previous one sealed, so
// that the previous one can be taken away.
func (k *keyStore) sealAnew(ctx context.Context, tx *store.Tx, rows []*ent.SigningKey) error {
	for _, row := range rows {
		der, current, err := k.secret.Open(sealLabel, row.Sealed, []byte(row.ID))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrSecret, err)
		}
		if current {
			continue
		}
		if row.Sealed, err = k.secret.Seal(sealLabel, der, []byte(row.ID)); err != nil {
			return fmt.Errorf("seal a signing key: %w", err)
		}
		if err := tx.SigningKey.UpdateOneID(row.ID).SetSealed(row.Sealed).Exec(ctx); err != nil {
			return fmt.Errorf("store a signing key sealed anew: %w", err)
		}
	}
	return nil
}
