package auth_test

import (
	"errors"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func TestLogin(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		login := env.LogIn("ann@example.org")
		if c := env.As(login.AccessToken); c.User == nil || c.User.ID != login.User.ID || c.SessionID != login.Session.ID {
			t.Errorf("the access token names %v, want the user and session of the login", c)
		}
		address := "ann@example.org"
		for name, in := range map[string]auth.LoginInput{
			"a wrong password": {Email: &address, Password: "another horse"},
			"an unknown user":  {Username: &[]string{"nobody"}[0], Password: authtest.Password},
		} {
			if _, err := env.Login(t.Context(), authtest.Anyone(), in); !errors.Is(err, &auth.Error{Code: auth.InvalidCredentials}) {
				t.Errorf("Login() with %s = %v, want INVALID_CREDENTIALS", name, err)
			}
		}
	})
}
