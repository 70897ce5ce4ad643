package graph_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/graph/graphtest"
	"github.com/authgraph/authgraph/internal/auth"
)

// accountRead is what an API token with the scope account:read can see of its
// owner. A field of an object is open to everyone who was given the object. So
// a new field must be added here, or get a scope of its own.
var accountRead = []string{
	"Query.me",
	"User.confirmedAt",
	"User.createdAt",
	"User.email",
	"User.hasPassword",
	"User.id",
	"User.locale",
	"User.pendingEmail",
	"User.roles",
	"User.secondFactor",
	"User.updatedAt",
	"User.username",
}

func TestWhatAccountReadSees(t *testing.T) {
	api := newAPI(t)
	schema := loadSchema(t)
	token := api.token(t, auth.ScopeAccountRead)
	var seen []string
	var look func(on *gql.Definition, f *gql.FieldDefinition, before, after string)
	look = func(on *gql.Definition, f *gql.FieldDefinition, before, after string) {
		name, below, leaf := on.Name+"."+f.Name, schema.Types[f.Type.Name()], ""
		before += f.Name
		if below.IsCompositeType() {
			before, leaf, after = before+"{", "__typename", "}"+after
		}
		if slices.Contains(seen, name) {
			return
		}
		if errs := api.post(t, token, before+leaf+after).Errors; len(errs) > 0 {
			if code := errs[0].Extensions.Code; code != "FORBIDDEN" {
				t.Errorf("%s: %s", name, code)
			}
			return
		}
		seen = append(seen, name)
		for _, field := range graphtest.Fields(below) {
			look(below, field, before, after)
		}
	}
	look(schema.Query, schema.Query.Fields.ForName("me"), "{", "}")
	slices.Sort(seen)
	if diff := cmp.Diff(accountRead, seen); diff != "" {
		t.Errorf("what account:read sees (-pinned +schema):\n%s", diff)
	}
}
