package auth

import (
	"crypto/sha256"
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// cacheAge is how long an entry is believed at most.
	cacheAge = 30 * time.Second
	// cacheSize bounds the entries; beyond it some are dropped.
	cacheSize = 50_000
)

// callerCache keeps who holds a token, so that a request costs no query. An
// entry is dropped when its user changes, and is never stored from a read that
// began before the latest drop: that read may have seen the state before.
type callerCache struct {
	mu      sync.RWMutex
	epoch   uint64 // moves on with every drop
	entries map[cacheKey]cacheEntry
	byUser  map[uuid.UUID]map[cacheKey]struct{}
}

// cacheKey is a token's id or digest.
type cacheKey struct {
	kind holderKind
	key  [sha256.Size]byte
}

type cacheEntry struct {
	*holder
	stored time.Time
}

func newCallerCache() *callerCache {
	return &callerCache{entries: make(map[cacheKey]cacheEntry), byUser: make(map[uuid.UUID]map[cacheKey]struct{})}
}

// keyOf makes a key of what a holder is looked up by.
func keyOf(kind holderKind, by any) cacheKey {
	k := cacheKey{kind: kind}
	switch by := by.(type) {
	case uuid.UUID:
		copy(k.key[:], by[:])
	case []byte:
		copy(k.key[:], by)
	}
	return k
}

// get returns an entry, and the epoch that a put after a miss must name.
func (c *callerCache) get(k cacheKey, now time.Time) (e cacheEntry, ok bool, epoch uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok = c.entries[k]
	// A refresh moves a session's end without notice: what looks ended is read
	// again. So is what comes from the future of a clock that was set back.
	age := now.Sub(e.stored)
	fresh := ok && age >= 0 && age < cacheAge && e.token.expiresAt.After(now)
	return e, fresh, c.epoch
}

// put stores what was read since the epoch, unless anything was dropped
// meanwhile.
func (c *callerCache) put(k cacheKey, e cacheEntry, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch != epoch {
		return
	}
	for other := range c.entries {
		if len(c.entries) < cacheSize {
			break
		}
		c.remove(other)
	}
	c.entries[k] = e
	keys := c.byUser[e.user.ID]
	if keys == nil {
		keys = make(map[cacheKey]struct{}, 1)
		c.byUser[e.user.ID] = keys
	}
	keys[k] = struct{}{}
}

func (c *callerCache) remove(k cacheKey) {
	userID := c.entries[k].user.ID
	delete(c.entries, k)
	delete(c.byUser[userID], k)
	if len(c.byUser[userID]) == 0 {
		delete(c.byUser, userID)
	}
}

// drop forgets users, or everybody if none is named.
func (c *callerCache) drop(users ...uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	if len(users) == 0 {
		clear(c.entries)
		clear(c.byUser)
		return
	}
	for _, userID := range users {
		for k := range maps.Clone(c.byUser[userID]) {
			c.remove(k)
		}
	}
}
