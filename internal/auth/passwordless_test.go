package auth_test

import (
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store"
)

// withoutPassword takes an account's password away.
func withoutPassword(t testing.TB, env *authtest.Env, login *auth.Login) {
	t.Helper()
	err := env.Store.InTx(t.Context(), func(tx *store.Tx) error {
		tx.Changed(login.User.ID)
		return tx.User.UpdateOneID(login.User.ID).ClearPasswordHash().Exec(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// An account may have no password. Then no password opens it, and in everything
// else it is an account like any other.
func TestAnAccountWithoutAPassword(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		change := changeAddress(t, env, ann, "ann@example.net")
		withoutPassword(t, env, ann)

		for _, given := range []string{authtest.Password, "wrong"} {
			_, err := logIn(env, "ann@example.org", given)
			authtest.Refused(t, "Login()", err, auth.InvalidCredentials)
			_, err = reauthenticate(env, ann, given)
			authtest.Refused(t, "Reauthenticate()", err, auth.InvalidCredentials, "password")
			_, err = updateAs(env, ann, auth.UpdateAccountInput{CurrentPassword: ptr(given), NewPassword: ptr(newPassword)})
			authtest.Refused(t, "UpdateAccount()", err, auth.InvalidCredentials, "currentPassword")
			_, err = confirm(env, change, given)
			authtest.Refused(t, "Confirm() of a change of address", err, auth.InvalidCredentials, "password")
		}
		ann = alive(t, env, "a session", ann)
		sessionsOf(t, env, ann)
		api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
		if c := env.As(api.Secret); c.Anonymous() {
			t.Errorf("an API token is refused: %s", c.Refused)
		}

		if _, err := reset(env, requestReset(t, env, "ann@example.org"), newPassword); err != nil {
			t.Errorf("ResetPassword() = %v, want that a password comes by a letter", err)
		}
		dead(t, env, "the session from before the reset", ann)
		if _, err := logIn(env, "ann@example.org", newPassword); err != nil {
			t.Errorf("with the new password: Login() = %v", err)
		}
	})
}

// A known browser stays known while the credentials stay, with or without a
// password. A reset makes it unknown.
func TestADeviceOfAnAccountWithoutAPassword(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		known := device(t, env, "ann@example.org")
		withoutPassword(t, env, ann)
		exhaust(t, env, "ann@example.org")
		if _, err := env.Login(t.Context(), returning(known), auth.LoginInput{Email: ptr("ann@example.org"), Password: "x"}); !is(err, auth.InvalidCredentials) {
			t.Errorf("from a known device: Login() = %v, want attempts of its own", err)
		}
		if _, err := reset(env, requestReset(t, env, "ann@example.org"), newPassword); err != nil {
			t.Fatal(err)
		}
		if _, err := env.Login(t.Context(), returning(known), auth.LoginInput{Email: ptr("ann@example.org"), Password: newPassword}); !is(err, auth.RateLimited) {
			t.Errorf("from a device known before the reset: Login() = %v, want a stranger's attempts, which are used up", err)
		}
	}, tenLogins)
}
