package auth_test

import (
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func TestReauthenticate(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, other := env.Account("ann@example.org"), env.LogIn("ann@example.org")
		api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: env.APITokenScopes()})
		recent := func(token string) bool { return env.Recent(env.As(token)) }

		if !recent(ann.AccessToken) {
			t.Error("a login is no proof of presence")
		}
		env.Clock.Turn(env.RecentTTL - time.Minute)
		ann, other = refreshed(t, env, ann), refreshed(t, env, other)
		env.Clock.Turn(time.Minute)
		if !recent(ann.AccessToken) {
			t.Error("the proof ends too soon")
		}
		env.Clock.Turn(time.Microsecond)
		if recent(ann.AccessToken) || recent(api.Secret) || env.Recent(authtest.Anyone()) {
			t.Error("an old login, an API token or nobody passes for a proof of presence")
		}

		letters := env.Caused(func() {
			recorded := env.Recorded(ann.User.ID, func() {
				s, err := reauthenticate(env, ann, authtest.Password)
				if err != nil || s.ID != ann.Session.ID || !s.Current || !s.AuthenticatedAt.Equal(env.Clock.Now()) {
					t.Errorf("Reauthenticate() = %v, %v, want this session, proved now", s, err)
				}
			})
			if want := []string{"reauthenticate ok session"}; !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
		})
		notices(t, "Reauthenticate()", letters)
		if !recent(ann.AccessToken) {
			t.Error("the session is not proved anew")
		}
		if recent(other.AccessToken) {
			t.Error("another session is")
		}
		next := alive(t, env, "the session", ann)
		if claims := claimsOf(t, next.AccessToken); claims.AuthTime != env.Clock.Now().Unix() {
			t.Errorf("auth_time = %d, want now", claims.AuthTime)
		}
	})
}

func TestReauthenticateRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		env.Clock.Turn(env.RecentTTL + time.Second)
		ann = refreshed(t, env, ann)
		recorded := env.Recorded(ann.User.ID, func() {
			_, err := reauthenticate(env, ann, "")
			authtest.Refused(t, "Reauthenticate() without a password", err, auth.Required, "password")
			for _, wrong := range []string{"wrong", authtest.Password + " "} {
				_, err = reauthenticate(env, ann, wrong)
				authtest.Refused(t, "Reauthenticate() with a wrong password", err, auth.InvalidCredentials, "password")
			}
		})
		if want := slices.Repeat([]string{"reauthenticate INVALID_CREDENTIALS session"}, 2); !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		if env.Recent(env.As(ann.AccessToken)) {
			t.Error("a wrong password proves presence")
		}
	})
}

// A thief with an access token must not be able to guess the password. Wrong
// ones count by session, in every operation, so that the owner's other sessions
// still work.
func TestPresentPasswordIsLimitedBySession(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		stolen, other := env.Account("ann@example.org"), env.LogIn("ann@example.org")
		for range 5 { // the right one costs nothing
			if _, err := reauthenticate(env, stolen, authtest.Password); err != nil {
				t.Fatalf("Reauthenticate() = %v", err)
			}
		}
		for i := range 3 {
			var err error
			field := "password"
			if i%2 == 0 {
				_, err = reauthenticate(env, stolen, "wrong")
			} else {
				_, err = updateAs(env, stolen, auth.UpdateAccountInput{CurrentPassword: ptr("wrong")})
				field = "currentPassword"
			}
			authtest.Refused(t, "a wrong password", err, auth.InvalidCredentials, field)
		}
		stolen = refreshed(t, env, stolen) // the same session
		_, err := reauthenticate(env, stolen, authtest.Password)
		authtest.Refused(t, "Reauthenticate() beyond the limit", err, auth.RateLimited)
		_, err = updateAs(env, stolen, auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
		authtest.Refused(t, "UpdateAccount() beyond the limit", err, auth.RateLimited)
		limited := func(event string) bool { return event != "reauthenticate RATE_LIMITED session" }
		if got := slices.DeleteFunc(env.Trail(stolen.User.ID), limited); len(got) != 1 {
			t.Errorf("recorded %q, want once that the attempts are used up", got)
		}
		if _, err := reauthenticate(env, other, authtest.Password); err != nil {
			t.Errorf("another session: Reauthenticate() = %v", err)
		}
		if _, err := logIn(env, "ann@example.org", authtest.Password); err != nil {
			t.Errorf("Login() = %v", err)
		}
		env.Clock.Turn(15 * time.Minute)
		stolen = refreshed(t, env, stolen)
		if _, err := reauthenticate(env, stolen, authtest.Password); err != nil {
			t.Errorf("once attempts are forgotten: Reauthenticate() = %v", err)
		}
	}, func(s *auth.Settings) { s.Limits.Login.Count = 3 })
}
