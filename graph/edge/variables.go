package edge

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// coercer makes the values of variables fit the types that a document declares
// (GraphQL specification, section 6.1.2). It is stricter than gqlparser: enum
// values in their letter case, no numbers in strings, no unknown fields, one
// field of a oneOf input object.
type coercer struct{ schema *ast.Schema }

// problem says where a value does not fit, from the inside out, and why. It
// contains nothing of the value.
type problem struct {
	path []string
	why  string
}

func wrong(why string) *problem { return &problem{why: why} }

func (p *problem) in(element string) *problem {
	p.path = append(p.path, element)
	return p
}

// variables are the values for executing an operation. There is one error for
// each variable that does not fit. A variable that the operation does not
// declare is ignored, as in graphql-js.
func (c coercer) variables(op *operation, given map[string]any, most int) (map[string]any, *refusal) {
	defs := op.def.VariableDefinitions
	vars := make(map[string]any, len(defs))
	var errs gqlerror.List
	for _, def := range defs {
		value, ok := given[def.Variable]
		var p *problem
		switch {
		case ok && value == nil && op.notNull[def.Variable]:
			p = wrong("must not be null")
		case ok:
			value, p = c.value(def.Type, value)
		case def.DefaultValue != nil:
			value, p = defaultValue(def.DefaultValue)
		case def.Type.NonNull:
			p = wrong("is required")
		default:
			continue // missing is not the same as null
		}
		if p == nil {
			vars[def.Variable] = value
		} else if errs = append(errs, p.error(def)); len(errs) == most {
			break
		}
	}
	if len(errs) > 0 {
		return nil, &refusal{outcome: refused, errors: errs}
	}
	return vars, nil
}

func defaultValue(v *ast.Value) (any, *problem) {
	value, err := v.Value(nil)
	if err != nil {
		return nil, wrong("has a bad default value")
	}
	return value, nil
}

func (p *problem) error(def *ast.VariableDefinition) *gqlerror.Error {
	var place strings.Builder
	for i := len(p.path) - 1; i >= 0; i-- {
		place.WriteByte('.')
		place.WriteString(p.path[i])
	}
	message := "Variable \"$" + def.Variable + place.String() + "\" " + p.why + "."
	return newError(CodeBadUserInput, shorten(message), def.Position)
}
