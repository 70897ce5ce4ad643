package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/server"
)

// probes are what scanners ask a public port for.
var probes = []string{
	"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline", "/debug/vars", "/health", "/healthz/", "/health/detail", "/status",
	"/admin", "/admin/", "/actuator", "/actuator/env", "/actuator/health", "/server-status", "/version", "/info", "/config", "/config.json", "/env",
	"/.env", "/.git/config", "/.git/HEAD", "/.aws/credentials", "/.well-known/security.txt", "/.well-known/", "/backup.sql", "/authgraph.db", "/data/authgraph.db", "/data/secret",
	"/swagger.json", "/openapi.json", "/graphiql", "/playground", "/console", "/api", "/api/v1", "/wp-login.php", "/phpmyadmin/", "/robots.txt", "/favicon.ico",
	"/", "/dev/mailbox", "/dev/mailbox.json", "/dev/", "/graphql/", "/graphql/schema", "/subscriptions", "/login", "/signup", "/oauth/token", "/token/", "/users", "/user",
	"/schema.graphqls", "/index.html", "/static/", "/assets/", "/livez", "/readyz/", "/ping", "/trace", "/..%2f..%2fetc/passwd", "/%2e%2e/etc/passwd",
}

func TestProbes(t *testing.T) {
	t.Parallel()
	s := newSite(t) // in production, without pages
	for _, path := range probes {
		for _, method := range []string{http.MethodGet, http.MethodPost, "PROPFIND"} {
			res := s.send(method, path, "", header{"Authorization", "Basic YWRtaW46YWRtaW4="})
			body, _ := read(t, res)
			if res.StatusCode != http.StatusNotFound || strings.TrimSpace(body) != "404 page not found" {
				t.Errorf("%s %s answers %d %q", method, path, res.StatusCode, body)
			}
		}
	}
}

// The metrics name what is served, by the first part of its path, and nothing else.
func TestObserve(t *testing.T) {
	t.Parallel()
	var seen []string
	s := newSite(t, func(o *server.Options) {
		o.PublicURL = at(t, "https://auth.example.org/accounts")
		o.Pages, o.Playground = http.NotFoundHandler(), http.NotFoundHandler()
		o.Observe = func(route string, _ int) { seen = append(seen, route) }
	})
	routes := map[string]string{
		"/graphql": "graphql", "/token": "token", "/oidc/start": "oidc", "/oidc/corp/callback": "oidc", "/.well-known/jwks.json": ".well-known",
		"/healthz": "healthz", "/readyz": "readyz", "/confirm": "confirm", "/code": "code", "/signed-in": "signed-in", "/log-in": "log-in",
		"/pages/style.css": "pages", "/playground/x": "playground", "/accounts/account": "account", "/accounts/token": "token",
		"/": "other", "/{$}": "other", "/dev/mailbox": "other", "/graphq": "other", "/graphql2": "other", "/accounts": "other", "/accountstoken": "other",
	}
	for path, route := range routes {
		s.send(http.MethodGet, path, "", nil)
		if got := seen[len(seen)-1]; got != route {
			t.Errorf("%s is observed as %q, want %q", path, got, route)
		}
	}
	if len(seen) != len(routes) {
		t.Errorf("observed %d answers, want %d", len(seen), len(routes))
	}
}

// TRACE would play back headers; CONNECT would make a proxy of us.
func TestMethods(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, method := range []string{http.MethodTrace, http.MethodConnect, http.MethodDelete, http.MethodPatch, "JUNK"} {
		for _, path := range []string{"/graphql", "/token", "/healthz", "/.well-known/jwks.json"} {
			res := s.send(method, path, "", header{"X-Canary", "canary"})
			body, _ := read(t, res)
			if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") == "" || strings.Contains(body, "canary") {
				t.Errorf("%s %s answers %d, Allow %q: %s", method, path, res.StatusCode, res.Header.Get("Allow"), body)
			}
		}
	}
}
