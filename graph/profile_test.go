package graph_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/graph/graphtest"
	"github.com/authgraph/authgraph/graph/profile"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store/storetest"

	stored "github.com/authgraph/authgraph/internal/profile"
)

// shop is a file of profile fields.
const shop = `type Profile { name: String @editable  likes: [Like!] @editable  plan: Like  note: String @hidden } enum Like { ART SPORT }`

func fieldsOf(t testing.TB, file string) *profile.Definition {
	t.Helper()
	fields, err := profile.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	return fields
}

func sdlOf(t testing.TB, p *profile.Definition) string {
	t.Helper()
	sdl, err := graph.SDL(p)
	if err != nil {
		t.Fatal(err)
	}
	return sdl
}

// TestProfileTypesAreTheirOwn: what is printed is what is served. So both refuse a
// type of the operator's that has the name of one of ours or of GraphQL's, and a
// description cannot bring a type in.
func TestProfileTypesAreTheirOwn(t *testing.T) {
	for _, name := range []string{"AuthErrorCode", "ProfileInput", "Captcha", "UpdateProfileInput", "Query", "Mutation", "ID", "DateTime"} {
		for what, file := range map[string]string{
			"a field":        "type Profile { a: Int @editable\n b: " + name + " @editable }\nenum " + name + " { A }",
			"a hidden field": "type Profile { a: Int @editable\n b: " + name + " @hidden }\nenum " + name + " { A }",
			"nothing":        "type Profile { a: Int @editable }\n\nenum " + name + " { A }",
		} {
			p, err := profile.Parse(file)
			if err == nil {
				_, err = graph.SDL(p)
			}
			if err == nil || !strings.Contains(err.Error(), "line ") || !strings.Contains(err.Error(), name) {
				t.Errorf("%s of %s: %v", what, name, err)
			}
		}
	}
	sdl := sdlOf(t, fieldsOf(t, `type Profile { """a \""" } enum AuthErrorCode { X }""" a: Int @editable  "\\" b: Int  "ends with \"" c: Int @deprecated(reason: "\"\"\" }") }`))
	if _, err := gqlparser.LoadSchema(&gql.Source{Input: sdl}); err != nil {
		t.Error(err)
	}
}

// withFields is an endpoint with profile fields, and the token of a session.
func withFields(t testing.TB, file string) (*api, string) {
	t.Helper()
	fields := fieldsOf(t, file)
	env := authtest.On(t, storetest.SQLite(t), func(s *auth.Settings) { s.Profile = fields.Fields })
	handler, err := graph.New(env.Service, graph.Options{Introspection: true, Profile: fields})
	if err != nil {
		t.Fatal(err)
	}
	return &api{Env: env, handler: handler}, env.Account("ann@example.org").AccessToken
}

// TestProfileSchema: the published schema with fields is valid and described,
// opens nothing to strangers, and has no scalar in place of the types.
func TestProfileSchema(t *testing.T) {
	plain, sdl := loadSchema(t), sdlOf(t, fieldsOf(t, shop))
	schema, err := gqlparser.LoadSchema(&gql.Source{Input: sdl})
	if err != nil {
		t.Fatal(err)
	}
	if got := plain.Types["UpdateProfileInput"]; got == nil || got.Fields.ForName("profile") != nil || got.Fields.ForName("locale") == nil {
		t.Errorf("without fields updateProfile takes %+v", got)
	}
	for _, name := range []string{"Profile", "ProfileInput"} {
		if plain.Types[name] != nil {
			t.Errorf("without fields the schema has %s", name)
		}
		if def := schema.Types[name]; def == nil || def.Kind == gql.Scalar || def.Description == "" {
			t.Errorf("with fields the schema has %+v for %s", def, name)
		}
	}
	for _, f := range graphtest.Fields(schema.Types["Profile"]) {
		if f.Description == "" {
			t.Errorf("Profile.%s has no description", f.Name)
		}
	}
	if f := schema.Mutation.Fields.ForName("updateProfile"); len(f.Directives) > 0 {
		t.Errorf("updateProfile has %v: it is for whole sessions alone", f.Directives)
	}
	if strings.Contains(sdl, "note") || strings.Contains(sdl, "@editable") {
		t.Errorf("the schema tells what is hidden:\n%s", sdl)
	}
}

func TestProfileIsTyped(t *testing.T) {
	api, ann := withFields(t, shop)
	const change = `mutation ($p: ProfileInput) { updateProfile(input: {profile: $p}) { user { profile { name likes plan } } errors { code field } } }`
	for name, test := range map[string]struct{ document, variables, want string }{
		"nothing is kept yet":      {`{ me { profile { name } } }`, `{}`, `{"data":{"me":{"profile":null}}}`},
		"variables":                {change, `{"p":{"name":"Ann","likes":["ART"]}}`, `{"data":{"updateProfile":{"user":{"profile":{"name":"Ann","likes":["ART"],"plan":null}},"errors":[]}}}`},
		"a single value":           {change, `{"p":{"likes":"SPORT"}}`, `"likes":["SPORT"]`},
		"another case of an enum":  {change, `{"p":{"likes":["art"]}}`, `BAD_USER_INPUT`},
		"a field for others":       {change, `{"p":{"plan":"ART"}}`, `BAD_USER_INPUT`},
		"a number":                 {change, `{"p":{"name":7}}`, `BAD_USER_INPUT`},
		"a list":                   {change, `{"p":[{"name":"x"}]}`, `BAD_USER_INPUT`},
		"literals":                 {`mutation { updateProfile(input: {profile: {name: "<b>", likes: SPORT}}) { user { profile { n: name likes } } } }`, `{}`, `{"n":"<b>","likes":["SPORT"]}`},
		"a literal of a variable":  {`mutation ($n: String) { updateProfile(input: {profile: {name: $n}}) { user { profile { name } } } }`, `{"n":"Bea"}`, `"name":"Bea"`},
		"an unknown literal field": {`mutation { updateProfile(input: {profile: {note: "x"}}) { user { id } } }`, `{}`, `GRAPHQL_VALIDATION_FAILED`},
		"no subfields":             {`{ me { profile } }`, `{}`, `GRAPHQL_VALIDATION_FAILED`},
		"an unknown field":         {`{ me { profile { note } } }`, `{}`, `GRAPHQL_VALIDATION_FAILED`},
		"the same twice":           {`{ me { profile { name name n: name ... { name plan } } } }`, `{}`, `{"name":"Ann","n":"Ann","plan":null}`},
		"fields are left out":      {`query ($no: Boolean = true) { me { profile { __typename name @skip(if: $no) ... on Profile @include(if: $no) { plan } } } }`, `{}`, `{"__typename":"Profile","plan":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			if name != "nothing is kept yet" {
				update(t, api, ann, stored.Given{"name": "Ann"})
			}
			if got := post(t, api.handler, api.As(ann), test.document, test.variables).raw; !strings.Contains(got, test.want) {
				t.Errorf("answer %s, want %s", got, test.want)
			}
			update(t, api, ann, stored.Given{"name": nil, "likes": nil})
		})
	}
}

func update(t testing.TB, api *api, token string, given stored.Given) {
	t.Helper()
	if _, err := api.UpdateProfile(t.Context(), api.As(token), auth.UpdateProfileInput{Profile: given}); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkMe compares me without a profile, with an empty one, and with ten
// fields.
func BenchmarkMe(b *testing.B) {
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}
	file, given := "type Profile {", stored.Given{}
	for _, name := range names {
		file += " " + name + ": String @editable"
		given[name] = "a value of some length for " + name
	}
	const plain = `{ me { id email username createdAt updatedAt confirmedAt } }`
	api, ann := withFields(b, file+" }")
	without := authtest.On(b, storetest.SQLite(b))
	handler, err := graph.New(without.Service, graph.Options{})
	if err != nil {
		b.Fatal(err)
	}
	stranger := without.As(without.Account("ann@example.org").AccessToken)
	run := func(name string, do func()) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				do()
			}
		})
	}
	run("no profile", func() { me(b, handler, stranger, plain) })
	caller := api.As(ann)
	run("an empty one", func() { me(b, api.handler, caller, plain) })
	update(b, api, ann, given)
	caller = api.As(ann)
	run("one of ten fields, not asked for", func() { me(b, api.handler, caller, plain) })
	run("ten fields", func() {
		me(b, api.handler, caller, `{ me { id email username createdAt updatedAt confirmedAt profile { `+strings.Join(names, " ")+` } } }`)
	})
}

func me(b *testing.B, h http.Handler, c auth.Caller, document string) {
	b.Helper()
	r := httptest.NewRequestWithContext(auth.WithCaller(b.Context(), c), http.MethodPost, "/graphql", strings.NewReader(`{"query":"`+document+`"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), `"data":{"me":{"id":`) {
		b.Fatal(w.Body.String())
	}
}

// Whether something hidden is kept of a person cannot be seen.
func TestAHiddenFieldIsNotToldOf(t *testing.T) {
	api, ann := withFields(t, shop)
	id := api.As(ann).User.ID
	api.Store.User.UpdateOneID(id).SetProfile(`{"note":"watch them"}`).ExecX(t.Context())
	if got := post(t, api.handler, api.As(ann), `{ me { profile { name } } }`, `{}`).raw; !strings.Contains(got, `"profile":null`) {
		t.Errorf("answer %s", got)
	}
}
