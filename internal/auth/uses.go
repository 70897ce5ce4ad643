package auth

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/store"
)

const (
	// useResolution is how exactly the last use is shown.
	useResolution = time.Minute
	// flushEvery is how often uses are written.
	flushEvery = useResolution / 4
	// noteAfter is how old the stored use must be before a new one is noted. It
	// leaves room for a use that just missed a flush.
	noteAfter = useResolution - 2*flushEvery
	// maxUses limits the uses that wait to be written. More are ignored.
	maxUses = 100_000
	// usesBatch is how many uses one transaction writes.
	usesBatch = 100
)

// uses collects when sessions and API tokens were last used, so that a read
// never writes. Run writes them in batches.
type uses struct {
	*core
	mu   sync.Mutex
	last map[uuid.UUID]use
}

type use struct {
	at time.Time
	ip netip.Addr
}

func newUses(c *core) *uses { return &uses{core: c, last: make(map[uuid.UUID]use)} }

// note remembers a use, unless the stored one is exact enough.
func (u *uses) note(t heldToken, c Caller, now time.Time) {
	if t.lastUsedAt != nil && now.Sub(*t.lastUsedAt) < noteAfter {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.last) < maxUses {
		u.last[t.id] = use{now, c.IP}
	}
}

func (u *uses) take() map[uuid.UUID]use {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := u.last
	u.last = make(map[uuid.UUID]use)
	return taken
}

// putBack takes back uses that could not be written, unless a later one is
// noted.
func (u *uses) putBack(unwritten map[uuid.UUID]use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for id, old := range unwritten {
		if _, later := u.last[id]; !later && len(u.last) < maxUses {
			u.last[id] = old
		}
	}
}

// flush writes the collected uses in short transactions, in the order of their
// ids. Without that order two replicas could deadlock.
func (u *uses) flush(ctx context.Context) error {
	waiting := u.take()
	ids := slices.SortedFunc(maps.Keys(waiting), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	for batch := range slices.Chunk(ids, usesBatch) {
		err := u.store.InTx(ctx, func(tx *store.Tx) error {
			for _, id := range batch {
				if err := writeUse(ctx, tx, id, waiting[id]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			u.putBack(waiting)
			return err
		}
		for _, id := range batch {
			delete(waiting, id)
		}
	}
	return nil
}

// writeUse is one conditional write: the last use never moves back.
func writeUse(ctx context.Context, tx *store.Tx, id uuid.UUID, u use) error {
	update := tx.UserToken.Update().
		Where(usertoken.ID(id), usertoken.Or(usertoken.LastUsedAtIsNil(), usertoken.LastUsedAtLT(u.at))).
		SetLastUsedAt(u.at)
	if u.ip.IsValid() {
		update.SetIPAddress(u.ip.String())
	}
	if err := update.Exec(ctx); err != nil {
		return fmt.Errorf("note last uses: %w", err)
	}
	return nil
}
