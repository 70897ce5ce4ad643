package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/server"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	draining := errors.New("draining, by order of sql://user:canary@host")
	for name, test := range map[string]struct {
		ready  func(context.Context) error
		status int
		word   string
	}{
		"ready":    {func(context.Context) error { return nil }, 200, "ready\n"},
		"draining": {func(context.Context) error { return draining }, 503, "not ready\n"},
		"a database that hangs": {func(ctx context.Context) error {
			if _, bounded := ctx.Deadline(); !bounded {
				return nil
			}
			return context.DeadlineExceeded
		}, 503, "not ready\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *server.Options) { o.Ready = test.ready })
			res := s.send(http.MethodGet, "/readyz", "", nil)
			if body, _ := read(t, res); res.StatusCode != test.status || body != test.word {
				t.Errorf("/readyz answers %d %q", res.StatusCode, body)
			}
			res = s.send(http.MethodGet, "/healthz", "", nil) // whatever else is wrong: a restart would not help
			if body, _ := read(t, res); res.StatusCode != http.StatusOK || body != "ok\n" {
				t.Errorf("/healthz answers %d %q", res.StatusCode, body)
			}
		})
	}
	t.Run("a database that is gone", func(t *testing.T) {
		t.Parallel()
		s := newSite(t)
		if err := s.Store.Close(); err != nil {
			t.Fatal(err)
		}
		res := s.send(http.MethodGet, "/readyz", "", nil)
		if body, _ := read(t, res); res.StatusCode != http.StatusServiceUnavailable || body != "not ready\n" {
			t.Errorf("/readyz answers %d %q", res.StatusCode, body)
		}
	})
}

var metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "authgraph_ready 1\n") })

func TestAdmin(t *testing.T) {
	t.Parallel()
	detail := server.Detail{Ready: true, Database: "postgres", Emails: map[string]uint64{"sent": 3}}
	admin := server.Admin(func(context.Context) server.Detail { return detail }, metrics)
	ask := func(path string) *http.Response {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
		r.Host, r.RemoteAddr = "localhost:8081", "127.0.0.1:5000"
		admin.ServeHTTP(w, r)
		return w.Result()
	}
	res := ask("/health")
	body, _ := read(t, res)
	var got server.Detail
	if err := json.Unmarshal([]byte(body), &got); err != nil || res.StatusCode != http.StatusOK || got.Emails["sent"] != 3 {
		t.Errorf("/health answers %d %s", res.StatusCode, body)
	}
	if res.Header.Get("Content-Security-Policy") == "" || res.Header.Get("Strict-Transport-Security") != "" {
		t.Errorf("/health has %v", res.Header)
	}
	detail = server.Detail{Why: "shutting down"}
	if res = ask("/health"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("/health of a server that is not ready answers %d", res.StatusCode)
	}
	if body, _ = read(t, ask("/debug/pprof/")); !strings.Contains(body, "goroutine") {
		t.Errorf("/debug/pprof/ answers %s", body)
	}
	if res = ask("/graphql"); res.StatusCode != http.StatusNotFound {
		t.Errorf("/graphql answers %d", res.StatusCode)
	}
}

// Nobody is asked for a credential on the operator's listener: a page of a
// stranger must not get there by a name of its own that leads to this machine.
func TestAdminStrangers(t *testing.T) {
	t.Parallel()
	admin := server.Admin(func(context.Context) server.Detail { return server.Detail{Ready: true} }, metrics)
	ask := func(path string, h header) int {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host, r.RemoteAddr = "localhost:8081", "127.0.0.1:5000"
		for i := 0; i < len(h); i += 2 {
			switch h[i] {
			case "Host":
				r.Host = h[i+1]
			case "from":
				r.RemoteAddr = h[i+1]
			}
			r.Header.Add(h[i], h[i+1])
		}
		w := httptest.NewRecorder()
		admin.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s answers %d without a policy", path, w.Code)
		}
		return w.Code
	}
	for name, test := range map[string]struct {
		header header
		want   int
	}{
		"a program":             {nil, 200},
		"a probe by address":    {header{"Host", "10.0.0.7:8081"}, 200},
		"IPv6":                  {header{"Host", "[::1]:8081"}, 200},
		"a person":              {header{"Sec-Fetch-Site", "none"}, 200},
		"a link on the page":    {header{"Sec-Fetch-Site", "same-origin"}, 200},
		"a name":                {header{"Host", "evil.test:8081"}, 421},
		"a name like ours":      {header{"Host", "localhost.evil.test"}, 421},
		"the public name":       {header{"Host", "auth.example.org"}, 421},
		"a page elsewhere":      {header{"Sec-Fetch-Site", "cross-site"}, 403},
		"a page at other ports": {header{"Sec-Fetch-Site", "same-site"}, 403},
	} {
		for _, path := range []string{"/health", "/debug/pprof/", "/debug/pprof/goroutine"} {
			if got := ask(path, test.header); got != test.want {
				t.Errorf("%s: %s answers %d, want %d", name, path, got, test.want)
			}
		}
	}
	// Prometheus knows a server by a name, and comes from elsewhere; a person who
	// looks for a leak is on the machine.
	if got := ask("/metrics", header{"Host", "authgraph:8081", "from", "10.0.0.9:5000"}); got != http.StatusOK {
		t.Errorf("/metrics answers Prometheus %d", got)
	}
	if got := ask("/metrics", header{"Sec-Fetch-Site", "cross-site"}); got != http.StatusForbidden {
		t.Errorf("/metrics answers a page %d", got)
	}
	for _, from := range []string{"10.0.0.9:5000", "[2001:db8::1]:5000", ""} {
		if got := ask("/debug/pprof/heap", header{"Host", "10.0.0.7:8081", "from", from}); got != http.StatusForbidden {
			t.Errorf("profiles are given to %q: %d", from, got)
		}
	}
	if got := ask("/debug/pprof/cmdline", nil); got != http.StatusNotFound {
		t.Errorf("the command line, with settings given as flags, answers %d", got)
	}
}
