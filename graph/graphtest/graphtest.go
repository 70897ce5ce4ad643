// Package graphtest writes documents for every operation of the schema, for
// tests. A new operation is included automatically.
package graphtest

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Operations are documents by name. There is one for each root field, which
// asks for everything except fields with their own scope. There is one for each
// of those fields of the caller, such as `query sessions { me { sessions { … }
// } }`. A mutation has the variable input.
func Operations(s *ast.Schema) map[string]string {
	documents := map[string]string{}
	for _, f := range Fields(s.Query) {
		documents[f.Name] = "query " + f.Name + " { " + f.Name + all(s, f) + " }"
	}
	for _, f := range Fields(s.Types[s.Query.Fields.ForName("me").Type.Name()]) {
		if scoped(f) {
			documents[f.Name] = "query " + f.Name + " { me { " + f.Name + all(s, f) + " } }"
		}
	}
	for _, f := range Fields(s.Mutation) {
		variables, argument := "", ""
		if len(f.Arguments) > 0 {
			variables, argument = "($input: "+f.Arguments[0].Type.String()+")", "(input: $input)"
		}
		documents[f.Name] = "mutation " + f.Name + variables + " { " + f.Name + argument + all(s, f) + " }"
	}
	return documents
}

// all is everything below a field, in the order of the schema.
func all(s *ast.Schema, f *ast.FieldDefinition) string {
	var set strings.Builder
	for _, below := range Fields(s.Types[f.Type.Name()]) {
		if !scoped(below) {
			set.WriteString(" " + below.Name + all(s, below))
		}
	}
	if set.Len() == 0 {
		return "" // a leaf
	}
	return " {" + set.String() + " }"
}

func scoped(f *ast.FieldDefinition) bool { return f.Directives.ForName("scope") != nil }

// Fields are the fields of a type, without those that GraphQL adds. A leaf has
// none.
func Fields(def *ast.Definition) []*ast.FieldDefinition {
	if !def.IsCompositeType() {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
}

// Variables are the minimum that an operation needs: the required fields of its
// input, with texts of one letter, numbers of 1 and empty lists.
func Variables(s *ast.Schema, f *ast.FieldDefinition) map[string]any {
	variables := map[string]any{}
	for _, a := range f.Arguments {
		variables[a.Name] = least(s, a.Type)
	}
	return variables
}

func least(s *ast.Schema, t *ast.Type) any {
	def := s.Types[t.Name()]
	switch {
	case t.Elem != nil:
		return []any{}
	case def.Kind == ast.Enum:
		return def.EnumValues[0].Name
	case def.Kind == ast.InputObject:
		object := map[string]any{}
		for _, f := range def.Fields {
			if f.Type.NonNull && f.DefaultValue == nil {
				object[f.Name] = least(s, f.Type)
			}
		}
		return object
	case def.Name == "Int" || def.Name == "Float":
		return 1
	case def.Name == "Boolean":
		return true
	}
	return "x"
}
