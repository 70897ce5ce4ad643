package edge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

func measureOf(t *testing.T, text string, edit func(*bounds)) (*meter, *refusal) {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	b := newBounds(1)
	if edit != nil {
		edit(&b)
	}
	m := newMeter(doc, &b, elements{"list": 10, "leaves": 17}, &introspectionCost{unit: costCap})
	return m, m.document(doc)
}

// TestMeasureIsLinear counts work instead of time. Fragments that double are
// visited once each, whatever their expanded size is.
func TestMeasureIsLinear(t *testing.T) {
	const n = 40
	var s strings.Builder
	s.WriteString("{...f0}")
	for i := range n {
		fmt.Fprintf(&s, "fragment f%d on Q{...f%d...f%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&s, "fragment f%d on Q{a}", n)
	m, ref := measureOf(t, s.String(), func(b *bounds) { b.nodes, b.fragments, b.resolved = 1<<60, 100, 1<<60 })
	if ref != nil {
		t.Fatal(ref.errors)
	}
	if want := 1 + 2*n + 1; m.steps != want {
		t.Errorf("%d selections visited, want %d", m.steps, want)
	}
	if got := m.fragments["f0"].extent.nodes; got < 1<<n {
		t.Errorf("f0 expands to %d nodes, want at least 2^%d", got, n)
	}
}

// TestBounds checks each limit with a document that is just allowed and one
// that is just refused.
func TestBounds(t *testing.T) {
	for _, c := range []struct {
		name       string
		edit       func(*bounds)
		pass, fail string
	}{
		{"depth", func(b *bounds) { b.depth = 3 }, "{a{b{c}}}", "{a{b{c{d}}}}"},
		{
			"depth, by fragments", func(b *bounds) { b.depth = 3 },
			"{a{...f}}fragment f on T{b{...on U{c}}}", "{a{...f}}fragment f on T{b{...g}}fragment g on T{c{d}}",
		},
		{"nodes", func(b *bounds) { b.nodes = 4 }, "{a b(c:[1])}", "{a b(c:[1 1])}"},
		{"nodes, spread", func(b *bounds) { b.nodes = 8 }, "{...f ...f}fragment f on T{a b}", "{...f ...f}fragment f on T{a b c}"},
		{"nodes, directives", func(b *bounds) { b.nodes = 4 }, "{a@x(y:1)b}", "{a@x(y:1)b@z}"},
		{"root fields", nil, "mutation{__typename a}", "mutation{a b}"},
		{"root fields, one twice", nil, "mutation{...f}fragment f on M{a}", "mutation{...f ...f}fragment f on M{a}"},
		{"root fields, inline", nil, "mutation{...on M{a}}", "mutation{...{a} ...{b}}"},
		{"root fields, skipped", nil, "{a b}", "mutation{a @skip(if:true) b}"},
		{"resolved", func(b *bounds) { b.resolved = 3 }, "{a{b __typename}}", "{a{b __typename c}}"},
		{"resolved, a list", func(b *bounds) { b.resolved = 1 + 10*3 }, "{list{a b}}", "{list{a b} c}"},
		{"resolved, __typename", func(b *bounds) { b.resolved = 1 + 10*2 }, "{list{a}}", "{list{__typename a}}"},
		{"resolved, lists in lists", func(b *bounds) { b.resolved = 1 + 10*(1+1+10*2) }, "{list{list{a}}}", "{list{list{a}a}}"},
		{"resolved, leaves", func(b *bounds) { b.resolved = 1 + 10*(1+1+3) }, "{list{leaves}}", "{list{leaves a}}"},
		{"resolved, an alias", func(b *bounds) { b.resolved = 1 + 10*2 }, "{x:list{y:a}}", "{x:list{y:a z:a}}"},
		{"resolved, skipped", func(b *bounds) { b.resolved = 1 + 10*2 }, "{list{a}}", "{list{a b@skip(if:true)}}"},
		{
			"resolved, fragments", func(b *bounds) { b.resolved = 2 * (1 + 10*3) },
			"{list{...f} x:list{...f}}fragment f on T{a ...{b}}", "{list{...f} x:list{...f}}fragment f on T{a ...{b ...g}}fragment g on T{c}",
		},
		{"resolved, each operation", func(b *bounds) { b.resolved = 1 + 10*2 }, "query a{list{a}} query b{list{a}}", "query a{list{a}} query b{list{a b}}"},
		{"resolved, mutations", func(b *bounds) { b.resolved = 2 + 10*2 }, "mutation{a{list{b}}}", "mutation{a{list{b c}}}"},
		{"resolved, without introspection", func(b *bounds) { b.resolved = 3 }, "{__schema{a b c d} e f}", "{__schema{a b c d} e f g}"},
		{"introspection's depth", func(b *bounds) { b.introspectionDepth = 2 }, "{__schema{a{b}}}", "{__schema{a{b{c}}}}"},
		{"introspection's own depth", func(b *bounds) { b.depth = 1 }, "{__schema{a{b{c}}}}", "{_schema{a{b{c}}}}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, ref := measureOf(t, c.pass, c.edit); ref != nil {
				t.Errorf("%s: %v", c.pass, ref.errors)
			}
			if _, ref := measureOf(t, c.fail, c.edit); ref == nil {
				t.Errorf("%s passes", c.fail)
			}
		})
	}
}

// TestMeasureDoesNotOverflow: for nested lists the number stops at a maximum.
// It must not become negative, which would be allowed.
func TestMeasureDoesNotOverflow(t *testing.T) {
	doc, err := parser.ParseQuery(&ast.Source{Input: "{" + strings.Repeat("list{", 9) + "a" + strings.Repeat("}", 10)})
	if err != nil {
		t.Fatal(err)
	}
	b := newBounds(1)
	m := newMeter(doc, &b, elements{"list": mostElements}, &introspectionCost{unit: costCap})
	if e, _ := m.set(doc.Operations[0].SelectionSet); e.resolved != costCap {
		t.Errorf("resolved = %d, want %d", e.resolved, costCap)
	}
}

// TestTallyCountsNodes: this is the weight of a document in the cache.
func TestTallyCountsNodes(t *testing.T) {
	doc, err := parser.ParseQuery(&ast.Source{Input: `query($a:Int=1@x){a(b:[$a])@c(d:1){...f ...{g}}}fragment f on T@y{h}`})
	if err != nil {
		t.Fatal(err)
	}
	b := newBounds(1)
	counted := tally{b: &b}
	if counted.document(doc); counted.nodes != 15 {
		t.Errorf("%d nodes, want 15", counted.nodes)
	}
}

func TestTally(t *testing.T) {
	for _, c := range []struct {
		name       string
		edit       func(*bounds)
		pass, fail string
	}{
		{"aliases", func(b *bounds) { b.aliases = 2 }, "{a:b c:d e}", "{a:b c{d:e} ...f}fragment f on T{g:h}"},
		{"directives", func(b *bounds) { b.directives = 2 }, "{a@x b@y}", "{a@x ...f@y}fragment f on T{c@z}"},
		{"directives everywhere", func(b *bounds) { b.directives = 3 }, "query($a:A@x)@y{...{b}...@z{c}}", "query($a:A@x)@y{...{b}...@z{c}}fragment f on T@w{d}"},
		{"directives a place", func(b *bounds) { b.directivesPerNode = 1 }, "{a@x b@y}", "{a@x@y}"},
		{"value depth", func(b *bounds) { b.valueDepth = 2 }, "{a(b:[[1]])}", "{a(b:[{c:[1]}])}"},
		{"value depth in a directive", func(b *bounds) { b.valueDepth = 1 }, "{a@b(c:[1])}", "{a@b(c:[[1]])}"},
		{"value depth in a default", func(b *bounds) { b.valueDepth = 1 }, "query($a:A=[1]){b}", "query($a:A=[[1]]){b}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBounds(1)
			c.edit(&b)
			for text, refused := range map[string]bool{c.pass: false, c.fail: true} {
				doc, err := parser.ParseQuery(&ast.Source{Input: text})
				if err != nil {
					t.Fatal(err)
				}
				tally := tally{b: &b}
				if tally.document(doc); (tally.ref != nil) != refused {
					t.Errorf("%s: refused %v, want %v", text, tally.ref != nil, refused)
				}
			}
		})
	}
}
