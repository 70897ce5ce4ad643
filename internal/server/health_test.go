package server_test

import (
	"context"
	"encoding/json"
	"errors"
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

func TestAdmin(t *testing.T) {
	t.Parallel()
	detail := server.Detail{Ready: true, Database: "postgres", Letters: map[string]uint64{"sent": 3}}
	admin := server.Admin(func(context.Context) server.Detail { return detail })
	ask := func(path string) *http.Response {
		w := httptest.NewRecorder()
		admin.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Result()
	}
	res := ask("/health")
	body, _ := read(t, res)
	var got server.Detail
	if err := json.Unmarshal([]byte(body), &got); err != nil || res.StatusCode != http.StatusOK || got.Letters["sent"] != 3 {
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
