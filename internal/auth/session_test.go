package auth_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func TestSessions(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		stranger := env.Account("bea@example.org")
		first := env.Account("ann@example.org")
		env.Clock.Turn(time.Minute)
		address, device := "ann@example.org", " my laptop "
		began := env.Clock.Now()
		second, err := env.Login(t.Context(), authtest.Stranger("198.51.100.4"), auth.LoginInput{
			Email: &address, Password: authtest.Password, Session: &auth.SessionInput{DeviceName: &device},
		})
		if err != nil {
			t.Fatalf("Login() = %v", err)
		}
		env.Clock.Turn(time.Minute)
		first = refreshed(t, env, first)

		got := sessionsOf(t, env, second.Login)
		if want := []uuid.UUID{first.Session.ID, second.Session.ID}; !slices.Equal(idsOf(got), want) {
			t.Fatalf("Sessions() = %v, want %v: last used first, and none of another account's", idsOf(got), want)
		}
		if got[0].Current || !got[1].Current {
			t.Error("Sessions() does not mark the one that asks")
		}
		s := got[1]
		if *s.DeviceName != "my laptop" || *s.UserAgent != "test" || *s.IPAddress != "198.51.100.4" {
			t.Errorf("device %q, agent %q, address %q, want those of the login", *s.DeviceName, *s.UserAgent, *s.IPAddress)
		}
		for what, instants := range map[string][2]time.Time{
			"CreatedAt": {s.CreatedAt, began}, "LastUsedAt": {s.LastUsedAt, began}, "AuthenticatedAt": {s.AuthenticatedAt, began},
			"EndsAt": {s.EndsAt, began.Add(env.SessionTTL)},
		} {
			if !instants[0].Equal(instants[1]) || instants[0].Location() != time.UTC {
				t.Errorf("%s = %v, want %v in UTC", what, instants[0], instants[1])
			}
		}
		if s.ExpiresAt.Before(began.Add(env.RefreshTTL)) || s.ExpiresAt.After(began.Add(env.IdleTTL())) {
			t.Errorf("ExpiresAt = %v, %v after the login", s.ExpiresAt, s.ExpiresAt.Sub(began))
		}
		if n := len(sessionsOf(t, env, stranger)); n != 1 {
			t.Errorf("another account has %d sessions, want its own one", n)
		}
		env.Clock.Turn(env.IdleTTL())
		if n := len(sessionsOf(t, env, second.Login)); n != 0 {
			t.Errorf("Sessions() lists %d that have expired", n)
		}
	})
}

func TestRevokeSession(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, other := env.Account("ann@example.org"), env.LogIn("ann@example.org")
		revoke := func(c auth.Caller, id string) (*auth.Session, error) {
			return env.RevokeSession(t.Context(), c, auth.RevokeSessionInput{ID: id})
		}
		t.Run("ends one session at once", func(t *testing.T) {
			recorded := env.Recorded(ann.User.ID, func() {
				ended, err := revoke(env.As(ann.AccessToken), other.Session.ID.String())
				if err != nil || ended.ID != other.Session.ID || ended.Current {
					t.Errorf("RevokeSession() = %v, %v, want the session as it was", ended, err)
				}
			})
			dead(t, env, "the revoked session", other)
			if want := []string{"session_revoke ok session"}; !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
			ann = alive(t, env, "the session that asked", ann)
		})
		t.Run("refuses what is none of the caller's sessions", func(t *testing.T) {
			bea := env.Account("bea@example.org")
			expired := env.LogIn("ann@example.org")
			env.Clock.Turn(env.RefreshTTL - time.Hour)
			ann = refreshed(t, env, env.LogIn("ann@example.org"))
			bea = refreshed(t, env, bea)
			env.Clock.Turn(time.Hour)
			ann, bea = refreshed(t, env, ann), refreshed(t, env, bea)
			env.Clock.Turn(env.IdleTTL() - env.RefreshTTL)
			ann, bea = refreshed(t, env, ann), refreshed(t, env, bea)
			issued := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: []string{auth.ScopeAccountRead}})
			for what, id := range map[string]string{
				"another's": bea.Session.ID.String(), "an ended one": other.Session.ID.String(), "an unknown one": uuid.NewString(),
				"an expired one": expired.Session.ID.String(), "an API token": issued.Token.ID.String(), "no id": "", "junk": "junk",
			} {
				_, err := revoke(env.As(ann.AccessToken), id)
				authtest.Refused(t, "RevokeSession() of "+what, err, auth.NotFound, "id")
			}
			alive(t, env, "another's session", bea)
			if c := env.As(issued.Secret); c.Anonymous() {
				t.Errorf("the API token is refused: %s", c.Refused)
			}
		})
		t.Run("of the caller's own clears the cookie", func(t *testing.T) {
			fresh := env.LogIn("ann@example.org")
			c := env.As(fresh.AccessToken)
			c.Browser.Session = *fresh.RefreshToken
			if _, err := revoke(c, env.LogIn("ann@example.org").Session.ID.String()); err != nil || len(c.Browser.Changes()) != 0 {
				t.Errorf("RevokeSession() of another = %v with cookies %v, want no change", err, c.Browser.Changes())
			}
			if _, err := revoke(c, fresh.Session.ID.String()); err != nil {
				t.Fatalf("RevokeSession() = %v", err)
			}
			if set := sessionCookie(t, c); set.Value != "" {
				t.Error("the cookie of the ended session stays")
			}
			dead(t, env, "the own session", fresh)
		})
	})
}

// The 101st session ends the least recently used one. So an account cannot grow
// without end, and nobody is locked out.
func TestAtMostAHundredSessions(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		logins := []*auth.Login{env.Account("ann@example.org")}
		for len(logins) < 100 {
			env.Clock.Turn(time.Second)
			logins = append(logins, env.LogIn("ann@example.org"))
		}
		env.Clock.Turn(time.Second)
		logins[0] = refreshed(t, env, logins[0]) // the oldest, but used just now
		var newest *auth.Login
		recorded := env.Recorded(logins[0].User.ID, func() { newest = env.LogIn("ann@example.org") })
		if want := []string{"session_evict ok anonymous", "login ok anonymous"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		dead(t, env, "the least recently used", logins[1])
		logins[0] = alive(t, env, "the oldest, used just now", logins[0])
		alive(t, env, "the next to end", logins[2])
		if n := len(sessionsOf(t, env, newest)); n != 100 {
			t.Errorf("there are %d sessions, want 100", n)
		}
		_, errs := authtest.AtOnce(20, func(int) (*auth.Login, error) { return env.LogIn("ann@example.org"), nil })
		if err := slices.ContainsFunc(errs, func(err error) bool { return err != nil }); err {
			t.Errorf("logins at once = %v", errs)
		}
		if n := len(sessionsOf(t, env, newest)); n != 100 {
			t.Errorf("after logins at once there are %d sessions, want 100", n)
		}
	})
}

// Sessions that have expired, but are not deleted yet, do not take a place.
func TestExpiredSessionsTakeNoPlace(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		for range 60 {
			env.LogIn("ann@example.org")
		}
		env.Clock.Turn(env.IdleTTL())
		first := env.LogIn("ann@example.org")
		recorded := env.Recorded(first.User.ID, func() {
			for range 99 {
				env.LogIn("ann@example.org")
			}
		})
		if slices.Contains(recorded, "session_evict ok anonymous") {
			t.Error("a live session, or one that had expired, was ended to make room")
		}
		alive(t, env, "the first of a hundred", first)
	})
}

// A session that is refreshed again and again still ends at its absolute end.
// No access token outlives it.
func TestSessionLifetimes(t *testing.T) {
	short := func(s *auth.Settings) {
		s.AccessTTL, s.RefreshTTL, s.SessionTTL = 2*time.Minute, 5*time.Minute, 12*time.Minute
	}
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		t.Run("idle", func(t *testing.T) {
			used, idle := env.Account("ann@example.org"), env.LogIn("ann@example.org")
			env.Clock.Turn(env.RefreshTTL - time.Microsecond)
			used = refreshed(t, env, used)
			env.Clock.Turn(env.IdleTTL() - env.RefreshTTL)
			for range 2 {
				_, err := refresh(env, *idle.RefreshToken)
				authtest.Refused(t, "Refresh() of an idle session", err, auth.InvalidToken, "refreshToken")
			}
			if trail := env.Trail(idle.User.ID); slices.Contains(trail, "refresh_reuse ok anonymous") {
				t.Error("an expired token counts as reuse")
			}
			alive(t, env, "the one that was used", used)
		})
		t.Run("absolute", func(t *testing.T) {
			began := env.Clock.Now()
			ends := began.Add(env.SessionTTL)
			login := env.Account("bea@example.org")
			var last *auth.Login
			for env.Clock.Now().Before(ends) {
				next, err := refresh(env, *login.RefreshToken)
				if err != nil {
					if left := ends.Sub(env.Clock.Now()); left >= time.Second {
						t.Fatalf("Refresh() = %v, %v before the session's end", err, left)
					}
				} else {
					login, last = next, next
					checkLife(t, env, next, ends)
				}
				env.Clock.Turn(10300 * time.Millisecond)
			}
			if last == nil || ends.Sub(last.Session.LastUsedAt) > time.Minute {
				t.Fatal("the session ended too soon")
			}
			if c := env.As(last.AccessToken); c.Refused != auth.ReasonRevoked && c.Refused != auth.ReasonExpired {
				t.Errorf("an access token outlives its session: %q", c.Refused)
			}
			_, err := refresh(env, *login.RefreshToken)
			authtest.Refused(t, "Refresh() after the session's end", err, auth.InvalidToken, "refreshToken")
		})
	}, short)
}

// checkLife checks that no token of a login outlives the session's end.
func checkLife(t *testing.T, env *authtest.Env, login *auth.Login, ends time.Time) {
	t.Helper()
	now := env.Clock.Now()
	if !login.Session.EndsAt.Equal(ends) {
		t.Errorf("a refresh moves the session's end to %v, want %v", login.Session.EndsAt, ends)
	}
	if login.RefreshExpiresAt.After(ends) {
		t.Errorf("the refresh token outlives the session by %v", login.RefreshExpiresAt.Sub(ends))
	}
	if by := now.Add(time.Duration(login.ExpiresIn) * time.Second).Sub(ends); by > 0 {
		t.Errorf("the access token outlives the session by %v", by)
	}
	claims := claimsOf(t, login.AccessToken)
	exp := time.Unix(claims.Expires, 0)
	if exp.After(ends) || exp.Sub(now) >= env.AccessTTL+time.Second {
		t.Errorf("the access token says it ends at %v, the session at %v", exp, ends)
	}
	if says := time.Duration(login.ExpiresIn) * time.Second; exp.Sub(now) < says {
		t.Errorf("the access token lives for %v, and is said to live for %v", exp.Sub(now), says)
	}
}

// A login never continues an earlier session (session fixation).
func TestEveryLoginIsANewSession(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		env.Account("bea@example.org")
		address := "bea@example.org"
		for what, planted := range map[string]string{"a made-up cookie": "junk", "another's cookie": *ann.RefreshToken} {
			c := authtest.Anyone()
			c.Browser.Session = planted
			bea, err := env.Login(t.Context(), c, auth.LoginInput{
				Email: &address, Password: authtest.Password, Session: &auth.SessionInput{Delivery: auth.InCookie},
			})
			if err != nil {
				t.Fatalf("Login() with %s = %v", what, err)
			}
			set := sessionCookie(t, c)
			if set.Value == planted || bea.Session.ID == ann.Session.ID || bea.RefreshToken != nil {
				t.Errorf("Login() with %s goes on with it", what)
			}
			bea.RefreshToken = &set.Value
			if next := alive(t, env, "the login with "+what, bea.Login); next.User.ID != bea.User.ID {
				t.Errorf("the login with %s is another's", what)
			}
		}
		if next := alive(t, env, "the session whose cookie was planted", ann); next.User.ID != ann.User.ID {
			t.Error("the planted session is another's")
		}
	})
}

// wireClaims is the part of an access token that tests read.
type wireClaims struct {
	Subject  uuid.UUID `json:"sub"`
	Session  uuid.UUID `json:"sid"`
	Scope    string    `json:"scope"`
	Expires  int64     `json:"exp"`
	AuthTime int64     `json:"auth_time"`
	Methods  []string  `json:"amr"`
	Level    string    `json:"acr"`
}

// claimsOf reads an access token as a client could, without its key.
func claimsOf(t testing.TB, token string) wireClaims {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("an access token has %d parts", len(parts))
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatalf("decode claims: %v", err)
	}
	var claims wireClaims
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatalf("read claims: %v", err)
	}
	return claims
}

func idsOf(sessions []auth.Session) []uuid.UUID {
	ids := make([]uuid.UUID, len(sessions))
	for i, s := range sessions {
		ids[i] = s.ID
	}
	return ids
}
