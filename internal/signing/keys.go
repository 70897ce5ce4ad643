// Package signing keeps the keys that sign access tokens. They are encrypted in
// the database and shared by all replicas. They are replaced by age or by
// command. The package knows no accounts, and its caller writes the events
// about keys.
//
//	keys.go    Keys: issue, verify, publish
//	rows.go    the keys in the database, encrypted
//	load.go    which keys are in use; they are read again when they may have changed
//	rotate.go  new keys, by age or by command
//	discard.go a new key after the secret was lost
package signing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// ErrSecret says that the secret does not open the keys in the database.
var ErrSecret = errors.New("neither AUTHGRAPH_SECRET nor AUTHGRAPH_SECRET_PREVIOUS opens the signing keys in the database; if the secret that sealed them is lost, authgraph keys discard makes new ones")

// ErrDiscarded says that another process discarded the keys and made new ones
// with a secret that this process does not have.
var ErrDiscarded = errors.New("the signing keys were discarded, and AUTHGRAPH_SECRET does not open the new ones: start this server again with the secret that they were made with")

// Event is what happened to keys, for the audit log.
type Event string

// The events.
const (
	Created   Event = "key_create"
	Revoked   Event = "key_revoke"
	Discarded Event = "key_discard"
)

// Record writes an event in the same transaction as the change that it
// describes.
type Record func(ctx context.Context, tx *store.Tx, event Event) error

// Options are what Keys need. All are required except Age.
type Options struct {
	Store  *store.Store
	Secret *secret.Root
	// Tokens describes the access tokens.
	Tokens accesstoken.Options
	// Age is the age at which a key is replaced; 0 means never.
	Age time.Duration
	// AccessTTL is how long tokens live. A key retires that long after it last
	// signed.
	AccessTTL time.Duration
	// Heard reports whether we hear of changes by other processes at present.
	Heard func() bool
	// Record writes the events about keys that Keys replace by themselves.
	Record Record
	Now    func() time.Time
	Log    *slog.Logger
}

// Keys sign and verify access tokens. A key is first published, signs later,
// and retires after the last token that it signed has ended. After Open has
// returned, many goroutines may use Keys.
type Keys struct {
	vault
	authority *accesstoken.Authority

	turn         chan struct{} // held by the goroutine that reads the keys
	tried        time.Time     // the last reading because of an unknown key; guarded by turn
	loaded       atomic.Int64  // when they were read, in microseconds since the epoch
	wanted, have atomic.Uint64 // how many changes we heard of, and how many of them were read
	news         chan struct{} // wakes Run
	discarded    atomic.Bool   // by another process: nobody accepts what is signed here
}

// New makes Keys. Open must be called next.
func New(o Options) *Keys {
	o.Tokens.Now = o.Now
	return &Keys{vault: vault{o}, turn: make(chan struct{}, 1), news: make(chan struct{}, 1)}
}

// Open reads the keys at the start and makes the first one of the configured
// algorithm. Keys of another algorithm retire as in a rotation. Keys that the
// previous secret encrypted are encrypted again with the present one.
//
// It refuses keys that no secret opens, also those of other algorithms: the
// secret is wrong. If it ignored them, the mistake would be found on the day
// when the algorithm is changed back.
func (k *Keys) Open(ctx context.Context) error {
	k.loaded.Store(k.o.Now().UnixMicro())
	rows, err := k.rows(ctx, k.o.Store.Client)
	if err != nil {
		return err
	}
	first := sync.OnceValues(k.generate)
	if !slices.ContainsFunc(rows, k.lasting) {
		_, _ = first() // it may take long, so not in the transaction
	}
	var ring *accesstoken.Keyring
	err = k.o.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.Exclusive(ctx, keyLock); err != nil {
			return err
		}
		if err := k.sealAnew(ctx, tx); err != nil {
			return err
		}
		if err := k.retireOthers(ctx, tx); err != nil {
			return err
		}
		rows, err := k.rows(ctx, tx.Client)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(rows, k.lasting) {
			from := k.o.Now()
			if slices.ContainsFunc(rows, k.signs) {
				from = from.Add(k.lead()) // a key that retires signs until then
			}
			row, err := k.create(ctx, tx, k.o.Record, first, from)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		ring, err = k.ring(rows)
		return err
	})
	if err != nil {
		return fmt.Errorf("load signing keys: %w", err)
	}
	k.authority, err = accesstoken.New(k.o.Tokens, ring)
	return err
}

// Algorithm is the one that access tokens are signed with.
func (k *Keys) Algorithm() string { return string(k.authority.Keyring().Algorithm()) }

// Issue signs an access token.
func (k *Keys) Issue(claims accesstoken.Claims) (string, error) {
	if err := k.Ready(); err != nil {
		return "", err
	}
	return k.authority.Issue(claims)
}

// Ready returns ErrDiscarded if nobody accepts the tokens that are signed here.
func (k *Keys) Ready() error {
	if k.discarded.Load() {
		return ErrDiscarded
	}
	return nil
}

// Verify checks an access token. An unknown key may be one that another replica
// has just made. A known key may be one that another replica has just removed.
// Errors are those of accesstoken, or a fault if the keys cannot be read.
func (k *Keys) Verify(ctx context.Context, token string) (accesstoken.Claims, error) {
	if err := k.keep(ctx); err != nil {
		return accesstoken.Claims{}, err
	}
	claims, err := k.authority.Verify(token)
	if errors.Is(err, accesstoken.ErrUnknownKey) && k.reload(ctx) {
		return k.authority.Verify(token)
	}
	return claims, err
}

// JWKS is the set of public keys that verifies our access tokens. It does not
// contain a key that another process removed. If the database does not answer,
// it is the last known set.
func (k *Keys) JWKS(ctx context.Context) ([]byte, error) {
	if err := k.keep(ctx); err != nil {
		k.o.Log.ErrorContext(ctx, "signing keys cannot be read; the known ones are published", "err", err)
	}
	return k.authority.JWKS()
}
