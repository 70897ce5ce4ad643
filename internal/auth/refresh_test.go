package auth_test

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/secret"
)

func TestRefresh(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		t.Run("trades a token for the next one of the same session", func(t *testing.T) {
			first := env.Account("ann@example.org")
			env.Clock.Turn(time.Hour)
			from := authtest.Stranger("203.0.113.9")
			next, err := env.Refresh(t.Context(), from, auth.RefreshInput{RefreshToken: first.RefreshToken})
			if err != nil {
				t.Fatalf("Refresh() = %v", err)
			}
			if *next.RefreshToken == *first.RefreshToken || next.AccessToken == first.AccessToken {
				t.Error("Refresh() answers an old token")
			}
			if next.Session.ID != first.Session.ID || next.User.ID != first.User.ID || !next.Session.Current {
				t.Errorf("Refresh() = session %v of %v, want the same as before", next.Session, next.User.ID)
			}
			now := env.Clock.Now()
			if !next.Session.LastUsedAt.Equal(now) || *next.Session.IPAddress != "203.0.113.9" {
				t.Errorf("the session was last used at %v from %v, want now and from the caller's address", next.Session.LastUsedAt, *next.Session.IPAddress)
			}
			if !next.Session.AuthenticatedAt.Equal(first.Session.AuthenticatedAt) {
				t.Error("a refresh counts as a proof of presence")
			}
			if at := next.RefreshExpiresAt; at.Before(now.Add(env.RefreshTTL)) || at.After(now.Add(env.IdleTTL())) || !next.Session.ExpiresAt.Equal(at) {
				t.Errorf("the session expires at %v, or %v, %v from now", at, next.Session.ExpiresAt, at.Sub(now))
			}
			if next.ExpiresIn != 900 {
				t.Errorf("ExpiresIn = %d, want 900", next.ExpiresIn)
			}
			alive(t, env, "after a refresh", next)
		})
		t.Run("the one before gets the same successor again within the grace time", func(t *testing.T) {
			first := env.Account("bea@example.org")
			second := refreshed(t, env, first)
			for range 2 {
				env.Clock.Turn(env.RefreshGrace / 2)
				if again := refreshed(t, env, first); *again.RefreshToken != *second.RefreshToken {
					t.Error("Refresh() in the grace time answers another successor")
				} else if c := env.As(again.AccessToken); c.Anonymous() {
					t.Errorf("the access token from the grace time is refused: %s", c.Refused)
				}
			}
			alive(t, env, "the successor", second)
		})
		t.Run("an older one within the grace time is refused and nothing else", func(t *testing.T) {
			first := env.Account("cem@example.org")
			second := refreshed(t, env, first)
			env.Clock.Turn(time.Hour)
			third := refreshed(t, env, second)
			env.Clock.Turn(env.RefreshGrace)
			recorded := env.Recorded(first.User.ID, func() {
				_, err := refresh(env, *first.RefreshToken)
				authtest.Refused(t, "Refresh() with an older token", err, auth.InvalidToken, "refreshToken")
			})
			if len(recorded) != 0 {
				t.Errorf("recorded %q, want nothing", recorded)
			}
			alive(t, env, "after the refusal", third)
		})
	})
}

func TestRefreshRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		token := *ann.RefreshToken
		last := "A"
		if token[len(token)-1] == 'A' {
			last = "B"
		}
		foreign, err := secret.New(secret.Generate())
		if err != nil {
			t.Fatal(err)
		}
		for what, presented := range map[string]string{
			"nothing": "", "junk": "junk", "a space inside": token[:9] + " " + token[9:], "a flipped end": token[:len(token)-1] + last,
			"another server's":   foreign.FormatRefresh(secret.NewRefresh(ann.Session.ID)),
			"an unknown session": env.Secret().FormatRefresh(secret.NewRefresh(uuid.New())),
			// The secret alone is not enough to make a token or to end a
			// session.
			"the right session but a made-up random": env.Secret().FormatRefresh(secret.NewRefresh(ann.Session.ID)),
		} {
			recorded := env.Recorded(ann.User.ID, func() {
				_, err := refresh(env, presented)
				authtest.Refused(t, "Refresh() with "+what, err, auth.InvalidToken, "refreshToken")
			})
			if len(recorded) != 0 {
				t.Errorf("with %s: recorded %q, want nothing", what, recorded)
			}
		}
		_, err = env.Refresh(t.Context(), authtest.Anyone(), auth.RefreshInput{})
		authtest.Refused(t, "Refresh() without token and cookie", err, auth.InvalidToken, "refreshToken")
		env.Clock.Turn(env.RefreshGrace + time.Second)
		alive(t, env, "after all refusals", ann)
	})
}

// An attacker has the server's secret, but not the random part of the session.
// He cannot make a token of any generation, at any time, and cannot end a
// session.
func TestRefreshWithALeakedSecret(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := refreshed(t, env, refreshed(t, env, env.Account("ann@example.org")))
		forged := secret.NewRefresh(ann.Session.ID)
		recorded := env.Recorded(ann.User.ID, func() {
			for range 2 { // within the grace time, and after it
				for forged.Generation = 0; forged.Generation < 5; forged.Generation++ {
					_, err := refresh(env, env.Secret().FormatRefresh(forged))
					authtest.Refused(t, "Refresh() with a made-up random", err, auth.InvalidToken, "refreshToken")
					logout(t, env, "a made-up random", authtest.Anyone(), auth.LogoutInput{RefreshToken: ptr(env.Secret().FormatRefresh(forged))})
				}
				env.Clock.Turn(env.RefreshGrace + time.Second)
			}
		})
		if len(recorded) != 0 {
			t.Errorf("recorded %q, want nothing", recorded)
		}
		alive(t, env, "after all that", ann)
	})
}

func TestReuseEndsTheSession(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		for what, old := range map[string]int{"the first of three": 0, "the one before, after the grace time": 1} {
			t.Run(what, func(t *testing.T) {
				other := env.LogIn("ann@example.org")
				all := []*auth.Login{env.LogIn("ann@example.org")}
				all = append(all, refreshed(t, env, all[0]))
				all = append(all, refreshed(t, env, all[1]))
				newest := all[2]
				env.Clock.Turn(env.RefreshGrace + time.Microsecond)
				thief := authtest.Stranger("203.0.113.66")
				recorded := env.Recorded(ann.User.ID, func() {
					_, err := env.Refresh(t.Context(), thief, auth.RefreshInput{RefreshToken: all[old].RefreshToken})
					authtest.Refused(t, "Refresh() with an old token", err, auth.InvalidToken, "refreshToken")
				})
				dead(t, env, "after reuse", newest)
				if want := []string{"refresh_reuse ok anonymous"}; !slices.Equal(recorded, want) {
					t.Errorf("recorded %q, want %q", recorded, want)
				}
				events, err := env.Events(t.Context(), auth.EventFilter{User: ann.User.ID, Event: "refresh_reuse", Limit: 1})
				if err != nil || len(events) != 1 {
					t.Fatalf("Events() = %v, %v", events, err)
				}
				if e := events[0]; *e.SessionID != newest.Session.ID || *e.IPAddress != "203.0.113.66" {
					t.Errorf("recorded session %v from %v, want %v from the thief's address", *e.SessionID, *e.IPAddress, newest.Session.ID)
				}
				dead(t, env.Replica(env.Store), "after a restart", newest)
				env.Clock.Turn(-env.RefreshGrace) // a clock that is set back brings nothing back
				dead(t, env, "after the clock was set back", newest)
				alive(t, env, "another session of the account", other)
			})
		}
	})
}

func TestRefreshFromTheFuture(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		first := env.Account("ann@example.org")
		ahead := refreshed(t, env, refreshed(t, env, first))
		// A backup from before the refreshes is restored.
		env.Store.UserToken.Update().Where(usertoken.ID(first.Session.ID)).SetGeneration(0).ExecX(t.Context())
		for range 2 {
			recorded := env.Recorded(first.User.ID, func() {
				_, err := refresh(env, *ahead.RefreshToken)
				authtest.Refused(t, "Refresh() with a token from the future", err, auth.InvalidToken, "refreshToken")
			})
			if want := []string{"refresh_future INVALID_TOKEN anonymous"}; !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
			env.Clock.Turn(time.Minute)
		}
		alive(t, env, "the session as it was restored", first)
	})
}

// Sessions of a disabled account do not work, even if it was disabled by hand
// in the database.
func TestRefreshOfADisabledAccount(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env = plain(env)
		ann := env.Account("ann@example.org")
		env.Store.User.UpdateOneID(ann.User.ID).SetDisabledAt(env.Clock.Now()).ExecX(t.Context())
		dead(t, env, "a disabled account's session", ann)
	})
}

func TestRefreshByCookie(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		browser := func(cookie string) auth.Caller {
			return auth.Caller{IP: netip.MustParseAddr("192.0.2.7"), Browser: &auth.Browser{Session: cookie}}
		}
		t.Run("cookie in, cookie out", func(t *testing.T) {
			c := browser(*ann.RefreshToken)
			next, err := env.Refresh(t.Context(), c, auth.RefreshInput{})
			if err != nil {
				t.Fatalf("Refresh() = %v", err)
			}
			if next.RefreshToken != nil {
				t.Error("the refresh token is in the body too")
			}
			set := sessionCookie(t, c)
			if set.Value == "" || !set.Expires.Equal(next.RefreshExpiresAt) {
				t.Errorf("the cookie is set to %q until %v, want a token until %v", set.Value, set.Expires, next.RefreshExpiresAt)
			}
			next.RefreshToken = &set.Value
			ann = alive(t, env, "the token from the cookie", next)
		})
		t.Run("a token in the body beats the cookie", func(t *testing.T) {
			bea := env.Account("bea@example.org")
			c := browser(*ann.RefreshToken)
			next, err := env.Refresh(t.Context(), c, auth.RefreshInput{RefreshToken: bea.RefreshToken})
			if err != nil || next.User.ID != bea.User.ID || next.RefreshToken == nil || len(c.Browser.Changes()) != 0 {
				t.Errorf("Refresh() = %v, %v with cookies %v, want bea's session in the body and no cookie", next, err, c.Browser.Changes())
			}
			junk := "junk"
			_, err = env.Refresh(t.Context(), c, auth.RefreshInput{RefreshToken: &junk})
			authtest.Refused(t, "Refresh() with junk beside a good cookie", err, auth.InvalidToken, "refreshToken")
			if len(c.Browser.Changes()) != 0 {
				t.Error("a bad token in the body costs the cookie")
			}
		})
		t.Run("a token that others moved on from a moment ago keeps the cookie", func(t *testing.T) {
			cem := env.Account("cem@example.org")
			late := browser(*cem.RefreshToken) // a slow tab
			latest := refreshed(t, env, refreshed(t, env, cem))
			_, err := env.Refresh(t.Context(), late, auth.RefreshInput{})
			authtest.Refused(t, "Refresh() two generations late", err, auth.InvalidToken, "refreshToken")
			if len(late.Browser.Changes()) != 0 {
				t.Error("the cookie, which may be the latest by now, is cleared")
			}
			alive(t, env, "the latest", latest)
		})
		t.Run("a refusal clears the cookie, a fault does not", func(t *testing.T) {
			c := browser("junk")
			_, err := env.Refresh(t.Context(), c, auth.RefreshInput{})
			authtest.Refused(t, "Refresh() with a bad cookie", err, auth.InvalidToken, "refreshToken")
			if set := sessionCookie(t, c); set.Value != "" {
				t.Errorf("the cookie is set to %q, want it cleared", set.Value)
			}
			c = browser(*ann.RefreshToken)
			gone, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := env.Refresh(gone, c, auth.RefreshInput{}); err == nil || len(c.Browser.Changes()) != 0 {
				t.Errorf("Refresh() without a database = %v with cookies %v, want a fault and no change", err, c.Browser.Changes())
			}
			alive(t, env, "after the fault", ann)
		})
	})
}
