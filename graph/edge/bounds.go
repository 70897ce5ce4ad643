package edge

import "github.com/vektah/gqlparser/v2/ast"

// bound refuses a document that is larger, deeper or more repetitive than the
// bounds allow. It runs on the bare tree, before anything is validated, since
// the rules of validation walk each fragment once for each fragment that
// reaches it. Its own work is linear in the document: one tally of what is
// written, one measure of each selection set, remembered for each fragment. It returns how
// many nodes are written.
func (h *Handler) bound(doc *ast.QueryDocument) (nodes int, ref *refusal) {
	b := &h.o.Bounds
	if len(doc.Operations) > b.Operations {
		return 0, tooComplex("The document has too many operations.", doc.Operations[b.Operations].Position)
	}
	if len(doc.Fragments) > b.Fragments {
		return 0, tooComplex("The document has too many fragments.", doc.Fragments[b.Fragments].Position)
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
	b          *Bounds
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
		if t.aliases++; t.aliases > t.b.Aliases {
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
		if t.directives > t.b.Directives || i >= t.b.DirectivesPerNode {
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
	if depth > t.b.ValueDepth {
		t.refuse("A value is nested too deeply.", v.Position)
		return
	}
	for _, c := range v.Children {
		t.value(c.Value, depth)
	}
}
