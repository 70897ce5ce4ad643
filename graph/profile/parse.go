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
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"

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
	// Enums are the lines of the file in which its other types begin, by name.
	Enums map[string]int
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
	r := &reader{enums: map[string]int{}}
	if err := r.alone(file); err != nil {
		return nil, err
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "prelude", Input: prelude, BuiltIn: true}, file)
	if err != nil {
		return nil, told(err)
	}
	r.schema = schema
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
	found  []profile.Field
	enums  map[string]int // that the file declares, and their lines
	wrong  []error
}

// tell notes a mistake, with its line.
func (r *reader) tell(at *ast.Position, format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Errorf("line %d: "+format, append([]any{at.Line}, args...)...))
}

// alone looks at the file by itself, before it meets other types. It refuses
// everything but the type Profile and enums.
func (r *reader) alone(file *ast.Source) error {
	document, err := parser.ParseSchema(file)
	if err != nil {
		return told(err)
	}
	for _, def := range document.Definitions {
		switch {
		case def.Name == "Profile" && def.Kind != ast.Object:
			r.tell(def.Position, "Profile must be a type")
		case def.Name == "Profile" && len(def.Interfaces) > 0:
			r.tell(def.Position, "Profile cannot implement interfaces")
		case def.Name == "Profile":
		case def.Kind != ast.Enum:
			r.tell(def.Position, "%s cannot be here: the file holds the type Profile, and enums", def.Name)
		default:
			r.enums[def.Name] = def.Position.Line
			r.values(def)
		}
	}
	for _, def := range document.Extensions {
		r.tell(def.Position, "%s is extended here; the file holds the type Profile, and enums, and extends nothing", def.Name)
	}
	for _, def := range slices.Concat(document.Schema, document.SchemaExtension) {
		r.tell(def.Position, "a schema cannot be here: the file holds the type Profile, and enums, and extends nothing")
	}
	for _, d := range slices.Concat(document.Directives, document.DirectiveExtensions) {
		r.tell(d.Position, "@%s cannot be declared here", d.Name)
	}
	return errors.Join(r.wrong...)
}

// values refuses names that GraphQL reads in another way.
func (r *reader) values(def *ast.Definition) {
	for _, value := range def.EnumValues {
		if slices.Contains([]string{"true", "false", "null"}, value.Name) {
			r.tell(value.Position, "%s cannot be a value of %s", value.Name, def.Name)
		}
	}
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
	_, isEnum := r.enums[item.NamedType] // and no enum of GraphQL's own, such as __TypeKind
	switch {
	case len(f.Arguments) > 0:
		r.tell(f.Position, "%s cannot have arguments", f.Name)
	case f.Type.NonNull:
		r.tell(f.Position, "%s cannot be non-null, since there are accounts without it; write @editable(required: true)", f.Name)
	case item.Elem != nil:
		r.tell(f.Position, "%s cannot be a list of lists", f.Name)
	case field.List && !item.NonNull:
		r.tell(f.Position, "%s is a list whose items may be null; write [%s!]", f.Name, item.NamedType)
	case isEnum:
		kind = profile.Enum
		for _, value := range r.schema.Types[item.NamedType].EnumValues {
			field.Values = append(field.Values, value.Name)
		}
	case !known:
		r.tell(f.Position, "%s cannot be of type %s; it can be String, Int, Float, Boolean, ID, DateTime, an enum, or a list of these", f.Name, item.NamedType)
	}
	field.Kind = kind
	r.rules(f, &field)
	return field
}
