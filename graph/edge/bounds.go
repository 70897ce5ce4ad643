package edge

import "github.com/vektah/gqlparser/v2/ast"

// bounds are the limits of a document and its answer. A larger one is refused
// with COMPLEXITY_LIMIT_EXCEEDED. All limits are checked before the document is
// validated, except those of the answer: errors and answerBytes.
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

	// nodes are selections, argument values and directives. Those of a fragment
	// count each time it is spread, and once more for itself. This is the work
	// of validating.
	nodes int
	// mutationFields is how many root fields a mutation may have, with
	// fragments expanded and without __typename. It is one, so that aliases
	// cannot get around limits on attempts.
	mutationFields int
	// introspectionDepth is how many fields may nest below __schema or __type.
	// graphql-js, GraphiQL, Apollo and urql need 14.
	introspectionDepth int
	// introspectionFactor limits the work of introspection. It is a multiple of
	// the usual full introspection query.
	introspectionFactor int
	// resolved is how much work an operation may cause. Each field counts,
	// __typename too, once for every element that the lists above it can have
	// (Options.Elements). Each such element counts as well. Eight scalars or
	// enum values in a list count as one. Fragments are expanded. Fields that
	// merge, and fields that @skip leaves out, count too. Introspection has its
	// own limits.
	resolved int

	errors int // in an answer; more are left out
	// answerBytes is the size of the data in an answer. A larger one becomes a
	// fault; if a mutation has run, its effect stays. It is the second defence
	// after resolved, which refuses before anything runs. It must be at least
	// resolved times the longest field with its name, which is 838 bytes here.
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
// limits allow. It runs before validation, because the rules of validation walk
// each fragment once for each fragment that reaches it. Its own work is linear
// in the document: it counts what is written, and measures each selection set
// once. It returns how many nodes are written.
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

// tally counts what is written in a document, fragments once. It keeps the
// first refusal.
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
