package edge

import "testing"

func TestCache(t *testing.T) {
	c, err := newCache[string, int](3, 100)
	if err != nil {
		t.Fatal(err)
	}
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
