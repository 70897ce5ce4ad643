package edge

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// WithoutDefer returns a copy of a schema that lacks the @defer directive, which
// gqlparser puts into every schema: an answer of this package is always whole.
// Give the copy to the generated Config.Schema to keep introspection truthful; a
// Handler validates with such a copy in any case.
func WithoutDefer(s *ast.Schema) *ast.Schema {
	out := *s
	out.Directives = maps.Clone(s.Directives)
	delete(out.Directives, "defer")
	return &out
}

// withoutIntrospection returns a copy of a schema whose query type has no
// fields __schema and __type: asking for them is then refused as an unknown
// field is, but told why.
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
