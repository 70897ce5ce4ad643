package edge

import "github.com/vektah/gqlparser/v2/ast"

// planner collects, once for an operation, what has to be looked at in every
// request: it visits each selection that the operation reaches once.
type planner struct {
	op   *operation
	seen map[string]bool // fragments
}

func (p *planner) selections(set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			p.arguments(s.Arguments)
			p.directives(s.Directives)
			p.selections(s.SelectionSet)
		case *ast.InlineFragment:
			s.Directives = p.directives(s.Directives)
			p.selections(s.SelectionSet)
		case *ast.FragmentSpread:
			s.Directives = p.directives(s.Directives)
			if !p.seen[s.Name] {
				p.seen[s.Name] = true
				p.selections(s.Definition.SelectionSet)
			}
		}
	}
}

// directives drops @defer, which a schema can declare: a server may answer in
// one piece, and this one does.
func (p *planner) directives(list ast.DirectiveList) ast.DirectiveList {
	var kept ast.DirectiveList
	for _, d := range list {
		p.arguments(d.Arguments)
		if d.Name != "defer" {
			kept = append(kept, d)
		}
	}
	return kept
}

func (p *planner) arguments(list ast.ArgumentList) {
	for _, a := range list {
		p.value(a.Value)
	}
}

func (p *planner) value(v *ast.Value) {
	if v.Kind == ast.Variable && v.ExpectedType != nil && v.ExpectedType.NonNull {
		p.op.notNull[v.Raw] = true
	}
	for _, c := range v.Children {
		p.value(c.Value)
	}
}
