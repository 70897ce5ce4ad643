package edge

import "github.com/vektah/gqlparser/v2/ast"

// extent is how large a selection set is when its fragments are expanded.
type extent struct {
	nodes  int // selections, argument values, directives
	depth  int // fields within each other
	fields int // fields at its top, without __typename
	cost   int // what resolving it costs, if it is introspection
	// resolved is what bounds.resolved counts. introspected is the cost of
	// introspection inside, which resolved leaves out.
	resolved, introspected int
}

// meter measures selection sets. A fragment is measured once, and its measure
// is added at each spread. 26 fragments that each spread the next one twice are
// 26 additions, not 67 million visits.
type meter struct {
	b         *bounds
	lists     elements
	cost      *introspectionCost
	fragments map[string]*measured
	steps     int // selections visited, for the tests
}

type measured struct {
	def    *ast.FragmentDefinition
	extent extent
	ref    *refusal
	state  int // 0 not begun, 1 under way, 2 done
}

func newMeter(doc *ast.QueryDocument, b *bounds, lists elements, cost *introspectionCost) *meter {
	m := &meter{b: b, lists: lists, cost: cost, fragments: make(map[string]*measured, len(doc.Fragments))}
	for _, f := range doc.Fragments {
		if m.fragments[f.Name] == nil {
			m.fragments[f.Name] = &measured{def: f}
		}
	}
	return m
}

// document measures each operation and each fragment by itself, because the
// validator walks each of them. The sum of their nodes is its work.
func (m *meter) document(doc *ast.QueryDocument) *refusal {
	nodes := 0
	for _, op := range doc.Operations {
		e, ref := m.set(op.SelectionSet)
		switch nodes += e.nodes; {
		case ref != nil:
			return ref
		case nodes > m.b.nodes:
			return m.tooLarge(op.Position)
		case e.depth > m.b.depth:
			return tooComplex("The operation is nested too deeply.", op.Position)
		case m.cost.beyond(e.introspected, m.b):
			return tooComplex("The introspection is too large.", op.Position)
		case e.resolved > m.b.resolved:
			return tooComplex("The operation asks for too much at once.", op.Position)
		case op.Operation == ast.Mutation && e.fields > m.b.mutationFields:
			return tooComplex("The mutation has too many root fields.", op.Position)
		}
	}
	for _, f := range doc.Fragments {
		e, ref := m.fragment(f.Name, f.Position)
		if nodes += e.nodes; ref == nil && nodes > m.b.nodes {
			ref = m.tooLarge(f.Position)
		}
		if ref != nil {
			return ref
		}
	}
	return nil
}

func (m *meter) tooLarge(at *ast.Position) *refusal {
	return tooComplex("The document is too large when its fragments are expanded.", at)
}

func (m *meter) set(set ast.SelectionSet) (extent, *refusal) {
	var sum extent
	for _, s := range set {
		m.steps++
		var e extent
		var ref *refusal
		switch s := s.(type) {
		case *ast.Field:
			e, ref = m.field(s)
		case *ast.InlineFragment:
			e, ref = m.set(s.SelectionSet)
			e.nodes += 1 + directiveNodes(s.Directives)
		case *ast.FragmentSpread:
			e, ref = m.fragment(s.Name, s.Position)
			e.nodes += 1 + directiveNodes(s.Directives)
		}
		if ref != nil {
			return sum, ref
		}
		sum.nodes += e.nodes
		sum.fields += e.fields
		sum.cost = capped(sum.cost + e.cost)
		sum.resolved = capped(sum.resolved + e.resolved)
		sum.introspected = capped(sum.introspected + e.introspected)
		sum.depth = max(sum.depth, e.depth)
		if sum.nodes > m.b.nodes {
			return sum, m.tooLarge(s.GetPosition())
		}
	}
	return sum, nil
}

func (m *meter) field(f *ast.Field) (extent, *refusal) {
	e, ref := m.set(f.SelectionSet)
	if ref != nil {
		return e, ref
	}
	if f.Name == "__schema" || f.Name == "__type" {
		if e.depth > m.b.introspectionDepth {
			return e, tooComplex("The introspection is too large.", f.Position)
		}
		e.depth, e.resolved, e.introspected = 0, 0, e.cost
	}
	e.resolved = m.lists.resolved(f.Name, e.resolved)
	e.cost = m.cost.of(f.Name, e.cost)
	e.depth++
	e.nodes += 1 + argumentNodes(f.Arguments) + directiveNodes(f.Directives)
	e.fields = 1
	if f.Name == "__typename" {
		e.fields = 0
	}
	return e, nil
}

// fragment measures a fragment when it is first met. A fragment that contains
// itself would never end.
func (m *meter) fragment(name string, at *ast.Position) (extent, *refusal) {
	f := m.fragments[name]
	switch {
	case f == nil:
		return extent{}, nil // the validator reports it
	case f.state == 1:
		return extent{}, tooComplex("A fragment spreads itself.", at)
	case f.state == 0:
		f.state = 1
		f.extent, f.ref = m.set(f.def.SelectionSet)
		f.state = 2
	}
	return f.extent, f.ref
}

func argumentNodes(list ast.ArgumentList) int {
	n := 0
	for _, a := range list {
		n += valueNodes(a.Value)
	}
	return n
}

func directiveNodes(list ast.DirectiveList) int {
	n := len(list)
	for _, d := range list {
		n += argumentNodes(d.Arguments)
	}
	return n
}

func valueNodes(v *ast.Value) int {
	if v == nil {
		return 0
	}
	n := 1
	for _, c := range v.Children {
		n += valueNodes(c.Value)
	}
	return n
}
