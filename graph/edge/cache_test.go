package edge

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
)

func TestCache(t *testing.T) {
	c := newCache[string, int](3, 100)
	holds := func(want ...string) {
		t.Helper()
		if c.lru.Len() != len(want) {
			t.Errorf("%d entries, want %v", c.lru.Len(), want)
		}
		weight := 0
		for _, key := range want {
			w, ok := c.lru.Peek(key)
			if !ok {
				t.Errorf("%s is gone", key)
			}
			weight += w.weight
		}
		if c.weight != weight {
			t.Errorf("weight = %d, want %d", c.weight, weight)
		}
	}
	c.add("a", 1, 10)
	c.add("b", 2, 10)
	c.add("c", 3, 10)
	c.get("a")
	c.add("d", 4, 10)
	holds("a", "c", "d") // b was used least recently
	c.add("e", 5, 85)
	holds("d", "e")
	c.add("f", 6, 101)
	holds("d", "e")
	c.add("d", 7, 50)
	holds("d", "e")
	if v, ok := c.get("d"); v != 4 || !ok {
		t.Errorf("d = %d, %v", v, ok)
	}
}

func TestRegistryIsBounded(t *testing.T) {
	for name, r := range map[string]*registry{"by number": newRegistry(2, 1000), "by bytes": newRegistry(1000, 40)} {
		ids := make([]string, 4)
		for i := range ids {
			text := fmt.Sprintf(`{hello(name:"%d")}`, i) // 17 bytes
			sum := sha256.Sum256([]byte(text))
			ids[i] = hex.EncodeToString(sum[:])
			_, register, ref := r.text(ids[i], text)
			if ref != nil {
				t.Fatal(ref.errors)
			}
			register(&operation{text: text, queries: true})
		}
		for i, id := range ids {
			if _, _, ref := r.text(id, ""); (ref == nil) != (i >= 2) {
				t.Errorf("%s: document %d is there: %v", name, i, ref == nil)
			}
		}
	}
}
