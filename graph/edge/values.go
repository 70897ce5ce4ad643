package edge

import (
	"math"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/core"
)

const valuesRule = "ValuesOfCorrectType"

// checkValues is the rule that literals fit the types of their places (GraphQL
// specification, section 5.6.1). Its messages quote no literal. It refuses a
// number that Go cannot hold, also inside custom scalars, because gqlgen would
// panic when it reads one.
func checkValues(events *core.Events, report core.AddErrFunc) {
	events.OnValue(func(_ *core.Walker, v *ast.Value) {
		if !readable(v) {
			report(core.Message("A number is out of range."), core.At(v.Position))
			return
		}
		if v.Definition == nil || v.ExpectedType == nil || v.Kind == ast.Variable {
			return
		}
		switch {
		case !fits(v):
			report(core.Message("Expected a value of type \"%s\".", v.ExpectedType), core.At(v.Position))
		case v.Kind == ast.ObjectValue && v.Definition.Kind == ast.InputObject:
			checkObject(v, report)
		}
	})
}

func readable(v *ast.Value) bool {
	var err error
	switch v.Kind {
	case ast.IntValue:
		_, err = strconv.ParseInt(v.Raw, 10, 64)
	case ast.FloatValue:
		_, err = strconv.ParseFloat(v.Raw, 64)
	}
	return err == nil
}

// fits reports whether a literal may be used for its type. It does not look
// inside lists and objects.
func fits(v *ast.Value) bool {
	if v.Kind == ast.NullValue {
		return !v.ExpectedType.NonNull
	}
	def := v.Definition
	if v.Kind == ast.ListValue {
		return v.ExpectedType.Elem != nil || def.Kind == ast.Scalar && !builtIn(def.Name)
	}
	switch def.Kind {
	case ast.InputObject:
		return v.Kind == ast.ObjectValue
	case ast.Enum:
		return v.Kind == ast.EnumValue && def.EnumValues.ForName(v.Raw) != nil
	}
	switch def.Name {
	case "Int":
		n, err := strconv.ParseInt(v.Raw, 10, 64)
		return v.Kind == ast.IntValue && err == nil && n >= math.MinInt32 && n <= math.MaxInt32
	case "Float":
		return v.Kind == ast.IntValue || v.Kind == ast.FloatValue
	case "Boolean":
		return v.Kind == ast.BooleanValue
	case "String":
		return v.Kind == ast.StringValue || v.Kind == ast.BlockValue
	case "ID":
		return v.Kind == ast.StringValue || v.Kind == ast.BlockValue || v.Kind == ast.IntValue
	}
	return true // a custom scalar reads its own literals
}

func builtIn(scalar string) bool {
	switch scalar {
	case "Int", "Float", "Boolean", "String", "ID":
		return true
	}
	return false
}

// checkObject checks which fields an input object has (sections 5.6.2, 5.6.4).
// A oneOf input object must have exactly one, and not null.
func checkObject(v *ast.Value, report core.AddErrFunc) {
	def := v.Definition
	for _, c := range v.Children {
		if def.Fields.ForName(c.Name) == nil {
			report(core.Message("A field is not defined by type \"%s\".", def.Name), core.At(c.Position))
		}
	}
	for _, f := range def.Fields {
		if f.Type.NonNull && f.DefaultValue == nil && v.Children.ForName(f.Name) == nil {
			report(core.Message("Field \"%s\" of type \"%s\" is required.", f.Name, f.Type), core.At(v.Position))
		}
	}
	if isOneOf(def) && (len(v.Children) != 1 || v.Children[0].Value.Kind == ast.NullValue) {
		report(core.Message("Exactly one field of \"%s\" must be given, and not null.", def.Name), core.At(v.Position))
	}
}

func isOneOf(def *ast.Definition) bool { return def.Directives.ForName("oneOf") != nil }
