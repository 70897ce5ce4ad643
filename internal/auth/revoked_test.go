package auth_test

import (
	"fmt"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// A call that ends sessions has ended them when it returns. There are five
// sessions; of those that should end, neither the access token nor the refresh
// token is accepted again.
func TestRevokedWhenTheCallReturns(t *testing.T) {
	const address = "ann@example.org"
	for _, action := range []struct {
		name string
		// do runs in the first of five sessions and returns which of them
		// continue.
		do func(t *testing.T, env *authtest.Env, acting *auth.Login) (goesOn bool)
		// api says whether API tokens still work.
		api bool
	}{
		{"a change of password", func(t *testing.T, env *authtest.Env, acting *auth.Login) bool {
			update(t, env, acting, auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
			return true
		}, true},
		{"a reset", func(t *testing.T, env *authtest.Env, _ *auth.Login) bool {
			if _, err := reset(env, requestReset(t, env, address), newPassword); err != nil {
				t.Fatal(err)
			}
			return false
		}, false},
		{"a confirmed change of address", func(t *testing.T, env *authtest.Env, acting *auth.Login) bool {
			if _, err := confirm(env, changeAddress(t, env, acting, "ann@example.net"), authtest.Password); err != nil {
				t.Fatal(err)
			}
			return true
		}, true},
		{"disabling", func(t *testing.T, env *authtest.Env, acting *auth.Login) bool {
			if err := env.DisableAccount(t.Context(), authtest.Operator(), acting.User.ID); err != nil {
				t.Fatal(err)
			}
			return false
		}, false},
		{"deleting", func(t *testing.T, env *authtest.Env, acting *auth.Login) bool {
			if _, err := env.DeleteAccount(t.Context(), env.As(acting.AccessToken)); err != nil {
				t.Fatal(err)
			}
			return false
		}, false},
		{"deleting by the operator", func(t *testing.T, env *authtest.Env, acting *auth.Login) bool {
			if err := env.RemoveAccount(t.Context(), authtest.Operator(), acting.User.ID); err != nil {
				t.Fatal(err)
			}
			return false
		}, false},
		{"logout of the others", func(t *testing.T, env *authtest.Env, acting *auth.Login) bool {
			if _, err := env.Logout(t.Context(), env.As(acting.AccessToken), auth.LogoutInput{Scope: auth.LogoutOthers}); err != nil {
				t.Fatal(err)
			}
			return true
		}, true},
		{"logout of all", func(t *testing.T, env *authtest.Env, acting *auth.Login) bool {
			if _, err := env.Logout(t.Context(), env.As(acting.AccessToken), auth.LogoutInput{Scope: auth.LogoutAll}); err != nil {
				t.Fatal(err)
			}
			return false
		}, true},
		{"the operator's end", func(t *testing.T, env *authtest.Env, acting *auth.Login) bool {
			if _, err := env.EndSessions(t.Context(), authtest.Operator(), acting.User.ID); err != nil {
				t.Fatal(err)
			}
			return false
		}, true},
	} {
		t.Run(action.name, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				sessions := []*auth.Login{env.Account(address)}
				api := issue(t, env, sessions[0], auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
				exchanged, err := env.Exchange(t.Context(), env.As(api.Secret), api.Secret)
				if err != nil {
					t.Fatal(err)
				}
				for range 4 {
					sessions = append(sessions, env.LogIn(address))
				}
				bystander := env.Account("bea@example.org")
				for _, login := range sessions { // so that they are kept in memory
					env.As(login.AccessToken)
				}

				acting := sessions[0]
				goesOn := action.do(t, env, acting)
				for _, login := range sessions[1:] {
					dead(t, env, "another session", login)
				}
				if goesOn {
					alive(t, env, "the acting session", acting)
				} else {
					dead(t, env, "the acting session", acting)
				}
				for what, token := range map[string]string{"the API token": api.Secret, "the access token made of it": exchanged.Token} {
					if accepted := !env.As(token).Anonymous(); accepted != action.api {
						t.Errorf("%s is accepted: %t, want %t", what, accepted, action.api)
					}
				}
				alive(t, env, "a bystander", bystander)
			})
		})
	}
}

// A login has verified the old password while the password is being reset. It
// must not succeed: it may be the intruder because of whom the owner resets the
// password.
func TestLoginBesideReset(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		old := authtest.Password
		for round := range 10 {
			token, chosen := requestReset(t, env, "ann@example.org"), fmt.Sprintf("the password of %d", round)
			logins, errs := authtest.AtOnce(20, func(i int) (*auth.Outcome, error) {
				if i == 10 {
					return reset(env, token, chosen)
				}
				return logIn(env, "ann@example.org", old)
			})
			if errs[10] != nil {
				t.Fatalf("ResetPassword() = %v", errs[10])
			}
			for i, err := range errs {
				if err != nil {
					authtest.Refused(t, "Login()", err, auth.InvalidCredentials)
				} else if i != 10 {
					dead(t, env, "a login beside the reset", logins[i].Login)
				}
			}
			if n := len(sessionsOf(t, env, logins[10].Login)); n != 1 {
				t.Fatalf("round %d: there are %d sessions, want the reset's", round, n)
			}
			old = chosen
		}
	})
}
