package edge

import "github.com/vektah/gqlparser/v2/ast"

// bound refuses a document that is larger, deeper or more repetitive than the
// bounds allow. It runs on the bare tree, before anything is validated, since
// the rules of validation walk each fragment once for each fragment that
// reaches it. Its own work is linear in the document: one tally of what is
// written, one measure of each selection set, remembered for each fragment.
func (h *Handler) bound(doc *ast.QueryDocument) *refusal {
	b := &h.o.Bounds
	if len(doc.Operations) > b.Operations {
		return tooComplex("The document has too many operations.", doc.Operations[b.Operations].Position)
	}
	if len(doc.Fragments) > b.Fragments {
		return tooComplex("The document has too many fragments.", doc.Fragments[b.Fragments].Position)
	}
	if ref := (&tally{b: b}).document(doc); ref != nil {
		return ref
	}
	m := newMeter(doc, b, h.introspection)
	return m.document(doc)
}

// tally counts what a document holds as it is written, fragments once.
type tally struct {
	b          *Bounds
	aliases    int
	directives int
}

func (t *tally) document(doc *ast.QueryDocument) *refusal {
	for _, op := range doc.Operations {
		for _, v := range op.VariableDefinitions {
			if ref := first(t.attached(v.Directives), t.value(v.DefaultValue, 0)); ref != nil {
				return ref
			}
		}
		if ref := first(t.attached(op.Directives), t.selections(op.SelectionSet)); ref != nil {
			return ref
		}
	}
	for _, f := range doc.Fragments {
		if ref := first(t.attached(f.Directives), t.selections(f.SelectionSet)); ref != nil {
			return ref
		}
	}
	return nil
}

func (t *tally) selections(set ast.SelectionSet) *refusal {
	for _, s := range set {
		var ref *refusal
		switch s := s.(type) {
		case *ast.Field:
			ref = t.field(s)
		case *ast.InlineFragment:
			ref = first(t.attached(s.Directives), t.selections(s.SelectionSet))
		case *ast.FragmentSpread:
			ref = t.attached(s.Directives)
		}
		if ref != nil {
			return ref
		}
	}
	return nil
}

func (t *tally) field(f *ast.Field) *refusal {
	if f.Alias != f.Name {
		if t.aliases++; t.aliases > t.b.Aliases {
			return tooComplex("The document has too many aliases.", f.Position)
		}
	}
	return first(t.arguments(f.Arguments), t.attached(f.Directives), t.selections(f.SelectionSet))
}

func (t *tally) attached(list ast.DirectiveList) *refusal {
	if t.directives += len(list); t.directives > t.b.Directives || len(list) > t.b.DirectivesPerNode {
		return tooComplex("The document has too many directives.", list[len(list)-1].Position)
	}
	for _, d := range list {
		if ref := t.arguments(d.Arguments); ref != nil {
			return ref
		}
	}
	return nil
}

func (t *tally) arguments(list ast.ArgumentList) *refusal {
	for _, a := range list {
		if ref := t.value(a.Value, 0); ref != nil {
			return ref
		}
	}
	return nil
}

func (t *tally) value(v *ast.Value, depth int) *refusal {
	if v == nil {
		return nil
	}
	if v.Kind == ast.ListValue || v.Kind == ast.ObjectValue {
		if depth++; depth > t.b.ValueDepth {
			return tooComplex("A value is nested too deeply.", v.Position)
		}
	}
	for _, c := range v.Children {
		if ref := t.value(c.Value, depth); ref != nil {
			return ref
		}
	}
	return nil
}

// first is the first refusal of a list, evaluated as a whole: what it costs to
// go on after the first is bounded by the tokens.
func first(list ...*refusal) *refusal {
	for _, ref := range list {
		if ref != nil {
			return ref
		}
	}
	return nil
}
