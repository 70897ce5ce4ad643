package profile

import (
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"github.com/authgraph/authgraph/internal/profile"
)

// publish makes the types of the schema: what owners read, what they set, and
// the enums of either. Of @hidden fields nothing is published.
func (r *reader) publish() (*Definition, error) {
	written := r.schema.Types["Profile"]
	out := &ast.Definition{
		Kind: ast.Object, Name: "Profile",
		Description: orElse(written.Description, "What the application keeps of a person."),
	}
	in := &ast.Definition{Kind: ast.InputObject, Name: "ProfileInput", Description: "The fields of `Profile` that its owner may set."}
	d := &Definition{Fields: &profile.Schema{Fields: r.found}, Enums: r.enums}
	enums := map[string]*ast.Definition{}
	for _, field := range r.found {
		if field.Hidden {
			continue
		}
		f := written.Fields.ForName(field.Name)
		shown := &ast.FieldDefinition{
			Name: f.Name, Type: f.Type, Description: orElse(f.Description, "Declared by the application."), Directives: deprecated(f.Directives),
		}
		out.Fields = append(out.Fields, shown)
		if field.Editable {
			in.Fields = append(in.Fields, shown)
		}
		if field.List {
			d.Lists = append(d.Lists, field.Name)
		}
		if field.Kind == profile.Enum {
			enums[f.Type.Name()] = describedEnum(r.schema.Types[f.Type.Name()])
		}
	}
	document := &ast.SchemaDocument{Definitions: ast.DefinitionList{out, in}}
	for _, name := range slices.Sorted(maps.Keys(enums)) {
		document.Definitions = append(document.Definitions, enums[name])
	}
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchemaDocument(document)
	d.SDL = text.String()
	return d, nil
}

// describedEnum gives every value a description: the whole schema has them.
func describedEnum(def *ast.Definition) *ast.Definition {
	e := &ast.Definition{Kind: ast.Enum, Name: def.Name, Description: orElse(def.Description, "Declared by the application.")}
	for _, value := range def.EnumValues {
		e.EnumValues = append(e.EnumValues, &ast.EnumValueDefinition{
			Name: value.Name, Description: orElse(value.Description, "Declared by the application."), Directives: deprecated(value.Directives),
		})
	}
	return e
}

func deprecated(all ast.DirectiveList) ast.DirectiveList {
	if d := all.ForName("deprecated"); d != nil {
		return ast.DirectiveList{d}
	}
	return nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
