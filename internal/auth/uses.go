package auth

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/store"
)

// useResolution is how exactly last use is kept.
const useResolution = time.Minute

// maxUses bounds what waits to be written; beyond it, uses go unnoted.
const maxUses = 100_000

// uses gathers when sessions and API tokens were last used, so that reading
// never writes: Run writes them in batches.
type uses struct {
	mu   sync.Mutex
	last map[uuid.UUID]use
}

type use struct {
	at time.Time
	ip netip.Addr
}

func newUses() *uses { return &uses{last: make(map[uuid.UUID]use)} }

// note remembers a use, unless what is stored is exact enough.
func (u *uses) note(t *ent.UserToken, c Caller, now time.Time) {
	if t.LastUsedAt != nil && now.Sub(*t.LastUsedAt) < useResolution {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.last) < maxUses {
		u.last[t.ID] = use{now, c.IP}
	}
}

func (u *uses) take() map[uuid.UUID]use {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := u.last
	u.last = make(map[uuid.UUID]use)
	return taken
}

// flushUses writes the gathered uses, batchSize in a transaction. They are in
// no order, and each is one conditional write: a use never moves back.
func (s *Service) flushUses(ctx context.Context) error {
	var batch []func(tx *store.Tx) error
	flush := func() error {
		err := s.store.InTx(ctx, func(tx *store.Tx) error {
			for _, write := range batch {
				if err := write(tx); err != nil {
					return fmt.Errorf("note last uses: %w", err)
				}
			}
			return nil
		})
		batch = batch[:0]
		return err
	}
	for id, use := range s.uses.take() {
		batch = append(batch, func(tx *store.Tx) error {
			update := tx.UserToken.Update().
				Where(usertoken.ID(id), usertoken.Or(usertoken.LastUsedAtIsNil(), usertoken.LastUsedAtLT(use.at))).
				SetLastUsedAt(use.at)
			if use.ip.IsValid() {
				update.SetIPAddress(use.ip.String())
			}
			return update.Exec(ctx)
		})
		if len(batch) == usesBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

const usesBatch = 100
