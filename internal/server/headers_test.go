package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/server"
	"github.com/authgraph/authgraph/web"
)

// always are the headers of every answer, errors of every kind included.
var always = map[string]string{
	"Cache-Control":                "no-store",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
}

func pages(o *server.Options) {
	o.Pages, o.Playground, o.Mailbox = web.HostedPages(web.Options{}), web.Playground(web.Options{}), web.MailboxPage(web.Options{})
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t, pages)
	json := header{"Content-Type", "application/json"}
	closed := newSite(t, pages)
	token := closed.Account("ann@example.org").AccessToken
	if err := closed.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		status       int
		method, path string
		body         string
		header       header
	}{
		{200, "POST", "/graphql", `{"query":"{authConfig{id}}"}`, json},
		{200, "GET", "/graphql?query={authConfig{id}}", "", nil},
		{200, "POST", "/graphql", `{"query":"{"}`, json},
		{400, "POST", "/graphql", `{"query":"{"}`, append(header{"Accept", "application/graphql-response+json"}, json...)},
		{400, "POST", "/graphql", `{`, json},
		{400, "OPTIONS", "*", "", nil},
		{401, "POST", "/token", "", nil},
		{403, "POST", "/graphql", "{}", append(header{"Origin", "https://evil.test"}, json...)},
		{403, "POST", "/token", "", header{"Sec-Fetch-Site", "cross-site"}},
		{403, "OPTIONS", "/graphql", "", header{"Origin", "https://evil.test", "Access-Control-Request-Method", "POST"}},
		{204, "OPTIONS", "/graphql", "", header{"Origin", "https://app.test", "Access-Control-Request-Method", "POST"}},
		{404, "GET", "/nowhere", "", nil},
		{404, "GET", "/pages/nowhere", "", nil},
		{404, "GET", "/graphql/", "", nil},
		{405, "PUT", "/graphql", "", nil},
		{405, "HEAD", "/graphql", "", nil},
		{405, "OPTIONS", "/graphql", "", nil},
		{405, "GET", "/token", "", nil},
		{405, "POST", "/healthz", "", nil},
		{405, "DELETE", "/.well-known/jwks.json", "", nil},
		{405, "POST", "/confirm", "", nil},
		{406, "POST", "/graphql", `{}`, append(header{"Accept", "text/html"}, json...)},
		{413, "POST", "/graphql", strings.Repeat("x", 70_000), json},
		{414, "GET", "/graphql?query=" + strings.Repeat("x", 70_000), "", nil},
		{415, "POST", "/graphql", `{}`, header{"Content-Type", "text/plain"}},
		{200, "GET", "/healthz", "", nil},
		{200, "GET", "/readyz", "", nil},
		{307, "GET", "/playground", "", nil},
		{307, "GET", "//graphql", "", nil},
	} {
		res := s.send(test.method, test.path, test.body, test.header)
		checkHeaders(t, test.method+" "+test.path, test.status, res)
	}
	for path, status := range map[string]int{"/graphql": 500, "/token": 500, "/readyz": 503} {
		method := map[bool]string{true: "GET", false: "POST"}[path == "/readyz"]
		checkHeaders(t, path+" without a database", status, closed.send(method, path, "{}", append(header{"Authorization", "Bearer " + token}, json...)))
	}
	for _, path := range []string{"/", "/confirm", "/reset", "/dev/mailbox", "/pages/style.css", "/playground/playground.js"} {
		res := s.send("GET", path, "", nil)
		policy := res.Header.Get("Content-Security-Policy")
		if res.StatusCode != 200 || !strings.HasPrefix(policy, "default-src 'none';") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(directive(policy, "script-src"), "unsafe") {
			t.Errorf("%s answers %d under %q", path, res.StatusCode, policy)
		}
		for _, name := range []string{"X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Strict-Transport-Security"} {
			if len(res.Header.Values(name)) != 1 {
				t.Errorf("%s has %s %q", path, name, res.Header.Values(name))
			}
		}
	}
}

// directive finds one of a policy's directives.
func directive(policy, name string) string {
	for one := range strings.SplitSeq(policy, ";") {
		if strings.HasPrefix(strings.TrimSpace(one), name) {
			return one
		}
	}
	return ""
}

func checkHeaders(t *testing.T, what string, status int, res *http.Response) {
	t.Helper()
	if len(what) > 60 {
		what = what[:60]
	}
	if res.StatusCode != status {
		t.Errorf("%s answers %d, want %d", what, res.StatusCode, status)
	}
	for name, want := range always {
		if got := res.Header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s has %s %q", what, name, got)
		}
	}
	if got := res.Header.Get("Strict-Transport-Security"); !strings.HasPrefix(got, "max-age=63072000") {
		t.Errorf("%s has Strict-Transport-Security %q", what, got)
	}
	for _, name := range []string{"Server", "X-Powered-By", "Via"} {
		if got := res.Header.Get(name); got != "" {
			t.Errorf("%s tells %s %q", what, name, got)
		}
	}
	if res.Header.Get("X-Request-Id") == "" {
		t.Errorf("%s has no X-Request-Id", what)
	}
}

func TestNoHSTSOverHTTP(t *testing.T) {
	t.Parallel()
	s := newSite(t, development)
	if got := s.send("GET", "/healthz", "", header{"Host", "localhost:8080"}).Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("plain HTTP says Strict-Transport-Security %q", got)
	}
}
