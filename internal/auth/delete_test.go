package auth_test

import (
	"context"
	"slices"
	"testing"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func TestDeleteAccount(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, other := env.Account("ann@example.org"), env.LogIn("ann@example.org")
		update(t, env, ann, auth.UpdateAccountInput{Username: ptr("ann")})
		api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: []string{auth.ScopeAccountRead}})
		resetToken, change := requestReset(t, env, "ann@example.org"), changeAddress(t, env, ann, "ann@example.net")
		bystander := env.Account("bea@example.org")
		before := env.Trail(ann.User.ID)

		c := env.As(ann.AccessToken)
		c.Browser.Session = *ann.RefreshToken
		letters := env.Caused(func() {
			u, err := env.DeleteAccount(t.Context(), c)
			if err != nil || u.ID != ann.User.ID || *u.Email != "ann@example.org" || *u.PendingEmail != "ann@example.net" {
				t.Errorf("DeleteAccount() = %v, %v, want the account as it was", u, err)
			}
		})
		notices(t, "DeleteAccount()", letters, "account_deleted to ann@example.org")
		if set := sessionCookie(t, c); set.Value != "" {
			t.Error("the cookie stays")
		}

		dead(t, env, "the session that asked", ann)
		dead(t, env, "another session", other)
		if c := env.As(api.Secret); c.Refused != auth.ReasonInvalid {
			t.Errorf("the API token is %q, want INVALID", c.Refused)
		}
		_, err := reset(env, resetToken, newPassword)
		authtest.Refused(t, "ResetPassword()", err, auth.InvalidToken, "token")
		_, err = confirm(env, change, authtest.Password)
		authtest.Refused(t, "Confirm()", err, auth.InvalidToken, "token")
		_, err = logIn(env, "ann@example.org", authtest.Password)
		authtest.Refused(t, "Login() by address", err, auth.InvalidCredentials)
		_, err = env.Login(t.Context(), authtest.Anyone(), auth.LoginInput{Username: ptr("ann"), Password: authtest.Password})
		authtest.Refused(t, "Login() by username", err, auth.InvalidCredentials)
		_, err = env.DeleteAccount(t.Context(), c)
		authtest.Refused(t, "DeleteAccount() again", err, auth.Unauthenticated)

		// The audit log stays. Nothing else does.
		if trail := env.Trail(ann.User.ID); !slices.Equal(trail, append(before, "account_delete ok session")) {
			t.Errorf("recorded %q, want all from before and the end", trail)
		}
		if n := env.Store.UserToken.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d tokens are left, want the bystander's session", n)
		}
		alive(t, env, "a bystander", bystander)
		again := env.Account("ann@example.org")
		if again.User.ID == ann.User.ID || again.User.Username != nil {
			t.Errorf("signing up anew revives %v", again.User)
		}
		dead(t, env, "a session from before", ann)
	})
}

func TestDeleteAccountAtOnce(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		c := env.As(ann.AccessToken)
		letters := env.Caused(func() {
			_, errs := authtest.AtOnce(10, func(int) (*ent.User, error) { return env.DeleteAccount(context.Background(), c) })
			winners := 0
			for _, err := range errs {
				if err == nil {
					winners++
					continue
				}
				authtest.Refused(t, "a loser's DeleteAccount()", err, auth.Unauthenticated)
			}
			if winners != 1 {
				t.Errorf("%d deleted it, want 1", winners)
			}
		})
		notices(t, "DeleteAccount() at once", letters, "account_deleted to ann@example.org")
	})
}

func TestDeleteAccountWithoutAddress(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: ptr("ann"), Password: authtest.Password})
		if err != nil {
			t.Fatal(err)
		}
		letters := env.Caused(func() {
			if _, err := env.DeleteAccount(t.Context(), env.As(ann.AccessToken)); err != nil {
				t.Errorf("DeleteAccount() = %v", err)
			}
		})
		notices(t, "DeleteAccount()", letters)
		dead(t, env, "the session", ann.Login)
	})
}
