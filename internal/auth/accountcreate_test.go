package auth_test

import (
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

func TestCreateAccount(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		create := func(in auth.CreateAccountInput) error {
			u, err := env.CreateAccount(t.Context(), authtest.Operator(), in)
			if err == nil && !slices.Equal(env.Trail(u.ID), []string{"account_create ok operator"}) {
				t.Errorf("recorded %q", env.Trail(u.ID))
			}
			return err
		}
		waiting := signedUp(t, env, "ann@example.org", authtest.Password)
		letters := env.Caused(func() {
			if err := create(auth.CreateAccountInput{Email: ptr(" Ann@example.org ")}); err != nil {
				t.Fatalf("CreateAccount() = %v", err)
			}
		})
		notices(t, "CreateAccount() by address", letters, "account_created to ann@example.org")
		if good := letters[0].Content.ExpiresAt.Sub(letters[0].Content.At); good != 24*time.Hour {
			t.Errorf("the letter's token is good for %v, want as long as one that confirms", good)
		}
		_, err := confirm(env, waiting, authtest.Password)
		authtest.Refused(t, "Confirm() of a sign-up from before", err, auth.InvalidToken, "token")
		for _, guess := range []string{authtest.Password, ""} {
			if _, err := logIn(env, "ann@example.org", guess); err == nil {
				t.Errorf("an account without a password is opened by %q", guess)
			}
		}
		env.Clock.Turn(24*time.Hour - time.Second)
		outcome, err := reset(env, letters[0].Token, newPassword)
		if err != nil || *outcome.User.Email != "Ann@example.org" || outcome.User.ConfirmedAt == nil {
			t.Fatalf("ResetPassword() = %v, %v, want the new account", outcome, err)
		}
		if _, err := logIn(env, "ann@example.org", newPassword); err != nil {
			t.Errorf("Login() with the password that its owner chose = %v", err)
		}

		notices(t, "CreateAccount() with a password", env.Caused(func() {
			if err := create(auth.CreateAccountInput{Email: ptr("bea@example.org"), Password: ptr(authtest.Password)}); err != nil {
				t.Errorf("CreateAccount() with a password = %v", err)
			}
			if err := create(auth.CreateAccountInput{Username: ptr("Carl"), Password: ptr(authtest.Password)}); err != nil {
				t.Errorf("CreateAccount() by username = %v", err)
			}
		}))
		env.LogIn("bea@example.org")
		if _, err := env.Login(t.Context(), authtest.Anyone(), auth.LoginInput{Username: ptr("carl"), Password: authtest.Password}); err != nil {
			t.Errorf("Login() by username = %v", err)
		}

		refused := env.Caused(func() {
			authtest.Refused(t, "a taken address", create(auth.CreateAccountInput{Email: ptr("BEA@example.org")}), auth.Taken, "email")
			authtest.Refused(t, "a taken username", create(auth.CreateAccountInput{Username: ptr("CARL"), Password: ptr(authtest.Password)}), auth.Taken, "username")
			authtest.Refused(t, "a username alone", create(auth.CreateAccountInput{Username: ptr("dora")}), auth.Required, "password")
			authtest.Refused(t, "a short password", create(auth.CreateAccountInput{Email: ptr("dora@example.org"), Password: ptr("short")}), auth.PasswordTooShort, "password")
			authtest.Refused(t, "no address", create(auth.CreateAccountInput{Email: ptr("dora")}), auth.Invalid, "email")
		})
		notices(t, "refusals", refused)
	}, func(s *auth.Settings) { s.SignUps = true })
}

// If the account was deleted before its e-mail was sent, the e-mail has no use.
func TestCreateAccountThatIsDeleted(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		u, err := env.CreateAccount(t.Context(), authtest.Operator(), auth.CreateAccountInput{Email: ptr("ann@example.org")})
		if err != nil {
			t.Fatal(err)
		}
		token := env.Token(mail.AccountCreated, "ann@example.org")
		if err := env.RemoveAccount(t.Context(), authtest.Operator(), u.ID); err != nil {
			t.Fatal(err)
		}
		_, err = reset(env, token, newPassword)
		authtest.Refused(t, "the token of an account that is gone", err, auth.InvalidToken, "token")
	})
}

func TestCreateAccountWhereSignUpIsClosed(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		_, err := env.CreateAccount(t.Context(), authtest.Operator(), auth.CreateAccountInput{Username: ptr("ann"), Password: ptr(authtest.Password)})
		authtest.Refused(t, "a username where there are none", err, auth.NotOffered, "username")
		if _, err := env.CreateAccount(t.Context(), authtest.Operator(), auth.CreateAccountInput{Email: ptr("ann@example.org")}); err != nil {
			t.Errorf("CreateAccount() = %v", err)
		}
	}, func(s *auth.Settings) { s.SignUps, s.Usernames = false, false })
}

// Of two requests for the same account at once, one makes it.
func TestCreateAccountAtOnce(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		letters := env.Caused(func() {
			_, errs := authtest.AtOnce(5, func(int) (any, error) {
				return env.CreateAccount(t.Context(), authtest.Operator(), auth.CreateAccountInput{Email: ptr("ann@example.org")})
			})
			made := 0
			for _, err := range errs {
				if err == nil {
					made++
					continue
				}
				authtest.Refused(t, "CreateAccount()", err, auth.Taken, "email")
			}
			if made != 1 {
				t.Errorf("%d accounts were made, want 1", made)
			}
		})
		notices(t, "CreateAccount() at once", letters, "account_created to ann@example.org")
	})
}
