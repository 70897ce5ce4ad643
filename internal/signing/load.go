package signing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/authgraph/authgraph/ent"
)

const (
	// keyReload is how often the keys are read in any case. It is the longest
	// delay after which a key begins to sign or retires.
	keyReload = 30 * time.Second
	// Trust is how long keys are trusted when changes by other processes are
	// not heard of.
	Trust = 200 * time.Millisecond
	// unknownKeyReload is how often a token with an unknown key may cause a
	// reading.
	unknownKeyReload = time.Second
	// newsPause is how often news of a change may cause a reading in the
	// background.
	newsPause = time.Second
)

// Changed says that something changed for everybody. It may be the keys.
func (k *Keys) Changed() {
	k.wanted.Add(1)
	select {
	case k.news <- struct{}{}:
	default: // Run is awake already
	}
}

// Run takes new keys into use and replaces old ones, until ctx ends.
func (k *Keys) Run(ctx context.Context) {
	every := time.NewTicker(keyReload)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		case <-k.news:
		}
		if err := k.Refresh(ctx); err != nil && ctx.Err() == nil {
			k.o.Log.ErrorContext(ctx, "signing keys cannot be renewed; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(newsPause):
		}
	}
}

// Refresh replaces an old key and then takes the keys into use.
func (k *Keys) Refresh(ctx context.Context) error {
	ctx, cancel := k.o.Store.Bound(ctx)
	defer cancel()
	rows, err := k.rows(ctx, k.o.Store.Client)
	if err != nil {
		return err
	}
	if k.due(rows) {
		if err := k.rotate(ctx, k.o.Record, k.lead(), k.due); err != nil {
			return err
		}
	}
	return k.load(ctx)
}

// keep makes sure that a key that another process removed is trusted no longer
// than a session that another process ended. It reads the keys again if there
// was news that may be about them. If changes are not heard of, it reads them
// when the last reading is older than Trust. The error is a fault: without the
// keys no token can be judged.
func (k *Keys) keep(ctx context.Context) error {
	outdated := func() bool {
		if k.o.Heard() {
			return k.have.Load() != k.wanted.Load()
		}
		since := k.o.Now().Sub(time.UnixMicro(k.loaded.Load()))
		return since < 0 || since > Trust
	}
	if !outdated() {
		return nil
	}
	_, err := k.loadIf(ctx, outdated)
	return err
}

// reload reads the keys because of a token with an unknown key, which another
// replica may have just made. It reports whether it did: strangers can cause it
// only once a second.
func (k *Keys) reload(ctx context.Context) bool {
	loaded, err := k.loadIf(ctx, func() bool {
		now := k.o.Now()
		since := min(now.Sub(k.tried), now.Sub(time.UnixMicro(k.loaded.Load())))
		if since >= 0 && since < unknownKeyReload {
			return false
		}
		k.tried = now
		return true
	})
	if err != nil {
		k.o.Log.ErrorContext(ctx, "signing keys cannot be read; the known ones stay in use", "err", err)
	}
	return loaded
}

// load takes the keys in the database into use.
func (k *Keys) load(ctx context.Context) error {
	_, err := k.loadIf(ctx, func() bool { return true })
	return err
}

// loadIf reads the keys if needed still says so when it is our turn. Only one
// goroutine reads at a time. Otherwise a slow reading could bring back keys
// that a fast one has seen removed.
func (k *Keys) loadIf(ctx context.Context, needed func() bool) (loaded bool, err error) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return false, fmt.Errorf("wait for signing keys: %w", ctx.Err())
	}
	if !needed() {
		return false, nil
	}
	wanted, now := k.wanted.Load(), k.o.Now() // before the reading: news that comes during it needs another reading
	rows, err := k.rows(ctx, k.o.Store.Client)
	if err != nil {
		return false, err
	}
	ring, err := k.ring(rows)
	if err != nil {
		return false, k.replaced(rows, err)
	}
	k.discarded.Store(false)
	if err := k.authority.Replace(ring); err != nil {
		return false, err
	}
	k.have.Store(wanted)
	k.loaded.Store(now.UnixMicro())
	return true, nil
}

// replaced is called when the database has keys that this process cannot open.
// It returns ErrDiscarded if the keys of this process are gone. If they were
// only encrypted again with a new secret, tokens signed with them are still
// valid, and this process continues until it is restarted with that secret.
func (k *Keys) replaced(rows []*ent.SigningKey, err error) error {
	own := k.authority.Keyring().SigningID()
	if !errors.Is(err, ErrSecret) || slices.ContainsFunc(rows, func(row *ent.SigningKey) bool { return row.ID == own }) {
		return err
	}
	k.discarded.Store(true)
	return ErrDiscarded
}
