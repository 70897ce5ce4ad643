package edge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/graph/edge"
)

// costly are documents that are just allowed, or are refused only at the end:
// the most work that a hostile client can cause.
func costly() map[string]string {
	var vars, uses, chain strings.Builder
	for i := range 190 {
		fmt.Fprintf(&vars, "$v%d:Int!=1 ", i)
		fmt.Fprintf(&uses, "$v%d ", i)
	}
	for i := range 49 {
		fmt.Fprintf(&chain, "fragment f%d on Query{...f%d}", i, i+1)
	}
	long := strings.Repeat("x", 250)
	return map[string]string{
		"one field 900 times":  "{" + strings.Repeat("__typename ", 900) + "}",
		"one object 160 times": "{" + strings.Repeat("me{id email name}", 160) + "}",
		"deep objects":         "{" + strings.Repeat("me{best{best{best{best{best{best{best{best{id}}}}}}}}}", 30) + "}",
		"15 aliases of lists":  "{" + aliases(15, "me{friends(first:1){id email friends(first:1){id}}}") + "}",
		"a list of 900":        "{echo(json:[" + strings.Repeat("1 ", 900) + "])}",
		"190 variables":        "query(" + vars.String() + "){echo(list:[" + uses.String() + "])}",
		"a chain of fragments": "{...f0}" + chain.String() + "fragment f49 on Query{a:__typename}",
		"900 unknown fields":   "{" + strings.Repeat("abcdefgh ", 900) + "}",
		"240 long names":       "{" + strings.Repeat("me{"+long+"} ", 200) + "}",
		"fields that conflict": "{" + strings.Repeat("need(int:1) need(int:2) ", 80) + "}",
		"unions":               "{me{pet{" + strings.Repeat("...on Cat{name owner{id}} ...on Dog{lives owner{id}}", 40) + "}}}",
		"interfaces in turn":   "{node{" + turn(4) + "}}",
	}
}

// turn nests fragments on each type of an interface, so that the number of
// groups of fields that merge multiplies.
func turn(depth int) string {
	if depth == 0 {
		return "id"
	}
	in := turn(depth - 1)
	return "...on Cat{friend{" + in + "}}...on Dog{friend{" + in + "}}...on User{node{id}}"
}

func BenchmarkCostly(b *testing.B) {
	for _, development := range []bool{true, false} {
		for name, doc := range costly() {
			body := bodyOf(doc, "")
			b.Run(fmt.Sprintf("%s/development=%v", name, development), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					h := newHandler(b, func(o *edge.Options) { o.Suggestions = development }) // an empty cache
					b.StartTimer()
					r := post(b, h, body)
					b.ReportMetric(float64(len(r.Raw)), "bytes")
					if r.code(b) == "COMPLEXITY_LIMIT_EXCEEDED" {
						b.Log("refused", r.Raw)
					}
				}
			})
		}
	}
}
