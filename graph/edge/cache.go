package edge

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// cache keeps the values that were used last. It limits both their number and
// their size in bytes, for many small ones and for few large ones.
type cache[K comparable, V any] struct {
	mu     sync.Mutex
	lru    *simplelru.LRU[K, weighed[V]]
	weight int
	most   int
}

type weighed[V any] struct {
	value  V
	weight int
}

func newCache[K comparable, V any](entries, bytes int) *cache[K, V] {
	c := &cache[K, V]{most: bytes}
	lru, err := simplelru.NewLRU(entries, func(_ K, w weighed[V]) { c.weight -= w.weight })
	if err != nil {
		panic(err) // a size below 1, which is our own mistake
	}
	c.lru = lru
	return c
}

func (c *cache[K, V]) get(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w, ok := c.lru.Get(key)
	return w.value, ok
}

// add stores a value, unless it is stored already or larger than the whole
// cache may be.
func (c *cache[K, V]) add(key K, value V, weight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if weight > c.most || c.lru.Contains(key) {
		return
	}
	c.weight += weight
	c.lru.Add(key, weighed[V]{value, weight})
	for c.weight > c.most {
		c.lru.RemoveOldest()
	}
}

// documentKey names a cached operation. The operation's name is part of it,
// because a document with several operations is linked to one of them.
type documentKey struct{ text, name string }

// bytesPerNode is about the memory of one node of the tree: itself, its
// position, and its entries in lists. Measured: 234.
const bytesPerNode = 250

// weigh estimates the memory that an operation holds.
func weigh(op *operation) int { return 2*len(op.text) + bytesPerNode*(op.nodes+2) }
