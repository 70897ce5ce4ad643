package graph_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/graph/graphtest"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/oidctest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// callerKinds are the columns of the matrix below.
var callerKinds = []string{"anonymous", "bad bearer", "session", "stale session", "limited session",
	auth.ScopeAccountRead, auth.ScopeSessionsRead, auth.ScopeTokensRead, "orders:write"}

// Who may use a root field, by the columns: + yes, U UNAUTHENTICATED, R
// REAUTHENTICATION_REQUIRED, S SECOND_FACTOR_REQUIRED, F FORBIDDEN.
const (
	open   = "+ + + + + + + + +"
	closed = "U U + + S F F F F"
	recent = "U U + R S F F F F"
)

// access says which callers may use which root field. A field that is not in it
// must be closed. The table is independent of the directives, so that a removed
// or added directive fails the test.
var access = map[string]string{
	"me":                    "+ U + + + + F F F",
	"authConfig":            open,
	"answerChallenge":       open,
	"startReauthentication": "U U + + + F F F F",
	"addTotp":               "U U + R + F F F F",
	"confirmTotp":           "U U + R + F F F F",
	"addPasskey":            "U U + R + F F F F",
	"confirmPasskey":        "U U + R + F F F F",
	"startPasskeyLogin":     open,
	"startEmailLogin":       open,
	"startPasskeySignUp":    open,
	"signUpWithPasskey":     open,
	"loginWithPasskey":      open,
	"startProviderLogin":    open,
	"startIdToken":          open,
	"loginWithProvider":     open,
	"linkIdentity":          recent,
	"unlinkIdentity":        recent,
	"reauthenticate":        "U U + + + F F F F",
	"removeFactor":          recent,
	"setSecondFactor":       recent,
	"makeRecoveryCodes":     recent,
	"signUp":                open,
	"confirm":               open,
	"login":                 open,
	"refresh":               open,
	"logout":                open,
	"requestPasswordReset":  open,
	"resetPassword":         open,
	"deleteAccount":         recent,
	"issueApiToken":         recent,
}

var letters = map[string]string{
	string(auth.Unauthenticated): "U", string(auth.Forbidden): "F", string(auth.ReauthenticationRequired): "R",
	string(auth.SecondFactorNeeded): "S",
}

func TestAccess(t *testing.T) {
	api, schema := newAPI(t), loadSchema(t)
	documents := graphtest.Operations(schema)
	fields := append(graphtest.Fields(schema.Query), graphtest.Fields(schema.Mutation)...)
	for name := range access {
		if documents[name] == "" {
			t.Errorf("the schema has no %s", name)
		}
	}
	for _, f := range fields {
		variables, err := json.Marshal(graphtest.Variables(schema, f))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, kind := range callerKinds {
			letter := "+"
			for _, e := range api.post(t, api.caller(t, kind), documents[f.Name], string(variables)).Errors {
				letter = cmp.Or(letters[e.Extensions.Code], e.Extensions.Code)
			}
			got = append(got, letter)
		}
		if got, want := strings.Join(got, " "), cmp.Or(access[f.Name], closed); got != want {
			t.Errorf("%s: %s\nwant %s\nfor %s", f.Name, got, want, strings.Join(callerKinds, ", "))
		}
	}
}

func TestAccessToFields(t *testing.T) {
	api := newAPI(t)
	tests := []struct {
		name, use string
		scopes    []string
		missing   string // the scope that is named
	}{
		{"sessions need their scope", `{ me { sessions { id } } }`, []string{auth.ScopeAccountRead, auth.ScopeTokensRead}, auth.ScopeSessionsRead},
		{"sessions are no way around the account's", `{ me { sessions { id } } }`, []string{auth.ScopeSessionsRead}, auth.ScopeAccountRead},
		{"sessions with both", `{ me { sessions { id } } }`, []string{auth.ScopeAccountRead, auth.ScopeSessionsRead}, ""},
		{"API tokens need their scope", `{ me { apiTokens { id } } }`, []string{auth.ScopeAccountRead, auth.ScopeSessionsRead}, auth.ScopeTokensRead},
		{"an alias does not hide a field", `{ me { x: apiTokens { id } } }`, []string{auth.ScopeAccountRead}, auth.ScopeTokensRead},
		{"a fragment does not hide a field", `query { ...q } fragment q on Query { me { ...u } } fragment u on User { apiTokens { id } }`, []string{auth.ScopeAccountRead}, auth.ScopeTokensRead},
		{"API tokens with both", `{ me { apiTokens { id } } }`, []string{auth.ScopeAccountRead, auth.ScopeTokensRead}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := api.post(t, api.token(t, test.scopes...), test.use)
			if test.missing == "" {
				if len(answer.Errors) > 0 {
					t.Errorf("refused: %s", answer.raw)
				}
				return
			}
			if len(answer.Errors) != 1 || answer.Errors[0].Extensions.Code != "FORBIDDEN" || answer.Errors[0].Extensions.Scope != test.missing {
				t.Errorf("answer %s, want FORBIDDEN for want of %s", answer.raw, test.missing)
			}
		})
	}
}

func TestChallenge(t *testing.T) {
	api := newAPI(t)
	const closed = `mutation { revokeSession(input: { id: "x" }) { errors { code } } }`
	for kind, want := range map[string]string{"anonymous": "Bearer", "bad bearer": `Bearer error="invalid_token"`, "session": ""} {
		if got := api.post(t, api.caller(t, kind), closed).header.Get("WWW-Authenticate"); got != want {
			t.Errorf("WWW-Authenticate for %s = %q, want %q", kind, got, want)
		}
	}
}

// api is the endpoint with its own domain, without the HTTP middleware.
type api struct {
	*authtest.Env
	handler http.Handler
	made    int                // number of accounts
	at      *oidctest.Provider // nil where people log in with none
}

func newAPI(t *testing.T, edit ...func(*graph.Options)) *api {
	t.Helper()
	env := authtest.On(t, storetest.SQLite(t), func(s *auth.Settings) { s.RecentTTL = time.Minute })
	o := graph.Options{Log: slog.New(slog.DiscardHandler)}
	for _, f := range edit {
		f(&o)
	}
	handler, err := graph.New(env.Service, o)
	if err != nil {
		t.Fatal(err)
	}
	env.Account("ann@example.org")
	return &api{Env: env, handler: handler}
}

// caller makes a caller of a kind, with a credential that has not been used.
func (a *api) caller(t *testing.T, kind string) auth.Caller {
	t.Helper()
	switch kind {
	case "anonymous":
		return authtest.Anyone()
	case "bad bearer":
		return a.As("agt_no-such-token")
	case "session":
		return a.As(a.account(t).AccessToken)
	case "limited session":
		c := a.As(a.account(t).AccessToken)
		c.Limited = true // as Resolve says under the policy REQUIRED; see second_factor_required.txtar
		return c
	case "stale session":
		bearer := a.account(t).AccessToken
		a.Clock.Turn(2 * time.Minute)
		return a.As(bearer)
	}
	return a.token(t, kind)
}

func (a *api) account(t *testing.T) *auth.Login {
	t.Helper()
	a.made++
	return a.Account(fmt.Sprintf("user%d@example.org", a.made))
}

func (a *api) token(t *testing.T, scopes ...string) auth.Caller {
	t.Helper()
	owner := a.As(a.account(t).AccessToken)
	issued, err := a.IssueAPIToken(t.Context(), owner, auth.IssueAPITokenInput{Name: "program", Scopes: scopes})
	if err != nil {
		t.Fatalf("IssueAPIToken(%v) = %v", scopes, err)
	}
	return a.As(issued.Secret)
}

// answer is the part of an answer that these tests read.
type answer struct {
	raw    string
	header http.Header
	Errors []struct {
		Extensions struct{ Code, Scope string }
	}
}

func (a *api) post(t *testing.T, c auth.Caller, document string, variables ...string) answer {
	t.Helper()
	return post(t, a.handler, c, document, variables...)
}

// request sends a document. variables, if given, is a JSON object.
func request(t *testing.T, c auth.Caller, document string, variables ...string) *http.Request {
	t.Helper()
	parameters := map[string]any{"query": document}
	for _, v := range variables {
		parameters["variables"] = json.RawMessage(v)
	}
	body, err := json.Marshal(parameters)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(auth.WithCaller(t.Context(), c), http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func post(t *testing.T, h http.Handler, c auth.Caller, document string, variables ...string) answer {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request(t, c, document, variables...))
	got := answer{raw: w.Body.String(), header: w.Header()}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
		t.Fatalf("answer %d %q: %v", w.Code, got.raw, err)
	}
	return got
}
