package profile

import (
	"regexp"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/internal/profile"
)

// rules reads who may set a field, and its bounds.
func (r *reader) rules(f *ast.FieldDefinition, field *profile.Field) {
	editable, hidden := f.Directives.ForName("editable"), f.Directives.ForName("hidden")
	if editable != nil && hidden != nil {
		r.tell(f.Position, "%s is @editable and @hidden; its owner cannot set what they cannot see", f.Name)
		return
	}
	for _, d := range f.Directives {
		if d.Name != "editable" && d.Name != "hidden" && d.Name != "deprecated" {
			r.tell(d.Position, "%s: @%s means nothing here", f.Name, d.Name)
		}
	}
	field.Editable, field.Hidden = editable != nil, hidden != nil
	directive := editable
	if directive == nil {
		directive = hidden
	}
	if directive == nil {
		return
	}
	for _, argument := range directive.Arguments {
		r.bound(f, field, argument)
	}
	if field.Min != nil && field.Max != nil && *field.Min > *field.Max {
		r.tell(directive.Position, "%s: min is more than max", f.Name)
	}
}

// bound reads one argument.
func (r *reader) bound(f *ast.FieldDefinition, field *profile.Field, a *ast.Argument) {
	value, err := a.Value.Value(nil)
	if err != nil || value == nil {
		r.tell(a.Position, "%s: %s has no value", f.Name, a.Name)
		return
	}
	text := field.Kind == profile.String || field.Kind == profile.ID
	fits, typed := true, true
	switch a.Name {
	case "required":
		field.Required, typed = value.(bool)
	case "once":
		field.Once, typed = value.(bool)
	case "maxLength":
		fits = text
		field.MaxLength = r.count(f, a, value, profile.MaxText)
	case "maxItems":
		fits = field.List
		field.MaxItems = r.count(f, a, value, profile.MaxItems)
	case "min":
		fits = field.Kind == profile.Int || field.Kind == profile.Float
		field.Min, typed = limit(value)
	case "max":
		fits = field.Kind == profile.Int || field.Kind == profile.Float
		field.Max, typed = limit(value)
	case "pattern":
		fits = text
		var pattern string
		pattern, typed = value.(string)
		if field.Pattern, err = regexp.Compile(pattern); err != nil {
			r.tell(a.Position, "%s: pattern is not a regular expression (RE2)", f.Name)
		}
	}
	if !typed {
		r.tell(a.Position, "%s: the value of %s is of another type", f.Name, a.Name)
	}
	if !fits {
		r.tell(a.Position, "%s: %s does not fit its type", f.Name, a.Name)
	}
}

// count reads a number of characters or items.
func (r *reader) count(f *ast.FieldDefinition, a *ast.Argument, value any, most int) int {
	n, _ := value.(int64)
	if n < 1 || n > int64(most) {
		r.tell(a.Position, "%s: %s must be between 1 and %d", f.Name, a.Name, most)
		return most
	}
	return int(n)
}

func limit(value any) (*float64, bool) {
	switch v := value.(type) {
	case int64:
		return new(float64(v)), true
	case float64:
		return &v, true
	}
	return nil, false
}
