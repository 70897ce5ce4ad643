package edge

import "github.com/vektah/gqlparser/v2/ast"

// bounds are the most that a document or its answer may hold; what is more is
// refused with COMPLEXITY_LIMIT_EXCEEDED. All but the answer's, errors and
// answerBytes, are checked before the document is validated.
type bounds struct {
	tokens            int // of the document, comments included
	nameBytes         int // of a name in the document
	operations        int // in the document
	fragments         int // defined in the document
	aliases           int // in the document
	directives        int // in the document
	directivesPerNode int // at one place
	valueDepth        int // lists and objects within each other, in a literal or a variable
	depth             int // fields within each other, fragments expanded

	// nodes are selections, argument values and directives, those of a fragment
	// counted wherever it is spread and once more by itself: the work of
	// validating.
	nodes int
	// mutationFields is how many root fields a mutation may have, fragments
	// expanded and __typename not counted: one, so that limits on attempts
	// cannot be outrun with aliases.
	mutationFields int
	// introspectionDepth is how many fields may nest below __schema or __type;
	// graphql-js, GraphiQL, Apollo and urql need 14.
	introspectionDepth int
	// introspectionFactor is how many times the work of the customary full
	// introspection query a document may ask for.
	introspectionFactor int
	// resolved is how much executing an operation may resolve: each field, also
	// __typename, once for every element that the lists above it can have by
	// Options.Elements, and each such element itself; of scalars and enum
	// values in a list, eight count as one. Fragments are expanded; fields that
	// merge, or that @skip leaves out, count all the same; introspection counts
	// by its own bounds.
	resolved int

	errors int // in an answer; what is more is left out
	// answerBytes is the size of the data in an answer; a larger one is answered
	// as a fault, and if a mutation has run by then, it stands. It is the net
	// below resolved, which refuses before anything is executed: at least
	// resolved times the longest field, name included; here of 838 bytes.
	answerBytes int
}

func newBounds(operations int) bounds {
	return bounds{
		tokens: 1000, nameBytes: 256, operations: max(operations, 1), fragments: 50, aliases: 15,
		directives: 50, directivesPerNode: 4, valueDepth: 10, depth: 10,
		nodes: 2000, mutationFields: 1, introspectionDepth: 16, introspectionFactor: 2, resolved: 2500,
		errors: 20, answerBytes: 2 << 20,
	}
}

// bound refuses a document that is larger, deeper or more repetitive than the
// bounds allow. It runs on the bare tree, before anything is validated, since
// the rules of validation walk each fragment once for each fragment that
// reaches it. Its own work is linear in the document: one tally of what is
// written, one measure of each selection set, remembered for each fragment. It returns how
// many nodes are written.
func (h *Handler) bound(doc *ast.QueryDocument) (nodes int, ref *refusal) {
	b := &h.bounds
	if len(doc.Operations) > b.operations {
		return 0, tooComplex("The document has too many operations.", doc.Operations[b.operations].Position)
	}
	if len(doc.Fragments) > b.fragments {
		return 0, tooComplex("The document has too many fragments.", doc.Fragments[b.fragments].Position)
	}
	t := tally{b: b}
	if t.document(doc); t.ref != nil {
		return 0, t.ref
	}
	return t.nodes, newMeter(doc, b, h.o.Elements, h.introspection).document(doc)
}

// tally counts what a document holds as it is written, fragments once, and
// keeps the first refusal.
type tally struct {
	b          *bounds
	nodes      int // definitions, selections, values, directives
	aliases    int
	directives int
	ref        *refusal
}

func (t *tally) refuse(message string, at *ast.Position) {
	if t.ref == nil {
		t.ref = tooComplex(message, at)
	}
}

func (t *tally) document(doc *ast.QueryDocument) {
	for _, op := range doc.Operations {
		t.nodes++
		for _, v := range op.VariableDefinitions {
			t.nodes++
			t.attached(v.Directives)
			t.value(v.DefaultValue, 0)
		}
		t.attached(op.Directives)
		t.selections(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		t.nodes++
		t.attached(f.Directives)
		t.selections(f.SelectionSet)
	}
}

func (t *tally) selections(set ast.SelectionSet) {
	for _, s := range set {
		if t.ref != nil {
			return
		}
		t.nodes++
		switch s := s.(type) {
		case *ast.Field:
			t.field(s)
		case *ast.InlineFragment:
			t.attached(s.Directives)
			t.selections(s.SelectionSet)
		case *ast.FragmentSpread:
			t.attached(s.Directives)
		}
	}
}

func (t *tally) field(f *ast.Field) {
	if f.Alias != f.Name {
		if t.aliases++; t.aliases > t.b.aliases {
			t.refuse("The document has too many aliases.", f.Position)
		}
	}
	t.arguments(f.Arguments)
	t.attached(f.Directives)
	t.selections(f.SelectionSet)
}

func (t *tally) attached(list ast.DirectiveList) {
	t.directives += len(list)
	t.nodes += len(list)
	for i, d := range list {
		if t.directives > t.b.directives || i >= t.b.directivesPerNode {
			t.refuse("The document has too many directives.", d.Position)
		}
		t.arguments(d.Arguments)
	}
}

func (t *tally) arguments(list ast.ArgumentList) {
	for _, a := range list {
		t.value(a.Value, 0)
	}
}

func (t *tally) value(v *ast.Value, depth int) {
	if v == nil {
		return
	}
	t.nodes++
	if v.Kind == ast.ListValue || v.Kind == ast.ObjectValue {
		depth++
	}
	if depth > t.b.valueDepth {
		t.refuse("A value is nested too deeply.", v.Position)
		return
	}
	for _, c := range v.Children {
		t.value(c.Value, depth)
	}
}
