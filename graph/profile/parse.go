// Package profile reads the operator's file of profile fields, and makes of it
// the types of the schema and the fields that the domain checks.
//
//	parse.go    the file to fields, and every mistake in it
//	bounds.go   the arguments of @editable and @hidden
//	publish.go  the fields to `type Profile` and `input ProfileInput`
package profile

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/authgraph/authgraph/internal/profile"
)

// Definition is a file that was found good.
type Definition struct {
	// Fields are for the domain.
	Fields *profile.Schema
	// SDL is the types for the published schema.
	SDL string
	// Lists are the names of the fields that clients can read and that are lists.
	Lists []string
}

// prelude is what a file may use.
const prelude = `
directive @editable(required: Boolean, once: Boolean, maxLength: Int, min: Float, max: Float, maxItems: Int, pattern: String) on FIELD_DEFINITION
directive @hidden(maxLength: Int, min: Float, max: Float, maxItems: Int, pattern: String) on FIELD_DEFINITION
scalar DateTime
type Query { profile: Profile }
`

// Parse reads a file. Its error has every mistake, each in a line of its own
// with the place.
func Parse(text string) (*Definition, error) {
	file := &ast.Source{Name: "", Input: text}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "prelude", Input: prelude, BuiltIn: true}, file)
	if err != nil {
		return nil, told(err)
	}
	r := &reader{schema: schema, file: file}
	r.types()
	if def := schema.Types["Profile"]; def.Kind == ast.Object {
		r.fields(def)
	}
	if len(r.wrong) > 0 {
		return nil, errors.Join(r.wrong...)
	}
	return r.publish()
}

// told is a mistake in the words of GraphQL.
func told(err error) error {
	found, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		return err
	}
	if strings.Contains(found.Message, "Undefined type Profile") {
		return errors.New("the file has no type Profile")
	}
	line := ""
	if len(found.Locations) > 0 {
		line = fmt.Sprintf("line %d: ", found.Locations[0].Line)
	}
	return errors.New(line + strings.TrimSuffix(found.Message, "."))
}

type reader struct {
	schema *ast.Schema
	file   *ast.Source
	found  []profile.Field
	wrong  []error
}

// tell notes a mistake, with its line.
func (r *reader) tell(at *ast.Position, format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Errorf("line %d: "+format, append([]any{at.Line}, args...)...))
}

// types refuses everything but the type Profile and enums.
func (r *reader) types() {
	for _, name := range slices.Sorted(maps.Keys(r.schema.Types)) {
		def := r.schema.Types[name]
		if def.Position == nil || def.Position.Src != r.file {
			continue
		}
		switch {
		case name == "Profile" && def.Kind != ast.Object:
			r.tell(def.Position, "Profile must be a type")
		case name == "Profile" && len(def.Interfaces) > 0:
			r.tell(def.Position, "Profile cannot implement interfaces")
		case name != "Profile" && def.Kind != ast.Enum:
			r.tell(def.Position, "%s cannot be here: the file holds the type Profile, and enums", name)
		}
	}
	for name, d := range r.schema.Directives {
		if d.Position != nil && d.Position.Src == r.file {
			r.tell(d.Position, "@%s cannot be declared here", name)
		}
	}
	query := r.schema.Types["Query"] // a file may name another one as the schema's
	ours := query.Fields.ForName("profile")
	if r.schema.Query != query || ours == nil || len(ours.Directives) > 0 || hasMore(query) || r.schema.Mutation != nil {
		r.wrong = append(r.wrong, errors.New("the file holds the type Profile, and enums; it extends nothing"))
	}
}

// hasMore reports that a file has extended the query type.
func hasMore(query *ast.Definition) bool {
	return slices.ContainsFunc(query.Fields, func(f *ast.FieldDefinition) bool {
		return f.Name != "profile" && !strings.HasPrefix(f.Name, "__")
	})
}

func (r *reader) fields(def *ast.Definition) {
	editable := 0
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		field := r.field(f)
		if field.Editable {
			editable++
		}
		r.found = append(r.found, field)
	}
	switch {
	case len(r.found) > profile.MaxFields:
		r.tell(def.Position, "Profile has %d fields; %d is the most", len(r.found), profile.MaxFields)
	case editable == 0:
		r.tell(def.Position, "no field is @editable, so nobody could fill one in")
	}
}

var kinds = map[string]profile.Kind{
	"String": profile.String, "Int": profile.Int, "Float": profile.Float, "Boolean": profile.Boolean, "ID": profile.ID, "DateTime": profile.DateTime,
}

func (r *reader) field(f *ast.FieldDefinition) profile.Field {
	field := profile.Field{Name: f.Name, List: f.Type.Elem != nil}
	item := cmp.Or(f.Type.Elem, f.Type)
	kind, known := kinds[item.NamedType]
	def := r.schema.Types[item.NamedType]
	switch {
	case len(f.Arguments) > 0:
		r.tell(f.Position, "%s cannot have arguments", f.Name)
	case f.Type.NonNull:
		r.tell(f.Position, "%s cannot be non-null, since there are accounts without it; write @editable(required: true)", f.Name)
	case item.Elem != nil:
		r.tell(f.Position, "%s cannot be a list of lists", f.Name)
	case field.List && !item.NonNull:
		r.tell(f.Position, "%s is a list whose items may be null; write [%s!]", f.Name, item.NamedType)
	case def != nil && def.Kind == ast.Enum:
		kind = profile.Enum
		for _, value := range def.EnumValues {
			field.Values = append(field.Values, value.Name)
		}
	case !known:
		r.tell(f.Position, "%s cannot be of type %s; it can be String, Int, Float, Boolean, ID, DateTime, an enum, or a list of these", f.Name, item.NamedType)
	}
	field.Kind = kind
	r.rules(f, &field)
	return field
}
