package auth

import (
	"crypto/sha256"
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// cacheAge is the longest time for which an entry is trusted.
	cacheAge = 30 * time.Second
	// cacheSize limits the entries. When it is reached, some are dropped.
	cacheSize = 50_000
	// cacheBytes limits what profiles take: 50,000 of the longest would be 200 MB.
	cacheBytes = 64 << 20
)

// callerCache keeps who holds a token, so that a request needs no query. An
// entry is dropped when its user changes. A read that began before the latest
// drop is not stored: it may have seen the old state.
type callerCache struct {
	mu      sync.RWMutex
	epoch   uint64 // grows with every drop
	entries map[cacheKey]cacheEntry
	bytes   int // of the entries' profiles
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

// size is what an entry counts in cacheBytes: a profile, and the same again with its
// members found.
func (e cacheEntry) size() int { return 4 * len(e.user.Profile) }

func newCallerCache() *callerCache {
	return &callerCache{entries: make(map[cacheKey]cacheEntry), byUser: make(map[uuid.UUID]map[cacheKey]struct{})}
}

// keyOf makes the key of an entry from the id or digest that finds the holder.
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

// get returns an entry. It also returns the epoch, which the caller passes to
// put if there was no entry.
func (c *callerCache) get(k cacheKey, now time.Time) (e cacheEntry, ok bool, epoch uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok = c.entries[k]
	// A refresh moves the end of a session, and the cache is not told. So an
	// entry that looks expired is read again. An entry from the future is read
	// again too: the clock was set back.
	age := now.Sub(e.stored)
	fresh := ok && age >= 0 && age < cacheAge && e.token.expiresAt.After(now)
	return e, fresh, c.epoch
}

// put stores what was read since the epoch, unless anything was dropped in the
// meantime.
func (c *callerCache) put(k cacheKey, e cacheEntry, epoch uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch != epoch {
		return
	}
	if _, there := c.entries[k]; there {
		c.remove(k)
	}
	for other := range c.entries {
		if len(c.entries) < cacheSize && c.bytes+e.size() <= cacheBytes {
			break
		}
		c.remove(other)
	}
	c.entries[k] = e
	c.bytes += e.size()
	keys := c.byUser[e.user.ID]
	if keys == nil {
		keys = make(map[cacheKey]struct{}, 1)
		c.byUser[e.user.ID] = keys
	}
	keys[k] = struct{}{}
}

func (c *callerCache) remove(k cacheKey) {
	userID := c.entries[k].user.ID
	c.bytes -= c.entries[k].size()
	delete(c.entries, k)
	delete(c.byUser[userID], k)
	if len(c.byUser[userID]) == 0 {
		delete(c.byUser, userID)
	}
}

// drop forgets these users, or all if none is named.
func (c *callerCache) drop(users ...uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	if len(users) == 0 {
		clear(c.entries)
		clear(c.byUser)
		c.bytes = 0
		return
	}
	for _, userID := range users {
		for k := range maps.Clone(c.byUser[userID]) {
			c.remove(k)
		}
	}
}
