package blocklist

import (
	"fmt"
	"testing"
)

func TestTable(t *testing.T) {
	for _, n := range []int{0, 1, 5000} {
		var in []string
		for i := range n {
			in = append(in, fmt.Sprintf("word%d", i))
		}
		for _, bits := range []int{1, 8, 11} {
			set := table(Build(bits, append(in, in...))) // a word twice is one
			if want := 1 + 4<<bits + entrySize*n; len(set) != want {
				t.Errorf("a table of %d words is %d bytes, want %d", n, len(set), want)
			}
			for _, w := range in {
				if !set.has(hash([]rune(w))) {
					t.Fatalf("%s is missing from %d words in 2^%d buckets", w, n, bits)
				}
			}
			for i := range 5000 {
				if set.has(hash([]rune(fmt.Sprintf("other%d", i)))) {
					t.Fatalf("other%d is found among %d words in 2^%d buckets", i, n, bits)
				}
			}
		}
	}
}
