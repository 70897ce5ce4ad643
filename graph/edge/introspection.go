package edge

import (
	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// introspectionCost estimates how many fields an introspection resolves. Each
// field counts once for every element that the lists above it can have.
type introspectionCost struct {
	elements map[string]int // the most elements of the list with this field name
	unit     int            // the cost of the customary full query
}

// costCap prevents an overflow of estimates for nested lists.
const costCap = 1 << 40

func capped(n int) int { return min(n, costCap) }

func (c *introspectionCost) of(field string, below int) int {
	n, ok := c.elements[field]
	if !ok {
		n = 1
	}
	return capped(1 + n*below)
}

func (c *introspectionCost) beyond(cost int, b *bounds) bool {
	return cost > c.unit*b.introspectionFactor
}

func newIntrospectionCost(s *ast.Schema) (*introspectionCost, error) {
	lists := map[string]int{"types": len(s.Types), "directives": len(s.Directives)}
	most := func(name string, n int) { lists[name] = max(lists[name], n) }
	for _, t := range s.Types {
		most("fields", len(t.Fields))
		most("inputFields", len(t.Fields))
		most("interfaces", len(t.Interfaces))
		most("possibleTypes", len(s.PossibleTypes[t.Name]))
		most("enumValues", len(t.EnumValues))
		for _, f := range t.Fields {
			most("args", len(f.Arguments))
		}
	}
	for _, d := range s.Directives {
		most("args", len(d.Arguments))
	}
	c := &introspectionCost{elements: lists, unit: costCap}
	doc, err := parser.ParseQuery(&ast.Source{Input: introspection.Query})
	if err != nil {
		return nil, err
	}
	limits := newBounds(1)
	limits.nodes = costCap
	root, ref := newMeter(doc, &limits, nil, c).set(doc.Operations[0].SelectionSet)
	if ref != nil {
		return nil, ref.errors
	}
	c.unit = root.cost
	return c, nil
}
