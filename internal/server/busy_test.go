package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/server"
)

// TestABusyDatabase: a request that gets no connection in its time is told to come
// again, whatever it asks, and is no error in the log.
func TestABusyDatabase(t *testing.T) {
	t.Parallel()
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		s := siteOn(t, env, func(o *server.Options) { o.RequestTime = 300 * time.Millisecond })
		login := s.Account("ann@example.org")
		issued, err := s.IssueAPIToken(t.Context(), s.As(login.AccessToken), auth.IssueAPITokenInput{Name: "ci", Scopes: []string{"account:read"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, pool := range []interface{ SetMaxOpenConns(int) }{s.Store.Reader(), s.Store.Writer()} {
			pool.SetMaxOpenConns(1)
		}
		reading, err := s.Store.Reader().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer reading.Close() //nolint:errcheck // it goes back to the pool
		if !s.Store.Postgres() {
			writing, err := s.Store.Writer().Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer writing.Close() //nolint:errcheck // as above
		}
		bearer := header{"Authorization", "Bearer " + issued.Secret, "Content-Type", "application/json"}
		for what, test := range map[string]struct {
			status int
			ask    func() *http.Response
		}{
			"who asks":    {503, func() *http.Response { return s.send(http.MethodPost, "/graphql", `{"query":"{ me { id } }"}`, bearer) }},
			"an exchange": {503, func() *http.Response { return s.send(http.MethodPost, "/token", "", bearer) }},
			"a reset": {200, func() *http.Response {
				return s.gql(`mutation { requestPasswordReset(input: {email: "ann@example.org"}) { errors { code } } }`, nil, nil)
			}},
			"a wrong login": {200, func() *http.Response { return s.logInAs("ann@example.org", "BODY", nil) }},
		} {
			res := test.ask()
			body, a := read(t, res)
			if res.StatusCode != test.status || a.code() != "OVERLOADED" || a.Errors[0].Extensions["retryAfter"] == nil {
				t.Errorf("%s: %d %s", what, res.StatusCode, body)
			}
			if wait := res.Header.Get("Retry-After"); test.status == 503 && wait != "1" {
				t.Errorf("%s: Retry-After is %q", what, wait)
			}
		}
		if log := s.log.String(); strings.Contains(log, `"ERROR"`) || strings.Count(log, `"msg":"overloaded"`) != 4 {
			t.Errorf("the log says:\n%s", log)
		}
	})
}
