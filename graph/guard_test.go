package graph

import (
	"testing"

	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
)

// TestGuardIsClosedByDefault: a new root field without directives is open to
// sessions only.
func TestGuardIsClosedByDefault(t *testing.T) {
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		directive @public on FIELD_DEFINITION
		directive @scope(name: String!) on FIELD_DEFINITION
		directive @recent on FIELD_DEFINITION
		type Query { forgotten: Thing }
		type Mutation { forgotten: Thing }
		type Subscription { forgotten: Thing }
		type Thing { id: ID! }`})
	g := newGuard(nil, schema)
	callers := map[string]struct {
		caller auth.Caller
		want   auth.Code
	}{
		"an anonymous caller":            {auth.Caller{}, auth.Unauthenticated},
		"a caller with a bad credential": {auth.Caller{Refused: auth.ReasonInvalid}, auth.Unauthenticated},
		"an API token":                   {auth.Caller{User: new(ent.User), TokenID: uuid.New(), Scopes: []string{"forgotten", "*", ""}}, auth.Forbidden},
		"a session":                      {auth.Caller{User: new(ent.User), SessionID: uuid.New()}, ""},
	}
	for _, root := range []*ast.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		for name, c := range callers {
			t.Run(root.Name+" for "+name, func(t *testing.T) {
				r, ruled := g.rules[root.Fields.ForName("forgotten")]
				if !ruled {
					t.Fatal("a root field without directives has no rule")
				}
				if got := codeOf(g.admit(r, c.caller)); got != c.want {
					t.Errorf("admit() = %q, want %q", got, c.want)
				}
			})
		}
	}
	if r, ruled := g.rules[schema.Types["Thing"].Fields.ForName("id")]; ruled {
		t.Errorf("a field of an object that the caller was given has the rule %+v", r)
	}
}

func codeOf(err error) auth.Code {
	if told, ok := err.(*auth.Error); ok {
		return told.Code
	}
	return ""
}
