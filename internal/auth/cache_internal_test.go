package auth

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
)

// entryOf is what the cache would keep of a user's session.
func entryOf(user uuid.UUID, stored time.Time) cacheEntry {
	return cacheEntry{
		&holder{token: heldToken{expiresAt: stored.Add(time.Hour)}, user: &ent.User{ID: user}}, stored,
	}
}

func TestCacheAge(t *testing.T) {
	now := time.Now()
	c, ann, session := newCallerCache(), uuid.New(), keyOf(sessionHolder, uuid.New())
	short := keyOf(sessionHolder, uuid.New())
	c.put(session, entryOf(ann, now), 0)
	expires := entryOf(ann, now)
	expires.token.expiresAt = now.Add(10 * time.Second)
	c.put(short, expires, 0)
	for _, test := range []struct {
		name string
		key  cacheKey
		at   time.Duration
		want bool
	}{
		{"at once", session, 0, true},
		{"within its age", session, cacheAge - 1, true},
		{"at its age", session, cacheAge, false},
		{"long after", session, 24 * time.Hour, false},
		{"before it was stored, by a clock that was set back", session, -time.Nanosecond, false},
		{"while the token lives", short, 10*time.Second - 1, true},
		{"when the token ends", short, 10 * time.Second, false},
	} {
		if _, got, _ := c.get(test.key, now.Add(test.at)); got != test.want {
			t.Errorf("%s: believed: %t, want %t", test.name, got, test.want)
		}
	}
}

func TestCacheKeys(t *testing.T) {
	now := time.Now()
	c, id := newCallerCache(), uuid.New()
	c.put(keyOf(sessionHolder, id), entryOf(uuid.New(), now), 0)
	for what, key := range map[string]cacheKey{
		"an API token of the same id": keyOf(apiHolderByID, id), "a digest like it": keyOf(apiHolderByDigest, id[:]),
		"another session": keyOf(sessionHolder, uuid.New()),
	} {
		if _, ok, _ := c.get(key, now); ok {
			t.Errorf("%s is answered", what)
		}
	}
}

func TestCacheDrop(t *testing.T) {
	now := time.Now()
	ann, bea := uuid.New(), uuid.New()
	keys := map[uuid.UUID][]cacheKey{
		ann: {keyOf(sessionHolder, uuid.New()), keyOf(sessionHolder, uuid.New()), keyOf(apiHolderByDigest, make([]byte, 32))},
		bea: {keyOf(sessionHolder, uuid.New())},
	}
	for name, test := range map[string]struct {
		drop []uuid.UUID
		kept map[uuid.UUID]bool
	}{
		"one user":   {[]uuid.UUID{ann}, map[uuid.UUID]bool{bea: true}},
		"two":        {[]uuid.UUID{ann, bea}, nil},
		"a stranger": {[]uuid.UUID{uuid.New()}, map[uuid.UUID]bool{ann: true, bea: true}},
		"everybody":  {nil, nil},
	} {
		c := newCallerCache()
		for user, list := range keys {
			for _, k := range list {
				c.put(k, entryOf(user, now), 0)
			}
		}
		c.drop(test.drop...)
		for user, list := range keys {
			for _, k := range list {
				if _, ok, _ := c.get(k, now); ok != test.kept[user] {
					t.Errorf("dropping %s: kept: %t, want %t", name, ok, test.kept[user])
				}
			}
		}
		if n := len(c.byUser); n != len(test.kept) {
			t.Errorf("dropping %s: %d users are remembered, want %d", name, n, len(test.kept))
		}
	}
}

// A read that began before the latest change of everybody may have seen the old
// state. It must not be kept.
func TestCacheTakesNoReadFromBeforeADrop(t *testing.T) {
	now := time.Now()
	ann, key := uuid.New(), keyOf(sessionHolder, uuid.New())
	for name, drop := range map[string]func(c *callerCache){
		"of the user": func(c *callerCache) { c.drop(ann) }, "of another": func(c *callerCache) { c.drop(uuid.New()) },
		"of everybody": func(c *callerCache) { c.drop() },
	} {
		c := newCallerCache()
		_, _, epoch := c.get(key, now)
		drop(c)
		c.put(key, entryOf(ann, now), epoch)
		if _, ok, _ := c.get(key, now); ok {
			t.Errorf("after a drop %s: what was read before is kept", name)
		}
		_, _, epoch = c.get(key, now)
		c.put(key, entryOf(ann, now), epoch)
		if _, ok, _ := c.get(key, now); !ok {
			t.Errorf("after a drop %s: what was read since is not kept", name)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	now := time.Now()
	c, user := newCallerCache(), uuid.New()
	for i := range cacheSize + 1000 {
		if i%10 == 0 {
			user = uuid.New()
		}
		c.put(keyOf(sessionHolder, uuid.New()), entryOf(user, now), 0)
	}
	if len(c.entries) != cacheSize {
		t.Errorf("%d entries are kept, want %d", len(c.entries), cacheSize)
	}
	listed := 0
	for user, keys := range c.byUser {
		if len(keys) == 0 {
			t.Fatal("a user without entries is remembered")
		}
		for k := range keys {
			if c.entries[k].user.ID != user {
				t.Fatal("a user is remembered by an entry that is not theirs")
			}
			listed++
		}
	}
	if listed != len(c.entries) {
		t.Errorf("%d entries are found by their user, want %d", listed, len(c.entries))
	}
}

// Profiles are of different size. What they take together is bounded too.
func TestCacheIsBoundedInBytes(t *testing.T) {
	now, c := time.Now(), newCallerCache()
	long := strings.Repeat("x", 4<<10)
	key := keyOf(sessionHolder, uuid.New())
	for i := range cacheBytes/(4*len(long)) + 100 {
		e := entryOf(uuid.New(), now)
		e.user.Profile = long
		c.put(keyOf(sessionHolder, uuid.New()), e, 0)
		if i%100 == 0 {
			c.put(key, e, 0) // the same again counts once
		}
	}
	if c.bytes > cacheBytes || len(c.entries) < cacheBytes/(4*len(long))-1 {
		t.Errorf("%d bytes of profiles in %d entries are kept, want %d bytes at most", c.bytes, len(c.entries), cacheBytes)
	}
	sum := 0
	for _, e := range c.entries {
		sum += e.size()
	}
	if sum != c.bytes {
		t.Errorf("%d bytes are counted, want %d", c.bytes, sum)
	}
	c.drop()
	if c.bytes != 0 {
		t.Errorf("after a drop of everybody %d bytes are counted", c.bytes)
	}
}

// Readers fill the cache while a writer changes what they read. Once a change
// has been dropped, no reader sees the state before it.
func TestCacheUnderContention(t *testing.T) {
	const users, readers, changes = 4, 8, 3000
	now, c := time.Now(), newCallerCache()
	var database [users]atomic.Uint32 // what a read sees
	ids, keys := [users]uuid.UUID{}, [users]cacheKey{}
	for i := range users {
		ids[i], keys[i] = uuid.New(), keyOf(sessionHolder, uuid.New())
	}
	var stop atomic.Bool
	var reading, writing sync.WaitGroup
	for range readers {
		reading.Go(func() {
			for i := 0; !stop.Load(); i = (i + 1) % users {
				if _, ok, epoch := c.get(keys[i], now); !ok {
					e := entryOf(ids[i], now)
					e.token.generation = database[i].Load()
					c.put(keys[i], e, epoch)
				}
			}
		})
	}
	for i := range users {
		writing.Go(func() {
			for range changes {
				committed := database[i].Add(1)
				c.drop(ids[i])
				if e, ok, _ := c.get(keys[i], now); ok && e.token.generation < committed {
					t.Error("what was before a change is believed after it")
					return
				}
			}
		})
	}
	writing.Wait()
	stop.Store(true)
	reading.Wait()
}
