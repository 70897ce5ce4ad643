package graph_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	gql "github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/graph/graphtest"
	"github.com/authgraph/authgraph/internal/auth"
)

// publicFields are the root fields that everybody may call. A new line opens a
// new way in for strangers.
var publicFields = []string{
	"Mutation.answerChallenge",
	"Mutation.confirm",
	"Mutation.login",
	"Mutation.loginWithPasskey",
	"Mutation.loginWithProvider",
	"Mutation.logout",
	"Mutation.refresh",
	"Mutation.requestPasswordReset",
	"Mutation.resetPassword",
	"Mutation.signUp",
	"Mutation.signUpWithPasskey",
	"Mutation.startEmailLogin",
	"Mutation.startIdToken",
	"Mutation.startPasskeyLogin",
	"Mutation.startPasskeySignUp",
	"Mutation.startProviderLogin",
	"Query.authConfig",
	"Query.me",
}

// soundSecret are fields of output types whose names sound like a secret. Only
// the first ones hand one out.
var soundSecret = []string{
	"AuthSession.accessToken",
	"AuthSession.refreshToken",
	"AddTotpPayload.secret",
	"Challenge.token",
	"ConfirmPasskeyPayload.recoveryCodes",
	"ConfirmTotpPayload.recoveryCodes",
	"MakeRecoveryCodesPayload.recoveryCodes",
	"SetSecondFactorPayload.recoveryCodes",
	"IssueApiTokenPayload.token",
	"SignUpPayload.confirmKey",
	"SignUpWithPasskeyPayload.confirmKey",
	"LinkOffer.token",
	"LoginWithProviderPayload.providerTokens",
	"ProviderTokens.accessToken",
	"ProviderTokens.refreshToken",

	"Captcha.siteKey",
	"AuthConfig.apiTokenScopes",
	"AddTotpPayload.qrCode",
	"AuthConfig.errorCodes",
	"AuthConfig.passwordMaxLength",
	"AuthConfig.passwordMinLength",
	"IssueApiTokenPayload.apiToken",
	"RevokeApiTokenPayload.apiToken",
	"User.apiTokens",
	"User.hasPassword",
}

// loadSchema reads the published schema as a client's tools would.
func loadSchema(t *testing.T) *gql.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(&gql.Source{Name: "schema.graphqls", Input: sdlOf(t, nil)})
	if err != nil {
		t.Fatalf("load the schema: %v", err)
	}
	return schema
}

// types are the schema's own, by name.
func types(s *gql.Schema) []*gql.Definition {
	var own []*gql.Definition
	for _, def := range s.Types {
		if !def.BuiltIn {
			own = append(own, def)
		}
	}
	slices.SortFunc(own, func(a, b *gql.Definition) int { return strings.Compare(a.Name, b.Name) })
	return own
}

func isRoot(def *gql.Definition) bool { return def.Name == "Query" || def.Name == "Mutation" }

func TestPublicFields(t *testing.T) {
	var public []string
	for _, def := range types(loadSchema(t)) {
		for _, f := range graphtest.Fields(def) {
			if f.Directives.ForName("public") == nil {
				continue
			}
			public = append(public, def.Name+"."+f.Name)
			if f.Directives.ForName("recent") != nil {
				t.Errorf("%s.%s is @public and @recent: nobody anonymous has proved anything", def.Name, f.Name)
			}
			if !isRoot(def) {
				t.Errorf("%s.%s is @public: only root fields are closed", def.Name, f.Name)
			}
		}
	}
	slices.Sort(public)
	if diff := cmp.Diff(publicFields, public); diff != "" {
		t.Errorf("what anybody may call (-pinned +schema):\n%s", diff)
	}
}

func TestOutputTypesHoldNoSecrets(t *testing.T) {
	sounds := regexp.MustCompile(`(?i)password|passphrase|hash|digest|secret|token|salt|pepper|seed|private|credential|cookie|key$|codes?$`)
	var found []string
	for _, def := range types(loadSchema(t)) {
		if def.Kind != gql.Object && def.Kind != gql.Interface || isRoot(def) {
			continue
		}
		for _, f := range graphtest.Fields(def) {
			if sounds.MatchString(f.Name) && def.Name != "AuthError" { // its code is an enum
				found = append(found, def.Name+"."+f.Name)
			}
		}
	}
	slices.Sort(found)
	if diff := cmp.Diff(slices.Sorted(slices.Values(soundSecret)), found); diff != "" {
		t.Errorf("output fields that sound like secrets (-pinned +schema):\n%s", diff)
	}
}

func TestScopesAreThoseOfTheDomain(t *testing.T) {
	var used []string
	for _, def := range types(loadSchema(t)) {
		for _, f := range graphtest.Fields(def) {
			if scope := f.Directives.ForName("scope"); scope != nil {
				used = append(used, scope.Arguments.ForName("name").Value.Raw)
			}
		}
	}
	slices.Sort(used)
	builtIn := slices.Sorted(slices.Values(new(auth.Service).APITokenScopes()))
	if diff := cmp.Diff(builtIn, slices.Compact(used)); diff != "" {
		t.Errorf("scopes (-auth +schema):\n%s", diff)
	}
}

// TestMutationsAreAlike: a client that knows one mutation knows the form of
// all.
func TestMutationsAreAlike(t *testing.T) {
	schema := loadSchema(t)
	for _, f := range graphtest.Fields(schema.Mutation) {
		name := strings.ToUpper(f.Name[:1]) + f.Name[1:]
		if got, want := f.Type.String(), name+"Payload!"; got != want {
			t.Errorf("%s returns %s, want %s", f.Name, got, want)
		}
		payload := schema.Types[name+"Payload"]
		if payload == nil || !slices.Contains(payload.Interfaces, "AuthPayload") {
			t.Errorf("%sPayload does not implement AuthPayload", name)
		}
		if len(f.Arguments) == 0 {
			continue
		}
		if a := f.Arguments[0]; len(f.Arguments) > 1 || a.Name != "input" || a.Type.Name() != name+"Input" {
			t.Errorf("%s takes something other than input: %sInput", f.Name, name)
		}
	}
}

func TestEverythingIsDescribed(t *testing.T) {
	schema := loadSchema(t)
	described := func(text string, path ...string) {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s has no description", strings.Join(path, "."))
		}
	}
	for _, def := range types(schema) {
		described(def.Description, def.Name)
		for _, value := range def.EnumValues {
			described(value.Description, def.Name, value.Name)
		}
		for _, f := range graphtest.Fields(def) {
			described(f.Description, def.Name, f.Name)
			for _, a := range f.Arguments {
				if !isRoot(def) || a.Name != "input" { // the only argument of a mutation is its input
					described(a.Description, def.Name, f.Name, a.Name)
				}
			}
		}
	}
	for name, d := range schema.Directives {
		if d.Position.Src.BuiltIn {
			continue
		}
		described(d.Description, "@"+name)
		for _, a := range d.Arguments {
			described(a.Description, "@"+name, a.Name)
		}
	}
}

// TestSDLIsTheFile also fails if the generated code is older than the schema.
func TestSDLIsTheFile(t *testing.T) {
	var files strings.Builder
	for _, name := range []string{"../schema.graphqls", "app.graphqls", "emaillogin.graphqls", "factors.graphqls", "locale.graphqls", "passkeys.graphqls", "providers.graphqls"} {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files.Write(file)
	}
	if diff := cmp.Diff(files.String(), sdlOf(t, nil)); diff != "" {
		t.Errorf("run go generate ./graph (-schema.graphqls +SDL()):\n%s", diff)
	}
}

// TestWhatBindsByName: inputs and parts of payloads are the domain's structs
// with the same names. Types of ent are bound field by field. Otherwise a new
// column would become public if a schema field had its name.
func TestWhatBindsByName(t *testing.T) {
	file := read(t, "../gqlgen.yml")
	const want = "autobind: [github.com/authgraph/authgraph/internal/auth]"
	if got := regexp.MustCompile(`(?m)^\s*autobind:.*$`).FindAllString(file, -1); !slices.Equal(got, []string{want}) {
		t.Errorf("gqlgen.yml has %q, want only %q", got, want)
	}
	if strings.Contains(file, "\n  -") {
		t.Error("gqlgen.yml has a block list, in which this test does not look for packages to bind")
	}
	if got := regexp.MustCompile(`authgraph/ent\b[\w./]*`).FindAllString(file, -1); !slices.Equal(got, []string{"authgraph/ent.User"}) {
		t.Errorf("gqlgen.yml binds %q of ent, want User alone", got)
	}
}
