package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/internal/auth"
)

// guard decides who may use a field, by the directives in the schema. A root
// field without @public is closed to anonymous callers, one without @scope to
// API tokens, and one without @public and @setup to sessions that still need a
// second factor. Nothing else decides this. A field without a rule belongs to
// an object that the caller was given already.
type guard struct {
	auth  *auth.Service
	rules map[*ast.FieldDefinition]rule
}

// rule is what the directives of a field say.
type rule struct {
	root, public, recent, setup bool
	scope                       string
}

func newGuard(s *auth.Service, schema *ast.Schema) guard {
	g := guard{auth: s, rules: make(map[*ast.FieldDefinition]rule)}
	for _, def := range schema.Types {
		root := def == schema.Query || def == schema.Mutation || def == schema.Subscription
		for _, field := range def.Fields {
			if r := readRule(field, root); r != (rule{}) && !strings.HasPrefix(field.Name, "__") {
				g.rules[field] = r
			}
		}
	}
	return g
}

func readRule(field *ast.FieldDefinition, root bool) rule {
	r := rule{
		root:   root,
		public: field.Directives.ForName("public") != nil,
		recent: field.Directives.ForName("recent") != nil,
		setup:  field.Directives.ForName("setup") != nil,
	}
	if scope := field.Directives.ForName("scope"); scope != nil {
		r.scope = scope.Arguments.ForName("name").Value.Raw
	}
	return r
}

// field runs a field's resolver if its rule admits the caller.
func (g guard) field(ctx context.Context, next graphql.Resolver) (any, error) {
	r, ruled := g.rules[graphql.GetFieldContext(ctx).Field.Definition]
	if ruled {
		if err := g.admit(r, auth.CallerFrom(ctx)); err != nil {
			return nil, err
		}
		if !r.root && !r.setup && handedLimited(ctx) {
			return nil, &auth.Error{Code: auth.SecondFactorNeeded}
		}
	}
	return next(ctx)
}

func (g guard) admit(r rule, c auth.Caller) error {
	switch {
	case c.IsAPIToken():
		return r.admitAPIToken(c)
	case c.Limited && !r.public && !r.setup:
		return &auth.Error{Code: auth.SecondFactorNeeded}
	case !r.root || r.public:
		return nil
	case c.Anonymous():
		return auth.NotAuthenticated(c)
	case r.recent && !g.auth.Recent(c):
		return &auth.Error{Code: auth.ReauthenticationRequired}
	}
	return nil
}

func (r rule) admitAPIToken(c auth.Caller) error {
	if r.scope == "" && r.root && !r.public || r.recent {
		return &auth.Error{Code: auth.Forbidden} // no scope allows it
	}
	if r.scope != "" && !c.Has(r.scope) {
		return &auth.Error{Code: auth.Forbidden, Scope: r.scope}
	}
	return nil
}
