package edge

import (
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// elements is how many elements a list can have at most, by the name of its
// field: Options.Elements. Names are enough for that, and they are known before
// validation.
type elements map[string]int

const (
	// leavesPerField is how many scalars or enum values in a list count as one
	// field. They are written, but nothing is resolved for them.
	leavesPerField = 8
	// mostElements prevents an overflow when it is multiplied with an estimate
	// of at most costCap.
	mostElements = 1 << 20
)

// verify refuses a schema with a list that has no entry, so that a new list
// cannot be forgotten. It also refuses entries without a list, and entries
// below 1.
func (e elements) verify(s *ast.Schema) error {
	lists := make(map[string]bool, len(e))
	var missing []string
	for _, t := range s.Types {
		if t.BuiltIn || !t.IsCompositeType() {
			continue
		}
		for _, f := range t.Fields {
			if f.Type.Elem == nil {
				continue
			}
			lists[f.Name] = true
			if _, ok := e[f.Name]; !ok {
				missing = append(missing, t.Name+"."+f.Name)
			}
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("elements: no entry for the list %s", slices.Min(missing))
	}
	for name, n := range e {
		if !lists[name] {
			return fmt.Errorf("elements: the schema has no list %s", name)
		}
		if n < 1 || n > mostElements {
			return fmt.Errorf("elements: %s must be 1 to %d, not %d", name, mostElements, n)
		}
	}
	return nil
}

// resolved is the work of a field: the field itself and what is below it. For a
// list, it is each element with everything below.
func (e elements) resolved(field string, below int) int {
	n, list := e[field]
	switch {
	case !list:
		return capped(1 + below)
	case below == 0:
		return 1 + (n+leavesPerField-1)/leavesPerField
	}
	return capped(1 + n*(1+below))
}
