package edge

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
)

const mergeRule = "OverlappingFieldsCanBeMerged"

// checkMerge is the rule that fields of the same name in an answer can be
// merged (GraphQL specification, section 5.3.2). The usual algorithm compares
// every pair, so 4,000 repetitions of one field cost eight million comparisons.
// Here every field is compared only with the first of its group. That is
// enough, because equality is transitive (Simon Adameit, "GraphQL: Overlapping
// fields can be merged, fast"). There is one pass for the shape of the answer,
// and one for names and arguments.
func checkMerge(events *core.Events, report core.AddErrFunc) {
	events.OnOperation(func(w *core.Walker, op *ast.OperationDefinition) {
		m := merger{schema: w.Schema, report: report, budget: mergeBudget}
		m.shapes(m.collect(op.SelectionSet))
		m.same(m.collect(op.SelectionSet))
	})
}

// mergeBudget is how many fields the rule reads in one operation. Only one kind
// of document comes near it: on every level it has fragments on many types of
// one interface, and the groups multiply.
const mergeBudget = 100_000

type merger struct {
	schema *ast.Schema
	report core.AddErrFunc
	budget int
}

// collect lists the fields of selection sets that merge. Fragments are
// expanded, each one once.
func (m *merger) collect(sets ...ast.SelectionSet) []*ast.Field {
	var fields []*ast.Field
	spread := map[string]bool{}
	var visit func(set ast.SelectionSet)
	visit = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				if s.Definition != nil && s.ObjectDefinition != nil {
					fields = append(fields, s)
				}
			case *ast.InlineFragment:
				visit(s.SelectionSet)
			case *ast.FragmentSpread:
				if s.Definition != nil && !spread[s.Name] {
					spread[s.Name] = true
					visit(s.Definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		visit(set)
	}
	return fields
}

// below lists the fields inside a group of fields that merge.
func (m *merger) below(group []*ast.Field) []*ast.Field {
	sets := make([]ast.SelectionSet, 0, len(group))
	for _, f := range group {
		if len(f.SelectionSet) > 0 {
			sets = append(sets, f.SelectionSet)
		}
	}
	if len(sets) == 0 {
		return nil
	}
	return m.collect(sets...)
}

// groups splits fields by their name in the answer.
func groups(fields []*ast.Field) [][]*ast.Field {
	index := make(map[string]int, len(fields))
	var list [][]*ast.Field
	for _, f := range fields {
		i, ok := index[f.Alias]
		if !ok {
			i = len(list)
			index[f.Alias] = i
			list = append(list, nil)
		}
		list[i] = append(list[i], f)
	}
	return list
}

// shapes demands that fields of one name have the same type of answer,
// whichever object they belong to. The same holds for the fields inside them.
func (m *merger) shapes(fields []*ast.Field) {
	if m.spend(len(fields)) {
		return
	}
	for _, group := range groups(fields) {
		for _, f := range group[1:] {
			if !m.sameShape(group[0].Definition.Type, f.Definition.Type) {
				m.conflict("they have different types", group[0], f)
				return
			}
		}
		m.shapes(m.below(group))
	}
}

// sameShape compares types: lists and non-null must match, leaves must be the
// same type, and any two types with fields match.
func (m *merger) sameShape(a, b *ast.Type) bool {
	if a.NonNull != b.NonNull || (a.Elem == nil) != (b.Elem == nil) {
		return false
	}
	if a.Elem != nil {
		return m.sameShape(a.Elem, b.Elem)
	}
	defA, defB := m.schema.Types[a.NamedType], m.schema.Types[b.NamedType]
	return defA != nil && defB != nil && (defA == defB || !defA.IsLeafType() && !defB.IsLeafType())
}

// same looks at fields of one name that can belong to the same object. They
// must be the same field with the same arguments, and so must the fields inside
// them.
func (m *merger) same(fields []*ast.Field) {
	if m.spend(len(fields)) {
		return
	}
	for _, group := range groups(fields) {
		for _, part := range byParent(group) {
			for _, f := range part[1:] {
				if f.Name != part[0].Name || !sameArguments(f.Arguments, part[0].Arguments) {
					m.conflict("they are different fields or have different arguments", part[0], f)
					return
				}
			}
			m.same(m.below(part))
		}
	}
}

// byParent splits a group into fields that can occur together: those of one
// object type, together with those of interfaces, which any object may
// implement.
func byParent(group []*ast.Field) [][]*ast.Field {
	var abstract []*ast.Field
	var names []string
	for _, f := range group {
		switch parent := f.ObjectDefinition; {
		case parent.Kind != ast.Object:
			abstract = append(abstract, f)
		case !slices.Contains(names, parent.Name):
			names = append(names, parent.Name)
		}
	}
	if len(names) <= 1 {
		return [][]*ast.Field{group}
	}
	parts := make([][]*ast.Field, len(names))
	for i, name := range names {
		parts[i] = slices.Clone(abstract)
		for _, f := range group {
			if f.ObjectDefinition.Kind == ast.Object && f.ObjectDefinition.Name == name {
				parts[i] = append(parts[i], f)
			}
		}
	}
	return parts
}

// spend takes from the budget. It reports whether to stop: no fields are left, or
// the budget is used up.
func (m *merger) spend(fields int) bool {
	if fields == 0 || m.budget < 0 {
		return true
	}
	if m.budget -= fields; m.budget < 0 {
		m.report(func(e *gqlerror.Error) { e.Rule = complexityRule })
	}
	return m.budget < 0
}

func (m *merger) conflict(why string, a, b *ast.Field) {
	m.report(core.Message("Fields %q conflict because %s. Use aliases to ask for both.", a.Alias, why),
		core.At(a.Position), core.At(b.Position))
}

func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, arg := range a {
		other := b.ForName(arg.Name)
		if other == nil || !sameValue(arg.Value, other.Value) {
			return false
		}
	}
	return true
}

func sameValue(a, b *ast.Value) bool {
	if a.Kind != b.Kind || a.Raw != b.Raw || len(a.Children) != len(b.Children) {
		return false
	}
	for i, child := range a.Children {
		other := b.Children[i].Value
		if a.Kind == ast.ObjectValue {
			other = b.Children.ForName(child.Name)
		}
		if other == nil || !sameValue(child.Value, other) {
			return false
		}
	}
	return true
}
