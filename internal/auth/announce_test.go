package auth_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// Every change of what a credential may do is announced before the call
// returns, so that no process trusts old entries in memory. Other changes are
// not announced, so that the entries stay useful.
func TestChangesAreAnnounced(t *testing.T) {
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		const address = "ann@example.org"
		env = plain(env) // it did not ask to be told itself
		var announced []uuid.UUID
		env.Store.OnChange(func(users ...uuid.UUID) { announced = append(announced, users...) })
		ctx := t.Context()
		first := env.Account(address)
		user := first.User.ID
		log := func() *auth.Login { return env.LogIn(address) }
		var api *auth.IssuedAPIToken

		for _, step := range []struct {
			what   string
			loudly bool
			do     func(login *auth.Login)
		}{
			{"a login", false, func(*auth.Login) { log() }},
			{"a refresh", false, func(l *auth.Login) { refreshed(t, env, refreshed(t, env, l)) }},
			{"a wrong password", false, func(*auth.Login) { _, _ = logIn(env, address, "wrong") }},
			{"asking for a reset", false, func(*auth.Login) { requestReset(t, env, address) }},
			{"issuing an API token", false, func(l *auth.Login) { api = issue(t, env, l, auth.IssueAPITokenInput{Name: "a", Scopes: readAccount}) }},
			{"the last use", false, func(l *auth.Login) {
				env.Clock.Turn(5 * time.Minute)
				env.As(l.AccessToken)
				env.Flush()
			}},
			{"nothing to log out from", false, func(*auth.Login) { logout(t, env, "nothing", authtest.Anyone(), auth.LogoutInput{}) }},
			{"revoking an API token", true, func(l *auth.Login) {
				_, err := env.RevokeAPIToken(ctx, env.As(l.AccessToken), auth.RevokeAPITokenInput{ID: api.Token.ID.String()})
				must(t, err)
			}},
			{"a logout", true, func(l *auth.Login) { logout(t, env, "one", env.As(l.AccessToken), auth.LogoutInput{}, l) }},
			{"revoking a session", true, func(l *auth.Login) {
				_, err := env.RevokeSession(ctx, env.As(l.AccessToken), auth.RevokeSessionInput{ID: first.Session.ID.String()})
				must(t, err)
			}},
			{"reuse", true, func(l *auth.Login) {
				refreshed(t, env, l)
				env.Clock.Turn(time.Minute)
				_, err := refresh(env, *l.RefreshToken)
				authtest.Refused(t, "Refresh()", err, auth.InvalidToken, "refreshToken")
			}},
			{"a proof of presence", true, func(l *auth.Login) {
				_, err := reauthenticate(env, l, authtest.Password)
				must(t, err)
			}},
			{"another username", true, func(l *auth.Login) { update(t, env, l, auth.UpdateAccountInput{Username: ptr("ann")}) }},
			{"a pending address", true, func(l *auth.Login) { changeAddress(t, env, l, "ann@example.net") }},
			{"calling it off", true, func(l *auth.Login) { update(t, env, l, auth.UpdateAccountInput{Email: ptr(address)}) }},
			{"another password", true, func(l *auth.Login) {
				update(t, env, l, auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
				update(t, env, l, auth.UpdateAccountInput{CurrentPassword: ptr(newPassword), NewPassword: ptr(authtest.Password)})
			}},
			{"a reset", true, func(*auth.Login) {
				_, err := reset(env, requestReset(t, env, address), authtest.Password)
				must(t, err)
			}},
			{"a confirmed address", true, func(l *auth.Login) {
				for _, to := range []string{"ann@example.com", address} {
					// It has one session, so that the end of other sessions is
					// not announced.
					_, err := env.Logout(ctx, env.As(l.AccessToken), auth.LogoutInput{Scope: auth.LogoutOthers})
					must(t, err)
					token := changeAddress(t, env, l, to)
					announced = nil
					_, err = confirm(env, token, authtest.Password)
					must(t, err)
				}
			}},
			{"disabling", true, func(*auth.Login) { must(t, env.DisableAccount(ctx, authtest.Operator(), user)) }},
			{"enabling", true, func(*auth.Login) { must(t, env.EnableAccount(ctx, authtest.Operator(), user)) }},
			{"the operator's end of sessions", true, func(*auth.Login) {
				_, err := env.EndSessions(ctx, authtest.Operator(), user)
				must(t, err)
			}},
			{"the hundred and first session", true, func(*auth.Login) {
				for range 100 {
					log()
				}
			}},
			{"deleting", true, func(l *auth.Login) {
				_, err := env.DeleteAccount(ctx, env.As(l.AccessToken))
				must(t, err)
			}},
		} {
			var login *auth.Login
			if step.what != "enabling" { // a disabled account cannot log in
				login = log()
			}
			announced = nil
			step.do(login)
			if loudly := slices.Contains(announced, user); loudly != step.loudly {
				t.Errorf("%s is announced: %t, want %t", step.what, loudly, step.loudly)
			}
		}
	})
}
