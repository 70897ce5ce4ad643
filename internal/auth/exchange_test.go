package auth_test

import (
	"errors"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// exchange makes an access token from an API token.
func exchange(t testing.TB, env *authtest.Env, token string) *auth.AccessToken {
	t.Helper()
	made, err := env.Exchange(t.Context(), env.As(token), token)
	if err != nil {
		t.Fatalf("Exchange() = %v", err)
	}
	return made
}

// unauthenticated checks that err is a refusal for that reason.
func unauthenticated(t testing.TB, what string, err error, want auth.Reason) {
	t.Helper()
	authtest.Refused(t, what, err, auth.Unauthenticated)
	if told := (*auth.Error)(nil); errors.As(err, &told) && told.Reason != want {
		t.Errorf("%s: reason %q, want %q", what, told.Reason, want)
	}
}

func TestExchangeAPIToken(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		token := issue(t, env, ann, auth.IssueAPITokenInput{
			Name: "backup", Scopes: []string{"orders:write", auth.ScopeAccountRead}, ExpiresInDays: ptr(1),
		})
		made := exchange(t, env, token.Secret)
		claims := claimsOf(t, made.Token)
		if claims.Subject != ann.User.ID || claims.Session != [16]byte{} || claims.AuthTime != 0 || claims.Scope != "account:read orders:write" {
			t.Errorf("the token says %+v, want ann, no session, and the scopes of the API token", claims)
		}
		if made.ExpiresIn != 900 || claims.Expires != env.Clock.Now().Add(15*time.Minute).Unix() {
			t.Errorf("it is good for %d seconds, until %d, want 15 minutes", made.ExpiresIn, claims.Expires)
		}
		c := env.As(made.Token)
		if !c.IsAPIToken() || c.TokenID != token.Token.ID || !c.Has("orders:write") || c.Has(auth.ScopeTokensRead) {
			t.Errorf("it comes back as %+v, want the API token", c)
		}
		t.Run("not beyond the API token's end", func(t *testing.T) {
			env.Clock.Turn(24*time.Hour - 90*time.Second)
			made := exchange(t, env, token.Secret)
			if made.ExpiresIn != 90 || claimsOf(t, made.Token).Expires != token.Token.ExpiresAt.Unix() {
				t.Errorf("it is good for %d seconds, want 90", made.ExpiresIn)
			}
			env.Clock.Turn(89*time.Second + time.Millisecond)
			_, err := env.Exchange(t.Context(), env.As(token.Secret), token.Secret)
			unauthenticated(t, "in the API token's last second: Exchange()", err, auth.ReasonRevoked)
			env.Clock.Turn(time.Second)
			_, err = env.Exchange(t.Context(), env.As(token.Secret), token.Secret)
			unauthenticated(t, "after the API token's end: Exchange()", err, auth.ReasonExpired)
		})
	})
}

// A service that verifies alone does not learn that a session ended. So no
// token for it lives longer than 15 minutes, whatever the setting is.
func TestExchangedTokensAreShortLived(t *testing.T) {
	for setting, want := range map[time.Duration]int{time.Hour: 900, 15 * time.Minute: 900, time.Minute: 60} {
		authtest.Each(t, func(t *testing.T, env *authtest.Env) {
			ann := env.Account("ann@example.org")
			token := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
			if made := exchange(t, env, token.Secret); made.ExpiresIn != want {
				t.Errorf("with ACCESS_TTL %v it is good for %d seconds, want %d", setting, made.ExpiresIn, want)
			}
			c := authtest.Anyone()
			c.Browser.Session = *ann.RefreshToken
			if made, err := env.Exchange(t.Context(), c, ""); err != nil || made.ExpiresIn != want {
				t.Errorf("with ACCESS_TTL %v one for the cookie is %+v, %v, want %d seconds", setting, made, err, want)
			}
		}, func(s *auth.Settings) { s.AccessTTL = setting })
	}
}

func TestExchangeCookie(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		browser := func(cookie string) auth.Caller {
			c := authtest.Anyone()
			c.Browser.Session = cookie
			return c
		}
		t.Run("rotates it, as a refresh does", func(t *testing.T) {
			before := *ann.RefreshToken
			c := browser(before)
			made, err := env.Exchange(t.Context(), c, "")
			if err != nil {
				t.Fatalf("Exchange() = %v", err)
			}
			if claims := claimsOf(t, made.Token); claims.Session != ann.Session.ID || claims.Scope != "session" {
				t.Errorf("the token says %+v, want ann's session", claims)
			}
			after := sessionCookie(t, c).Value
			if after == "" || after == before {
				t.Error("the cookie is not rotated")
			}
			again := browser(before)
			if _, err := env.Exchange(t.Context(), again, ""); err != nil || sessionCookie(t, again).Value != after {
				t.Errorf("another tab within the grace time: Exchange() = %v, with another cookie", err)
			}
			ann.RefreshToken = &after
			ann = alive(t, env, "after an exchange", ann)
		})
		t.Run("a bad one is refused and cleared", func(t *testing.T) {
			c := browser("junk")
			_, err := env.Exchange(t.Context(), c, "")
			unauthenticated(t, "Exchange()", err, auth.ReasonInvalid)
			if set := sessionCookie(t, c); set.Value != "" {
				t.Errorf("the cookie is set to %q, want it cleared", set.Value)
			}
		})
		t.Run("a bearer beats it, a bad one too", func(t *testing.T) {
			token := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
			for bearer, good := range map[string]bool{token.Secret: true, "junk": false, ann.AccessToken: false} {
				c, err := env.Resolve(t.Context(), browser(*ann.RefreshToken), bearer)
				if err != nil {
					t.Fatal(err)
				}
				made, err := env.Exchange(t.Context(), c, bearer)
				if good && (err != nil || !env.As(made.Token).IsAPIToken()) || !good && err == nil {
					t.Errorf("Exchange() = %v, %v, good: %t", made, err, good)
				}
				if len(c.Browser.Changes()) != 0 {
					t.Error("the cookie is rotated beside a bearer")
				}
			}
		})
	})
}

func TestExchangeRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		token := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
		_, err := env.Exchange(t.Context(), authtest.Anyone(), "")
		unauthenticated(t, "Exchange() with nothing", err, auth.ReasonMissing)
		for what, bearer := range map[string]string{
			"an access token": ann.AccessToken, "an access token made of an API token": exchange(t, env, token.Secret).Token,
			"a refresh token": *ann.RefreshToken, "junk": "junk", "an unknown API token": "agt_" + token.Secret[4:len(token.Secret)-1],
		} {
			_, err := env.Exchange(t.Context(), env.As(bearer), bearer)
			unauthenticated(t, "Exchange() with "+what, err, auth.ReasonInvalid)
		}
		c := env.As(token.Secret)
		if err := env.DisableAccount(t.Context(), authtest.Operator(), ann.User.ID); err != nil {
			t.Fatal(err)
		}
		_, err = env.Exchange(t.Context(), c, token.Secret) // the caller was valid when the request began
		unauthenticated(t, "Exchange() for a disabled account", err, auth.ReasonRevoked)
		_, err = env.Exchange(t.Context(), env.As(token.Secret), token.Secret)
		unauthenticated(t, "Exchange() by a disabled account", err, auth.ReasonRevoked)
	})
}
