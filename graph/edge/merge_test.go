package edge

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

var mergeSchema = gqlparser.MustLoadSchema(&ast.Source{Input: `
type Query { node: Node pet: Pet ann: User }
interface Node { id: ID! self(n: Int): Node }
type User implements Node { id: ID! self(n: Int): Node name: String best: User list: [User] }
type Cat implements Node { id: ID! self(n: Int): Node name: String! best: Cat list: User }
union Pet = User | Cat
`})

// conflicts counts what a rule reports about a document.
func conflicts(t testing.TB, text string, rule core.RuleFunc) int {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	found := 0
	var events core.Events
	rule(&events, func(...core.ErrorOption) { found++ })
	core.Walk(mergeSchema, doc, &events)
	return found
}

func TestMerge(t *testing.T) {
	for text, want := range map[string]bool{
		`{ann{id id name}}`:                                             true,
		`{ann{a:id a:name}}`:                                            false,
		`{ann{id} ann{id name}}`:                                        true,
		`{ann{self(n:1){id} self(n:1){id}}}`:                            true,
		`{ann{self(n:1){id} self(n:2){id}}}`:                            false,
		`{ann{self(n:1){id} self{id}}}`:                                 false,
		`{ann{best{a:id}} ann{best{a:name}}}`:                           false,
		`{pet{...on User{a:id} ...on Cat{a:id}}}`:                       true,
		`{pet{...on User{a:name} ...on Cat{a:name}}}`:                   false, // String and String!
		`{pet{...on User{a:self(n:1){id}} ...on Cat{a:self(n:2){id}}}}`: true,
		`{pet{...on User{list{id}} ...on Cat{list{id}}}}`:               false,
		`{pet{...on User{a:best{b:id}} ...on Cat{a:best{b:self{id}}}}}`: false,
		`{node{...on User{a:id} ...on Node{a:self{id}}}}`:               false,
		`{...f ...g}fragment f on Query{ann{a:id}}fragment g on Query{ann{...h}}fragment h on User{a:name}`: false,
		`query($a:Int){ann{self(n:$a){id} self(n:$a){id}}}`:                                                 true,
	} {
		if got := conflicts(t, text, checkMerge) == 0; got != want {
			t.Errorf("%s: merges %v, want %v", text, got, want)
		}
	}
}

// TestMergeAgrees compares the result with that of the library's rule, which is
// slow but proven, for many documents.
func TestMergeAgrees(t *testing.T) {
	const documents = 3000
	agreed := map[bool]int{}
	for seed := range uint64(documents) {
		text := randomDocument(rand.New(rand.NewPCG(seed, 1)))
		ours := conflicts(t, text, checkMerge) > 0
		theirs := conflicts(t, text, rules.OverlappingFieldsCanBeMergedRule.RuleFunc) > 0
		if ours != theirs {
			t.Fatalf("%s: conflict %v, the library says %v", text, ours, theirs)
		}
		agreed[ours]++
	}
	if agreed[true] < documents/10 || agreed[false] < documents/10 {
		t.Errorf("the documents prove little: %v", agreed)
	}
}

// randomDocument selects fields that often have the same name in the answer. It
// uses every fragment: another rule refuses unused ones.
func randomDocument(r *rand.Rand) string {
	s := "{" + randomSet(r, "Query", 3, 0) + "}"
	for i, on := range []string{"User", "Cat", "Node"} {
		// A fragment spreads only later ones: no cycles.
		fragment := fmt.Sprintf("fragment f%d on %s{%s}", i, on, randomSet(r, on, 2, i+1))
		if strings.Contains(s, fmt.Sprintf("...f%d ", i)) {
			s += fragment
		}
	}
	return s
}

var mergeFields = map[string][]string{
	"Query": {"node:Node", "pet:Pet", "ann:User"},
	"User":  {"id", "name", "best:User", "list:User", "self:Node", "self(n:1):Node", "self(n:2):Node"},
	"Cat":   {"id", "name", "best:Cat", "list:User", "self:Node", "self(n:1):Node"},
	"Node":  {"id", "self:Node", "self(n:1):Node"},
	"Pet":   {},
}

func randomSet(r *rand.Rand, on string, depth, spread int) string {
	var s strings.Builder
	s.WriteString("__typename ")
	for range 1 + r.IntN(3) {
		switch fields := mergeFields[on]; {
		case len(fields) == 0 || r.IntN(4) == 0:
			inner := []string{"User", "Cat", "Node"}[r.IntN(3)]
			if on == "Query" {
				inner = "Query"
			}
			if depth > 0 {
				fmt.Fprintf(&s, "...on %s{%s}", inner, randomSet(r, inner, depth-1, spread))
			}
		case spread < 3 && on != "Query" && r.IntN(4) == 0:
			fmt.Fprintf(&s, "...f%d ", spread+r.IntN(3-spread))
		default:
			name, of, composite := strings.Cut(fields[r.IntN(len(fields))], ":")
			if strings.HasSuffix(name, "(n") { // the colon of the argument
				n, rest, _ := strings.Cut(of, ":")
				name, of = name+":"+n, rest
			}
			if composite && depth == 0 {
				continue
			}
			if r.IntN(3) == 0 {
				name = "a:" + name
			}
			s.WriteString(name + " ")
			if composite {
				s.WriteString("{" + randomSet(r, of, depth-1, spread) + "}")
			}
		}
	}
	return s.String()
}

// TestMergeGivesUp: if groups multiply, the rule stops.
func TestMergeGivesUp(t *testing.T) {
	text := "id"
	for range 14 {
		text = "...on User{self{" + text + "}}...on Cat{self{" + text + "}}...on Node{id}"
		if len(text) > 1<<20 {
			break
		}
	}
	if n := conflicts(t, "{node{"+text+"}}", checkMerge); n == 0 {
		t.Error("the budget was not spent")
	}
}
