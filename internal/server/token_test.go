package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/server"
)

// exchanged reads the answer of POST /token.
func exchanged(t testing.TB, res *http.Response) (token string, expiresIn int) {
	t.Helper()
	body, _ := read(t, res)
	var got struct {
		AccessToken string
		ExpiresIn   int
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || res.StatusCode != http.StatusCreated || got.AccessToken == "" {
		t.Fatalf("/token answers %d %s", res.StatusCode, body)
	}
	return got.AccessToken, got.ExpiresIn
}

func TestToken(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	login := s.Account("ann@example.org")
	issued, err := s.IssueAPIToken(t.Context(), s.As(login.AccessToken), auth.IssueAPITokenInput{Name: "ci", Scopes: []string{"account:read"}})
	if err != nil {
		t.Fatalf("IssueAPIToken() = %v", err)
	}
	bearer := func(token string) header { return header{"Authorization", "Bearer " + token} }
	cookie := setCookie(t, s.logInAs("ann@example.org", "COOKIE", nil), "__Host-authgraph")
	withCookie := func(value string, h ...string) header {
		return append(header{"Cookie", cookie.Name + "=" + value}, h...)
	}

	t.Run("an API token gets one", func(t *testing.T) {
		res := s.send(http.MethodPost, "/token", "", bearer(issued.Secret))
		jwt, expires := exchanged(t, res)
		if expires <= 0 || expires > 900 || strings.Count(jwt, ".") != 2 || len(res.Cookies()) > 0 {
			t.Errorf("%d s, %q, cookies %q", expires, jwt, res.Cookies())
		}
		if body, _ := read(t, s.gql(me, nil, bearer(jwt))); !strings.Contains(body, "ann@example.org") {
			t.Errorf("me with it is %s", body)
		}
		if res := s.send(http.MethodPost, "/token", "", bearer(jwt)); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("it begets another: %d", res.StatusCode)
		}
	})
	t.Run("an API token is not hindered by where its program runs", func(t *testing.T) {
		exchanged(t, s.send(http.MethodPost, "/token", "", append(bearer(issued.Secret), "Origin", "https://app.test", "Sec-Fetch-Site", "cross-site")))
	})
	t.Run("the cookie of our own page gets one, and is rotated", func(t *testing.T) {
		for _, h := range []header{withCookie(cookie.Value, "Origin", publicURL, "Sec-Fetch-Site", "same-origin"), withCookie(cookie.Value)} {
			s.Clock.Turn(time.Second)
			res := s.send(http.MethodPost, "/token", "", h)
			jwt, _ := exchanged(t, res)
			next := setCookie(t, res, cookie.Name)
			if next.Value == "" || strings.Contains(jwt, next.Value) || !next.HttpOnly {
				t.Errorf("the cookie is now %s", next.Raw)
			}
			if body, _ := read(t, s.gql(me, nil, bearer(jwt))); !strings.Contains(body, "ann@example.org") {
				t.Errorf("me with it is %s", body)
			}
			cookie.Value = next.Value
		}
	})
	for name, test := range map[string]struct {
		header    header
		challenge string
	}{
		"nothing":                       {nil, "Bearer"},
		"an access token":               {bearer(login.AccessToken), `Bearer error="invalid_token"`},
		"an access token with a cookie": {withCookie(cookie.Value, bearer(login.AccessToken)...), `Bearer error="invalid_token"`},
		"a refresh token":               {bearer(*login.RefreshToken), `Bearer error="invalid_token"`},
		"an API token with a typo":      {bearer(issued.Secret[:len(issued.Secret)-1] + "!"), `Bearer error="invalid_token"`},
		"junk with a good cookie":       {withCookie(cookie.Value, bearer("junk")...), `Bearer error="invalid_token"`},
		"an empty bearer and a cookie":  {withCookie(cookie.Value, "Authorization", "Bearer "), `Bearer error="invalid_token"`},
		"another scheme":                {header{"Authorization", "Basic YTpi"}, "Bearer"},
		"a blank":                       {header{"Authorization", ""}, "Bearer"},
		"a cookie and a naked token":    {withCookie(cookie.Value, "Authorization", issued.Secret), `Bearer error="invalid_token"`},
		"a planted cookie":              {withCookie("agr_junk"), "Bearer"},
		"a device's cookie":             {header{"Cookie", "__Host-authgraph-device=" + cookie.Value}, "Bearer"},
	} {
		t.Run(name+" gets 401", func(t *testing.T) {
			res := s.send(http.MethodPost, "/token", "", test.header)
			body, a := read(t, res)
			if res.StatusCode != http.StatusUnauthorized || a.code() != "UNAUTHENTICATED" || strings.Contains(body, "accessToken") {
				t.Errorf("%d %s", res.StatusCode, body)
			}
			if got := res.Header.Get("WWW-Authenticate"); got != test.challenge {
				t.Errorf("WWW-Authenticate is %q, want %q", got, test.challenge)
			}
		})
	}
	t.Run("a password for the proxy in front hinders no page", func(t *testing.T) {
		for _, value := range []string{"", " ", "Basic YTpi", "Digest username=x"} {
			s.Clock.Turn(time.Second)
			res := s.send(http.MethodPost, "/token", "", withCookie(cookie.Value, "Authorization", value, "Sec-Fetch-Site", "same-origin"))
			exchanged(t, res)
			cookie.Value = setCookie(t, res, cookie.Name).Value
			res = s.send(http.MethodPost, "/token", "", withCookie(cookie.Value, "Authorization", value, "Origin", "https://app.test"))
			if res.StatusCode != http.StatusForbidden {
				t.Errorf("%q opens /token to an allowed origin: %d", value, res.StatusCode)
			}
		}
	})
	t.Run("a planted cookie is cleared", func(t *testing.T) {
		if c := setCookie(t, s.send(http.MethodPost, "/token", "", withCookie("agr_junk")), cookie.Name); c.Value != "" || c.MaxAge >= 0 {
			t.Errorf("it is now %s", c.Raw)
		}
	})
	t.Run("other methods get 405", func(t *testing.T) {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete} {
			res := s.send(method, "/token", "", withCookie(cookie.Value))
			if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "POST" || len(res.Cookies()) > 0 {
				t.Errorf("%s: %d, Allow %q", method, res.StatusCode, res.Header.Get("Allow"))
			}
		}
	})
	t.Run("an allowed origin is not our own", func(t *testing.T) {
		for _, h := range [][]string{
			{"Origin", "https://app.test"}, {"Origin", "https://app.test", "Sec-Fetch-Site", "cross-site"},
			{"Origin", "https://app.test", "Sec-Fetch-Site", "same-site"}, {"Origin", "http://auth.example.org"}, {"Origin", "null"},
		} {
			res := s.send(http.MethodPost, "/token", "", withCookie(cookie.Value, h...))
			if res.StatusCode != http.StatusForbidden || len(res.Cookies()) > 0 {
				t.Errorf("%q: %d", h, res.StatusCode)
			}
		}
	})
	t.Run("the session goes on", func(t *testing.T) {
		exchanged(t, s.send(http.MethodPost, "/token", "", withCookie(cookie.Value)))
	})
}

func TestWellKnown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, contentType := range map[string]string{
		"/.well-known/jwks.json": "application/jwk-set+json", "/.well-known/openid-configuration": "application/json",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			res := s.send(method, path, "", header{"Origin", "https://anyone.test"})
			h := res.Header
			if res.StatusCode != http.StatusOK || h.Get("Content-Type") != contentType || h.Get("Cache-Control") != "public, max-age=300" ||
				h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Allow-Credentials") != "" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
				t.Errorf("%s %s answers %d %v", method, path, res.StatusCode, h)
			}
		}
	}
	body, _ := read(t, s.send(http.MethodGet, "/.well-known/jwks.json", "", nil))
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal([]byte(body), &set); err != nil || len(set.Keys) == 0 {
		t.Fatalf("the keys are %s", body)
	}
	for _, key := range set.Keys {
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k", "oth"} {
			if _, ok := key[private]; ok || key["kty"] == "oct" {
				t.Errorf("a key is published with %s: kty %v", private, key["kty"])
			}
		}
	}
	body, _ = read(t, s.send(http.MethodGet, "/.well-known/openid-configuration", "", header{"Host", "evil.test", "X-Forwarded-Host", "evil.test"}))
	var configuration map[string]any
	if err := json.Unmarshal([]byte(body), &configuration); err != nil || configuration["jwks_uri"] != publicURL+"/.well-known/jwks.json" || configuration["issuer"] != s.Issuer() {
		t.Errorf("the configuration is %s", body)
	}
}

func TestPublicURLIsNotTheRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *server.Options) { o.PublicURL = at(t, "https://other.example.org") })
	res := s.send(http.MethodPost, "/token", "", header{"Origin", "https://auth.example.org", "Cookie", "__Host-authgraph=x"})
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("an origin that only the Host header knows gets %d from /token", res.StatusCode)
	}
}
