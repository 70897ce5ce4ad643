package auth_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func compareIDs(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }

func TestLogout(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		t.Run("CURRENT ends the one that asks", func(t *testing.T) {
			ann, other := env.Account("ann@example.org"), env.LogIn("ann@example.org")
			recorded := env.Recorded(ann.User.ID, func() {
				logout(t, env, "CURRENT", env.As(ann.AccessToken), auth.LogoutInput{Scope: auth.LogoutCurrent}, ann)
			})
			dead(t, env, "the one that asked", ann)
			alive(t, env, "the other", other)
			if want := []string{"logout ok session"}; !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
		})
		t.Run("OTHERS ends all but the one that asks", func(t *testing.T) {
			bea := env.Account("bea@example.org")
			two, three := env.LogIn("bea@example.org"), env.LogIn("bea@example.org")
			recorded := env.Recorded(bea.User.ID, func() {
				logout(t, env, "OTHERS", env.As(bea.AccessToken), auth.LogoutInput{Scope: auth.LogoutOthers}, two, three)
			})
			dead(t, env, "one of the others", two)
			dead(t, env, "one of the others", three)
			alive(t, env, "the one that asked", bea)
			if want := []string{"logout ok session", "logout ok session"}; !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
		})
		t.Run("ALL ends all of this account", func(t *testing.T) {
			stranger := env.LogIn("ann@example.org")
			cem, other := env.Account("cem@example.org"), env.LogIn("cem@example.org")
			token := issue(t, env, cem, auth.IssueAPITokenInput{Name: "backup", Scopes: []string{auth.ScopeAccountRead}})
			logout(t, env, "ALL", env.As(cem.AccessToken), auth.LogoutInput{Scope: auth.LogoutAll}, cem, other)
			dead(t, env, "the one that asked", cem)
			dead(t, env, "the other", other)
			alive(t, env, "another account's", stranger)
			if c := env.As(token.Secret); c.Anonymous() {
				t.Errorf("the API token is refused: %s", c.Refused)
			}
		})
		t.Run("without a scope ends the one that asks, and not all", func(t *testing.T) {
			dan, other := env.Account("dan@example.org"), env.LogIn("dan@example.org")
			logout(t, env, "no scope", env.As(dan.AccessToken), auth.LogoutInput{}, dan)
			alive(t, env, "the other", other)
		})
		t.Run("leaves out what had expired", func(t *testing.T) {
			env.Account("eve@example.org")
			env.Clock.Turn(env.IdleTTL())
			eve := env.LogIn("eve@example.org")
			recorded := env.Recorded(eve.User.ID, func() {
				logout(t, env, "ALL beside an expired one", env.As(eve.AccessToken), auth.LogoutInput{Scope: auth.LogoutAll}, eve)
			})
			if want := []string{"logout ok session"}; !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
		})
	})
}

func TestLogoutNamesASession(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		logIn := func() *auth.Login { return env.LogIn("ann@example.org") }
		current := func(token *string) auth.LogoutInput {
			return auth.LogoutInput{Scope: auth.LogoutCurrent, RefreshToken: token}
		}
		t.Run("by refresh token, before bearer and cookie", func(t *testing.T) {
			named, bearer, cookie := logIn(), logIn(), logIn()
			c := env.As(bearer.AccessToken)
			c.Browser.Session = *cookie.RefreshToken
			logout(t, env, "refresh token", c, current(named.RefreshToken), named)
			dead(t, env, "the named one", named)
			alive(t, env, "the bearer's", bearer)
			alive(t, env, "the cookie's", cookie)
		})
		t.Run("by bearer, before the cookie", func(t *testing.T) {
			bearer, cookie := logIn(), logIn()
			c := env.As(bearer.AccessToken)
			c.Browser.Session = *cookie.RefreshToken
			logout(t, env, "bearer", c, current(nil), bearer)
			alive(t, env, "the cookie's", cookie)
		})
		t.Run("by cookie", func(t *testing.T) {
			cookie := logIn()
			c := authtest.Anyone()
			c.Browser.Session = *cookie.RefreshToken
			logout(t, env, "cookie", c, current(nil), cookie)
			dead(t, env, "the cookie's", cookie)
		})
		t.Run("by a good refresh token beside an expired access token", func(t *testing.T) {
			login, other := logIn(), logIn()
			env.Clock.Turn(env.AccessTTL + time.Minute)
			c := env.As(login.AccessToken)
			if c.Refused != auth.ReasonExpired {
				t.Fatalf("the access token is %q, want EXPIRED", c.Refused)
			}
			logout(t, env, "expired access token", c, auth.LogoutInput{Scope: auth.LogoutCurrent})
			logout(t, env, "and refresh token", c, current(login.RefreshToken), login)
			if _, err := refresh(env, *other.RefreshToken); err != nil {
				t.Errorf("the other session: Refresh() = %v", err)
			}
		})
		t.Run("by a refresh token that was traded since: its own alone", func(t *testing.T) {
			for _, scope := range []auth.LogoutScope{auth.LogoutCurrent, auth.LogoutOthers, auth.LogoutAll} {
				login, other := logIn(), logIn()
				next := refreshed(t, env, login)
				env.Clock.Turn(env.RefreshGrace + time.Second)
				recorded := env.Recorded(login.User.ID, func() {
					logout(t, env, "traded token", authtest.Anyone(), auth.LogoutInput{Scope: scope, RefreshToken: login.RefreshToken}, login)
				})
				if want := []string{"refresh_reuse ok anonymous"}; !slices.Equal(recorded, want) {
					t.Errorf("%s: recorded %q, want %q", scope, recorded, want)
				}
				dead(t, env, "its session", next)
				alive(t, env, "the other", other)
			}
		})
		t.Run("by a refresh token traded a moment ago, as if it were the next", func(t *testing.T) {
			login, other := logIn(), logIn()
			next := refreshed(t, env, login)
			if _, err := env.Logout(t.Context(), authtest.Anyone(), auth.LogoutInput{Scope: auth.LogoutOthers, RefreshToken: login.RefreshToken}); err != nil {
				t.Errorf("Logout() = %v", err)
			}
			alive(t, env, "its session", next)
			dead(t, env, "the other", other)
		})
		t.Run("which another's bearer may name too, and nothing more", func(t *testing.T) {
			bea, ann := env.Account("bea@example.org"), logIn()
			logout(t, env, "ALL", env.As(bea.AccessToken), auth.LogoutInput{Scope: auth.LogoutAll, RefreshToken: bea.RefreshToken}, bea)
			alive(t, env, "another account's", ann)
		})
	})
}

func TestLogoutOfNothing(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account("ann@example.org")
		token := issue(t, env, login, auth.IssueAPITokenInput{Name: "backup", Scopes: env.APITokenScopes()})
		ended := env.LogIn("ann@example.org")
		logout(t, env, "before", authtest.Anyone(), auth.LogoutInput{RefreshToken: ended.RefreshToken}, ended)
		junk := "junk"
		everything := func(what string, c auth.Caller, refreshToken *string) {
			for _, scope := range []auth.LogoutScope{auth.LogoutCurrent, auth.LogoutOthers, auth.LogoutAll} {
				logout(t, env, what+", "+string(scope), c, auth.LogoutInput{Scope: scope, RefreshToken: refreshToken})
			}
		}
		recorded := env.Recorded(login.User.ID, func() {
			everything("without a credential", authtest.Anyone(), nil)
			everything("junk", authtest.Anyone(), &junk)
			everything("junk beside a good bearer", env.As(login.AccessToken), &junk)
			everything("an ended session", authtest.Anyone(), ended.RefreshToken)
			everything("an API token", env.As(token.Secret), nil)
			withCookie := env.As(token.Secret)
			withCookie.Browser.Session = *login.RefreshToken
			everything("an API token beside a good cookie", withCookie, nil)
			if len(withCookie.Browser.Changes()) != 0 {
				t.Error("an API token clears the cookie of a session that lives on")
			}
		})
		if len(recorded) != 0 {
			t.Errorf("recorded %q, want nothing", recorded)
		}
		login = alive(t, env, "after all that", login)

		expired := env.LogIn("ann@example.org")
		env.Clock.Turn(env.IdleTTL())
		login = env.LogIn("ann@example.org")
		everything("an expired session", authtest.Anyone(), expired.RefreshToken)
		alive(t, env, "after an expired token", login)
	})
}

func TestLogoutAndTheCookie(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		for _, test := range []struct {
			name   string
			scope  auth.LogoutScope
			cookie func(login *auth.Login) string
			clears bool
		}{
			{"CURRENT clears it", auth.LogoutCurrent, func(l *auth.Login) string { return *l.RefreshToken }, true},
			{"ALL clears it", auth.LogoutAll, func(l *auth.Login) string { return *l.RefreshToken }, true},
			{"OTHERS keeps it", auth.LogoutOthers, func(l *auth.Login) string { return *l.RefreshToken }, false},
			{"no cookie, nothing to clear", auth.LogoutCurrent, func(*auth.Login) string { return "" }, false},
			{"junk is cleared", auth.LogoutCurrent, func(*auth.Login) string { return "junk" }, true},
		} {
			t.Run(test.name, func(t *testing.T) {
				login := env.LogIn("ann@example.org")
				c := authtest.Anyone()
				c.Browser.Session = test.cookie(login)
				if _, err := env.Logout(t.Context(), c, auth.LogoutInput{Scope: test.scope}); err != nil {
					t.Fatalf("Logout() = %v", err)
				}
				if !test.clears {
					if len(c.Browser.Changes()) != 0 {
						t.Errorf("cookies %v, want no change", c.Browser.Changes())
					}
				} else if set := sessionCookie(t, c); set.Value != "" {
					t.Errorf("the cookie is set to %q, want it cleared", set.Value)
				}
			})
		}
		t.Run("of a session that lives on is kept, whatever else ended", func(t *testing.T) {
			login, other, junk := env.LogIn("ann@example.org"), env.LogIn("ann@example.org"), "junk"
			for what, in := range map[string]auth.LogoutInput{"another session": {RefreshToken: other.RefreshToken}, "nothing": {RefreshToken: &junk}} {
				c := authtest.Anyone()
				c.Browser.Session = *login.RefreshToken
				if _, err := env.Logout(t.Context(), c, in); err != nil || len(c.Browser.Changes()) != 0 {
					t.Errorf("Logout() of %s = %v, with cookies %v, want no change", what, err, c.Browser.Changes())
				}
			}
			alive(t, env, "the cookie's", login)
		})
		t.Run("OTHERS named by something else keeps a good one", func(t *testing.T) {
			login, junk := env.LogIn("ann@example.org"), "junk"
			c := authtest.Anyone()
			c.Browser.Session = *login.RefreshToken
			logout(t, env, "OTHERS than junk", c, auth.LogoutInput{Scope: auth.LogoutOthers, RefreshToken: &junk})
			if len(c.Browser.Changes()) != 0 {
				t.Error("the cookie of a session that lives on is cleared")
			}
		})
		t.Run("a fault keeps it", func(t *testing.T) {
			login := env.LogIn("ann@example.org")
			c := authtest.Anyone()
			c.Browser.Session = *login.RefreshToken
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := env.Logout(gone, c, auth.LogoutInput{}); err == nil || len(c.Browser.Changes()) != 0 {
				t.Errorf("Logout() without a database = %v with cookies %v, want a fault and no change", err, c.Browser.Changes())
			}
			alive(t, env, "after the fault", login)
		})
		t.Run("two at once both succeed, and it is recorded once", func(t *testing.T) {
			login := env.LogIn("ann@example.org")
			c := env.As(login.AccessToken)
			recorded := env.Recorded(login.User.ID, func() {
				ended, errs := authtest.AtOnce(10, func(int) ([]auth.Session, error) {
					return env.Logout(context.Background(), c, auth.LogoutInput{})
				})
				if err := slices.IndexFunc(errs, func(err error) bool { return err != nil }); err >= 0 {
					t.Errorf("Logout() = %v", errs[err])
				}
				if n := len(slices.Concat(ended...)); n != 1 {
					t.Errorf("%d say they ended it, want 1", n)
				}
			})
			if len(recorded) != 1 {
				t.Errorf("recorded %q, want one event", recorded)
			}
		})
	})
}

// The next request after a logout is refused, every time.
func TestLogoutIsImmediate(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		for range 50 {
			login := env.LogIn("ann@example.org")
			logout(t, env, "one of many", env.As(login.AccessToken), auth.LogoutInput{}, login)
			dead(t, env, "one of many", login)
		}
	})
}
