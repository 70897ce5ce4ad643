package edge

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// WithoutDefer returns a copy of a schema without the @defer directive.
// gqlparser adds it to every schema, but this package always sends whole
// answers. Give the copy to the generated Config.Schema, so that introspection
// is true. A Handler always validates with such a copy.
func WithoutDefer(s *ast.Schema) *ast.Schema {
	out := *s
	out.Directives = maps.Clone(s.Directives)
	delete(out.Directives, "defer")
	return &out
}

// withoutIntrospection returns a copy of a schema whose query type has no
// fields __schema and __type. They are then refused as unknown fields are, but
// with a message that says why.
func withoutIntrospection(s *ast.Schema) *ast.Schema {
	query := *s.Query
	query.Fields = slices.DeleteFunc(slices.Clone(query.Fields), func(f *ast.FieldDefinition) bool {
		return f.Name == "__schema" || f.Name == "__type"
	})
	out := *s
	out.Query = &query
	out.Types = maps.Clone(s.Types)
	out.Types[query.Name] = &query
	return &out
}
