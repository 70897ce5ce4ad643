package edge

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// choices are Options.Choices.
type choices map[string][]string

const choicesRule = "Choices"

// verify refuses choices that the schema does not have.
func (c choices) verify(s *ast.Schema) error {
	for name, fields := range c {
		def := s.Types[name]
		if def == nil || def.Kind != ast.InputObject {
			return fmt.Errorf("choice of %s: no such input object", name)
		}
		for _, field := range fields {
			if f := def.Fields.ForName(field); f == nil || f.Type.NonNull {
				return fmt.Errorf("choice of %s: no field %s that may be null", name, field)
			}
		}
	}
	return nil
}

// check is the rule for literals. It decides what can be decided without the
// values of variables; the rest is left to sites.
func (c choices) check(events *core.Events, report core.AddErrFunc) {
	events.OnValue(func(_ *core.Walker, v *ast.Value) {
		fields := c.of(v)
		given, open := count(v, fields, nil)
		if fields != nil && (given > 1 || given == 0 && open == 0) {
			report(core.Message("%s", choiceMessage(fields)), core.At(v.Position))
		}
	})
}

// of is the choice in an input object literal, or nil.
func (c choices) of(v *ast.Value) []string {
	if len(c) == 0 || v.Kind != ast.ObjectValue || v.Definition == nil {
		return nil
	}
	return c[v.Definition.Name]
}

// count counts how many of the fields an object literal gives, null aside, and
// how many are variables that vars does not decide; nil decides none.
func count(v *ast.Value, fields []string, vars map[string]any) (given, open int) {
	for _, field := range fields {
		child := v.Children.ForName(field)
		switch {
		case child == nil || child.Kind == ast.NullValue:
		case child.Kind != ast.Variable:
			given++
		case vars == nil:
			open++
		case vars[child.Raw] != nil:
			given++
		}
	}
	return given, open
}

// site is an object literal in a document whose choice depends on variables.
type site struct {
	value  *ast.Value
	fields []string
}

// decide checks the sites of an operation when its variables are known.
func decide(sites []site, vars map[string]any) *refusal {
	for _, s := range sites {
		if given, _ := count(s.value, s.fields, vars); given != 1 {
			return refuse(refused, CodeBadUserInput, choiceMessage(s.fields), s.value.Position)
		}
	}
	return nil
}

// inMap reports whether a value of a variable makes its choice.
func (c choices) inMap(def *ast.Definition, value map[string]any) bool {
	fields := c[def.Name]
	given := 0
	for _, field := range fields {
		if value[field] != nil {
			given++
		}
	}
	return fields == nil || given == 1
}

func choiceMessage(fields []string) string {
	return "Exactly one of " + strings.Join(fields, " and ") + " must be given."
}
