package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/signingkey"
	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

const (
	// keyLock keeps replicas from making the same key twice.
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
	// record writes an audit event about keys.
	record func(context.Context, *store.Tx, Caller, Event) error

	// What is in use, see keyload.go.
	turn         chan struct{} // held by whoever reads the keys
	tried        time.Time     // because of an unknown key; guarded by turn
	loaded       atomic.Int64  // when they were read, in microseconds of the epoch
	wanted, have atomic.Uint64 // changes heard of, and those that were read since
	news         chan struct{} // wakes run
}

func newKeyStore(s *Service, o Options) *keyStore {
	return &keyStore{
		store: o.Store, secret: o.Secret, algorithm: o.Tokens.Algorithm, age: o.KeyAge,
		overlap: max(o.Settings.AccessTTL, 15*time.Minute) + time.Minute,
		now:     s.now, log: o.Log,
		record: func(ctx context.Context, tx *store.Tx, c Caller, event Event) error {
			return s.record(ctx, tx, c, happening{event: event})
		},
		turn: make(chan struct{}, 1), news: make(chan struct{}, 1),
	}
}

// open reads the keys at start, makes the first one of the configured
// algorithm, and seals anew what the previous secret had sealed. It refuses
// keys that no secret opens, also those of other algorithms: the secret is
// wrong, or the day the algorithm is set back would be too late to find out.
func (k *keyStore) open(ctx context.Context) (*accesstoken.Keyring, error) {
	k.loaded.Store(k.now().UnixMicro())
	rows, err := k.rows(ctx, k.store.Client)
	if err != nil {
		return nil, err
	}
	first := sync.OnceValues(k.generate)
	if len(rows) == 0 {
		_, _ = first() // it may take its time, and must not in the transaction
	}
	var ring *accesstoken.Keyring
	err = k.store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.Exclusive(ctx, keyLock); err != nil {
			return err
		}
		if err := k.sealAnew(ctx, tx); err != nil {
			return err
		}
		rows, err := k.rows(ctx, tx.Client)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			row, err := k.create(ctx, tx, systemCaller, first, k.now())
			if err != nil {
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

// rows are the keys of the configured algorithm that have not retired, in the
// order in which they sign.
func (k *keyStore) rows(ctx context.Context, client *ent.Client) ([]*ent.SigningKey, error) {
	all, err := k.present(ctx, client)
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(all, func(row *ent.SigningKey) bool { return row.Algorithm != string(k.algorithm) })
	slices.SortFunc(rows, func(a, b *ent.SigningKey) int {
		if c := a.SignsFrom.Compare(b.SignsFrom); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return rows, nil
}

// present are the keys of every algorithm that have not retired.
func (k *keyStore) present(ctx context.Context, client *ent.Client) ([]*ent.SigningKey, error) {
	rows, err := client.SigningKey.Query().
		Where(signingkey.Or(signingkey.RetiresAtIsNil(), signingkey.RetiresAtGT(k.now()))).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read signing keys: %w", err)
	}
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
		der, _, err := k.unseal(row)
		if err != nil {
			return nil, err
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

func (k *keyStore) generate() (*accesstoken.Key, error) { return accesstoken.Generate(k.algorithm) }

// create stores a key and records it.
func (k *keyStore) create(ctx context.Context, tx *store.Tx, c Caller, generated func() (*accesstoken.Key, error), signsFrom time.Time) (*ent.SigningKey, error) {
	key, err := generated()
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
	return row, k.record(ctx, tx, c, EventKeyCreate)
}

// unseal opens a key. The present secret did, or the key should be sealed anew.
func (k *keyStore) unseal(row *ent.SigningKey) (der []byte, present bool, err error) {
	der, present, err = k.secret.Open(sealLabel, row.Sealed, []byte(row.ID))
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrSecret, err)
	}
	return der, present, nil
}

// sealAnew seals under the present secret what the previous one sealed, so
// that the previous one can be taken away.
func (k *keyStore) sealAnew(ctx context.Context, tx *store.Tx) error {
	rows, err := k.present(ctx, tx.Client)
	if err != nil {
		return err
	}
	for _, row := range rows {
		der, present, err := k.unseal(row)
		if err != nil {
			return err
		}
		if present {
			continue
		}
		sealed, err := k.secret.Seal(sealLabel, der, []byte(row.ID))
		if err != nil {
			return fmt.Errorf("seal a signing key: %w", err)
		}
		if err := tx.SigningKey.UpdateOneID(row.ID).SetSealed(sealed).Exec(ctx); err != nil {
			return fmt.Errorf("store a signing key sealed anew: %w", err)
		}
	}
	return nil
}
