package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/server"
)

const (
	refresh = `mutation { refresh { auth { accessToken refreshToken user { email } } errors { code } } }`
	logOut  = `mutation { logout { sessions { id } errors { code } } }`
)

// setCookie finds a Set-Cookie header by the cookie's name.
func setCookie(t testing.TB, res *http.Response, name string) *http.Cookie {
	t.Helper()
	for _, c := range res.Cookies() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no cookie %s is set: %q", name, res.Header.Values("Set-Cookie"))
	return nil
}

func TestCookies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		adjust         func(*server.Options)
		session, known string
		secure         bool
	}{
		"over https":             {func(*server.Options) {}, "__Host-authgraph", "__Host-authgraph-device", true},
		"over http on localhost": {development, "authgraph", "authgraph-device", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, test.adjust)
			s.Account("ann@example.org")
			local := header{"Host", "localhost:8080"}
			check := func(what string, c *http.Cookie, ends time.Duration) {
				t.Helper()
				if !c.HttpOnly || c.Secure != test.secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || len(c.Raw) > 4096 {
					t.Errorf("%s sets %s", what, c.Raw)
				}
				if cleared := c.MaxAge < 0 && c.Value == "" && strings.Contains(c.Raw, "Max-Age=0"); cleared != (ends == 0) {
					t.Errorf("%s sets %s", what, c.Raw)
				}
				want := s.Clock.Now().Add(ends).UTC().Truncate(time.Second)
				if late := c.Expires.Sub(want); ends > 0 && (late < 0 || late > s.IdleTTL()-s.RefreshTTL) {
					t.Errorf("%s sets a cookie until %v, want %v, or a little later", what, c.Expires, want)
				}
			}
			res := s.logInAs("ann@example.org", "COOKIE", local)
			if body, _ := read(t, res); !strings.Contains(body, `"refreshToken":null`) {
				t.Errorf("the refresh token is in the answer, too: %s", body)
			}
			session := setCookie(t, res, test.session)
			check("login", session, 14*24*time.Hour)
			check("login", setCookie(t, res, test.known), 365*24*time.Hour)

			res = s.gql(refresh, nil, append(header{"Cookie", session.Name + "=" + session.Value}, local...))
			next := setCookie(t, res, test.session)
			check("refresh", next, 14*24*time.Hour)
			if body, _ := read(t, res); next.Value == session.Value || !strings.Contains(body, `"refreshToken":null`) {
				t.Errorf("refresh by cookie answers %s and %s", body, next.Raw)
			}

			res = s.gql(logOut, nil, append(header{"Cookie", next.Name + "=" + next.Value}, local...))
			check("logout", setCookie(t, res, test.session), 0)
			if slices.ContainsFunc(res.Cookies(), func(c *http.Cookie) bool { return c.Name == test.known }) {
				t.Error("logout forgets the device")
			}
			res = s.gql(refresh, nil, append(header{"Cookie", next.Name + "=" + next.Value}, local...))
			check("a refused refresh", setCookie(t, res, test.session), 0)
		})
	}
}

func TestNoCookieUnasked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Account("ann@example.org")
	s.log.text.Reset()
	for name, res := range map[string]*http.Response{
		"me":                       s.gql(me, nil, header{"Cookie", "__Host-authgraph=junk"}),
		"refresh without a cookie": s.gql(refresh, nil, nil),
		"logout without a cookie":  s.gql(logOut, nil, nil),
		"a wrong password":         s.gql(logIn, map[string]any{"email": "ann@example.org", "password": "wrong", "delivery": "COOKIE"}, nil),
		"a cookie without prefix":  s.gql(refresh, nil, header{"Cookie", "authgraph=junk; Host-authgraph=junk; __host-authgraph=junk"}),
	} {
		if set := res.Header.Values("Set-Cookie"); len(set) > 0 {
			t.Errorf("%s sets %q", name, set)
		}
	}
}

// A fault says nothing about the session: the cookie stays.
func TestCookieOutlivesAFault(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Account("ann@example.org")
	session := setCookie(t, s.logInAs("ann@example.org", "COOKIE", nil), "__Host-authgraph")
	if err := s.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for path, res := range map[string]*http.Response{
		"/graphql": s.gql(refresh, nil, header{"Cookie", session.Name + "=" + session.Value}),
		"/token":   s.send(http.MethodPost, "/token", "", header{"Cookie", session.Name + "=" + session.Value}),
	} {
		if _, a := read(t, res); a.code() != "INTERNAL_SERVER_ERROR" || len(res.Cookies()) > 0 {
			t.Errorf("%s answers %s and sets %q", path, a.code(), res.Cookies())
		}
	}
}

// Session fixation: what a stranger planted in a browser is not what its owner
// is logged in with afterwards.
func TestPlantedCookie(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Account("ann@example.org")
	s.Account("eve@example.org")
	eve := setCookie(t, s.logInAs("eve@example.org", "COOKIE", nil), "__Host-authgraph")
	for name, planted := range map[string]string{
		"made up":      "agr_AAAAAAAAAAAAAAAAAAAAAA",
		"a stranger's": eve.Value,
	} {
		t.Run(name, func(t *testing.T) {
			own := setCookie(t, s.logInAs("ann@example.org", "COOKIE", header{"Cookie", eve.Name + "=" + planted}), eve.Name)
			if own.Value == planted {
				t.Fatal("the planted cookie was adopted")
			}
			body, _ := read(t, s.gql(refresh, nil, header{"Cookie", own.Name + "=" + own.Value}))
			if !strings.Contains(body, "ann@example.org") {
				t.Errorf("the new cookie leads to %s", body)
			}
			body, _ = read(t, s.gql(refresh, nil, header{"Cookie", own.Name + "=" + planted}))
			if strings.Contains(body, "ann@example.org") {
				t.Errorf("the planted cookie leads to %s", body)
			}
		})
	}
	t.Run("a bearer beside it is who asks", func(t *testing.T) {
		ann := s.LogIn("ann@example.org")
		body, _ := read(t, s.gql(me, nil, header{"Authorization", "Bearer " + ann.AccessToken, "Cookie", eve.Name + "=" + eve.Value}))
		if !strings.Contains(body, "ann@example.org") {
			t.Errorf("me is %s", body)
		}
	})
	t.Run("a cookie alone is nobody", func(t *testing.T) {
		if body, _ := read(t, s.gql(me, nil, header{"Cookie", eve.Name + "=" + eve.Value})); !strings.Contains(body, `"me":null`) {
			t.Errorf("me is %s", body)
		}
	})
	t.Run("a refresh token in the body beats the cookie", func(t *testing.T) {
		ann := s.LogIn("ann@example.org")
		res := s.gql(`mutation ($t: String!) { refresh(input: {refreshToken: $t}) { auth { refreshToken user { email } } errors { code } } }`,
			map[string]any{"t": *ann.RefreshToken}, header{"Cookie", eve.Name + "=" + eve.Value})
		if body, _ := read(t, res); !strings.Contains(body, "ann@example.org") || !strings.Contains(body, `"agr_`) || len(res.Cookies()) > 0 {
			t.Errorf("refresh answers %s and sets %q", body, res.Cookies())
		}
	})
	t.Run("of two cookies of one name neither makes a fault", func(t *testing.T) {
		res := s.gql(refresh, nil, header{"Cookie", eve.Name + "=junk; " + eve.Name + "=" + eve.Value})
		if _, a := read(t, res); res.StatusCode != http.StatusOK || a.code() != "" {
			t.Errorf("%d %s", res.StatusCode, a.code())
		}
	})
}
