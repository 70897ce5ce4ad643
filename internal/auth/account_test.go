package auth_test

import (
	"context"
	"testing"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

// updateAs is UpdateAccount as a login's session, with the present password
// unless another is given.
func updateAs(env *authtest.Env, login *auth.Login, in auth.UpdateAccountInput) (*ent.User, error) {
	if in.CurrentPassword == "" {
		in.CurrentPassword = authtest.Password
	}
	return env.UpdateAccount(context.Background(), env.As(login.AccessToken), in)
}

// update is updateAs that must work.
func update(t testing.TB, env *authtest.Env, login *auth.Login, in auth.UpdateAccountInput) *ent.User {
	t.Helper()
	u, err := updateAs(env, login, in)
	if err != nil {
		t.Fatalf("UpdateAccount() = %v", err)
	}
	return u
}

// changeAddress asks for a change of address and returns the mailed token.
func changeAddress(t testing.TB, env *authtest.Env, login *auth.Login, to string) string {
	t.Helper()
	update(t, env, login, auth.UpdateAccountInput{Email: &to})
	return env.Token(mail.ChangeEmail, to)
}
