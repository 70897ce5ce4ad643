package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/origin"
	"github.com/authgraph/authgraph/internal/server"
	"github.com/authgraph/authgraph/web"
)

// shared serves below a path of a host that other applications share.
func shared(o *server.Options) {
	o.PublicURL = origin.URL{Origin: origin.Origin{Scheme: "https", Host: "example.org"}, Path: "/auth"}
	of := web.Options{Base: "/auth", Mailbox: true}
	o.Pages, o.Playground, o.Mailbox = web.HostedPages(of), web.Playground(of), web.MailboxPage(of)
}

// A proxy in front may strip the path, or leave it.
func TestRoutesWithAndWithoutThePath(t *testing.T) {
	t.Parallel()
	s := newSite(t, shared)
	for _, path := range []string{
		"/", "/healthz", "/readyz", "/confirm", "/reset", "/pages/style.css", "/dev/mailbox", "/dev/mailbox/mailbox.js", "/playground/playground.js",
		"/.well-known/jwks.json", "/.well-known/openid-configuration", "/graphql?query={authConfig{id}}",
	} {
		bare, below := s.send(http.MethodGet, path, "", nil), s.send(http.MethodGet, "/auth"+path, "", nil)
		one, _ := read(t, bare)
		two, _ := read(t, below)
		if path == "/" { // each has its own nonce
			one, two = "", ""
		}
		if bare.StatusCode != http.StatusOK || below.StatusCode != http.StatusOK || one != two {
			t.Errorf("%s answers %d and below the path %d, of %d and %d bytes", path, bare.StatusCode, below.StatusCode, len(one), len(two))
		}
	}
	for _, path := range []string{
		"/authgraphql", "/auth2/graphql", "/Auth/graphql", "/auth/auth/graphql", "/graphql/auth", "/authx", "/auth/nowhere", "/auth/pages/nowhere", "/auth/graphql/",
		"/auth%2fgraphql", "/%61uth%2Fgraphql", "/auth/../admin", "/.well-known/jwks.json/auth/x",
	} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if to := w.Header().Get("Location"); w.Code != http.StatusNotFound && !strings.HasPrefix(to, "/auth/") {
			t.Errorf("%s answers %d, Location %q", path, w.Code, to)
		}
	}
	for path, want := range map[string]string{
		"/auth": "/auth/", "//graphql": "/auth/graphql", "/auth//graphql": "/auth/graphql", "/playground": "/auth/playground/", "/auth/pages/../graphql": "/auth/graphql", "/x/../auth/graphql": "/auth/graphql",
	} {
		if res := s.send(http.MethodPost, path, "", nil); res.Header.Get("Location") != want {
			t.Errorf("%s answers %d, Location %q, want %q", path, res.StatusCode, res.Header.Get("Location"), want)
		}
	}
	t.Run("it is not there unless it is set", func(t *testing.T) {
		if res := newSite(t).send(http.MethodGet, "/auth/healthz", "", nil); res.StatusCode != http.StatusNotFound {
			t.Errorf("/auth/healthz answers %d", res.StatusCode)
		}
	})
}

// Whatever the path is called, and whatever of ours is called so.
func TestPathsLikeOurs(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/graphql", "/token", "/confirm", "/pages", "/playground", "/dev", "/dev/mailbox", "/healthz", "/a", "/a/b/c", "/a.b_c~d-e"} {
		s := newSite(t, shared, func(o *server.Options) { o.PublicURL.Path = path })
		for _, below := range []string{"", path} {
			for _, route := range []string{"/graphql?query={authConfig{id}}", "/healthz", "/confirm", "/pages/style.css", "/dev/mailbox", "/.well-known/jwks.json"} {
				if res := s.send(http.MethodGet, below+route, "", nil); res.StatusCode != http.StatusOK {
					t.Errorf("below %s, %s answers %d", path, below+route, res.StatusCode)
				}
			}
		}
	}
}

// The host's root is somebody else's: our cookies do not go there, and it is not
// ours to say how its other hosts are reached.
func TestCookiesBelowAPath(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		adjust func(*server.Options)
		prefix string
		host   string
	}{
		"over https":             {shared, "__Secure-", "example.org"},
		"over http on localhost": {func(o *server.Options) { development(o); o.PublicURL.Path = "/auth" }, "", "localhost:8080"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, test.adjust)
			s.Account("ann@example.org")
			host := header{"Host", test.host}
			answers := []*http.Response{
				s.logInAs("ann@example.org", "COOKIE", host),
				s.gql(`mutation { signUp(input: {email: "bob@example.org", password: "seven quiet lighthouses", session: {delivery: COOKIE}}) { status } }`, nil, host),
				s.gql(refresh, nil, append(header{"Cookie", test.prefix + "authgraph=junk"}, host...)), // cleared
			}
			var names []string
			for _, res := range answers {
				for _, c := range res.Cookies() {
					names = append(names, c.Name)
					if c.Path != "/auth" || c.Domain != "" || !c.HttpOnly || c.Secure != (test.prefix != "") || c.SameSite != http.SameSiteLaxMode {
						t.Errorf("the cookie is %s", c.Raw)
					}
				}
			}
			slices.Sort(names)
			want := []string{"authgraph", "authgraph", "authgraph-confirm", "authgraph-device"}
			for i := range want {
				want[i] = test.prefix + want[i]
			}
			if !slices.Equal(names, want) {
				t.Errorf("the cookies are %q, want %q", names, want)
			}
			session := answers[0].Cookies()[slices.IndexFunc(answers[0].Cookies(), func(c *http.Cookie) bool { return c.Name == test.prefix+"authgraph" })]
			if body, _ := read(t, s.gql(refresh, nil, append(header{"Cookie", "__Host-authgraph=" + session.Value}, host...))); strings.Contains(body, "ann@") {
				t.Error("a cookie of another name is taken")
			}
			if body, _ := read(t, s.gql(refresh, nil, append(header{"Cookie", session.Name + "=" + session.Value}, host...))); !strings.Contains(body, "ann@") {
				t.Errorf("the cookie is not taken: %s", body)
			}
		})
	}
	if got := newSite(t, shared).send(http.MethodGet, "/healthz", "", nil).Header.Get("Strict-Transport-Security"); got != "max-age=63072000" {
		t.Errorf("Strict-Transport-Security is %q", got)
	}
}

// A name that comes twice was planted by somebody: another application of the
// host, or of its domain.
func TestCookieThatComesTwice(t *testing.T) {
	t.Parallel()
	for name, adjust := range map[string]func(*server.Options){"__Host-authgraph": func(*server.Options) {}, "__Secure-authgraph": shared} {
		s := newSite(t, adjust)
		s.Account("ann@example.org")
		cookie := setCookie(t, s.logInAs("ann@example.org", "COOKIE", nil), name)
		for what, h := range map[string]header{
			"a planted one first":  {"Cookie", name + "=agr_junk; " + name + "=" + cookie.Value},
			"a planted one last":   {"Cookie", name + "=" + cookie.Value + "; " + name + "=agr_junk"},
			"an empty one":         {"Cookie", name + "=; " + name + "=" + cookie.Value},
			"the same again":       {"Cookie", name + "=" + cookie.Value + "; a=b; " + name + "=" + cookie.Value},
			"in two lines":         {"Cookie", name + "=" + cookie.Value, "Cookie", name + "=agr_junk"},
			"a value that is none": {"Cookie", name + "=" + cookie.Value + "; " + name + "=a\"b"},
			"a name alone":         {"Cookie", name + "; " + name + "=" + cookie.Value},
		} {
			res := s.gql(refresh, nil, h)
			if body, _ := read(t, res); strings.Contains(body, "ann@example.org") || len(res.Cookies()) > 0 {
				t.Errorf("%s: %s, and sets %q", what, body, res.Cookies())
			}
			if res := s.send(http.MethodPost, "/token", "", h); res.StatusCode != http.StatusUnauthorized || len(res.Cookies()) > 0 {
				t.Errorf("%s: /token answers %d, and sets %q", what, res.StatusCode, res.Cookies())
			}
		}
		if body, _ := read(t, s.gql(refresh, nil, header{"Cookie", "a=b; a=c; x" + name + "=1; " + cookie.Name + "=" + cookie.Value})); !strings.Contains(body, "ann@example.org") {
			t.Errorf("the session suffered: %s", body)
		}
	}
}

// Verifiers look for the configuration behind the issuer (OpenID Connect
// Discovery section 4.1), or between its host and its path (RFC 8414 section 3.1).
func TestWellKnownBelowAPath(t *testing.T) {
	t.Parallel()
	s := newSite(t, shared)
	for _, path := range []string{"/auth/.well-known/openid-configuration", "/.well-known/openid-configuration/auth"} {
		res := s.send(http.MethodGet, path, "", nil)
		body, _ := read(t, res)
		var configuration map[string]any
		if err := json.Unmarshal([]byte(body), &configuration); err != nil || res.StatusCode != http.StatusOK || configuration["jwks_uri"] != "https://example.org/auth/.well-known/jwks.json" {
			t.Errorf("%s answers %d %s", path, res.StatusCode, body)
		}
	}
	if res := s.send(http.MethodPost, "/token", "", header{"Origin", "https://example.org", "Cookie", "__Secure-authgraph=x"}); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("our own page gets %d from /token", res.StatusCode)
	}
	res := s.gql(logOut, nil, header{"Origin", "https://example.org", "Sec-Fetch-Site", "same-origin"})
	checkCORS(t, "our own page", "https://example.org", true, res)
}
