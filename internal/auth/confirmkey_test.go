package auth_test

import (
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

// begun is a sign-up whose e-mail has arrived.
type begun struct {
	token, key string
	browser    *auth.Browser
}

// begin signs an address up, in the body or with a cookie.
func begin(t testing.TB, env *authtest.Env, address, password string, delivery auth.Delivery) begun {
	t.Helper()
	c := authtest.Anyone()
	outcome, err := env.SignUp(t.Context(), c, auth.SignUpInput{Email: &address, Password: password, Session: &auth.SessionInput{Delivery: delivery}})
	if err != nil {
		t.Fatalf("SignUp(%s) = %v", address, err)
	}
	b := begun{token: env.Token(mail.Confirm, address), browser: &auth.Browser{}}
	if outcome.ConfirmKey != nil {
		b.key = *outcome.ConfirmKey
	}
	for _, cookie := range c.Browser.Changes() {
		if cookie.Name == auth.ConfirmCookie {
			b.browser.Confirm = cookie.Value
			if want := env.Clock.Now().Add(env.ConfirmTTL); !cookie.Expires.Equal(want) {
				t.Errorf("the cookie ends at %v, want %v, as the letter does", cookie.Expires, want)
			}
		}
	}
	if (b.key != "") == (b.browser.Confirm != "") {
		t.Errorf("SignUp(%s) = key %q, cookie %q, want one of them", address, b.key, b.browser.Confirm)
	}
	return b
}

// The browser that signed up confirms without typing anything.
func TestConfirmInTheBrowserThatSignedUp(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := begin(t, env, "ann@example.org", authtest.Password, auth.InBody)
		login, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: ann.token, ConfirmKey: &ann.key, Email: new(" Ann@Example.org ")})
		if err != nil {
			t.Fatalf("Confirm() by key = %v", err)
		}
		alive(t, env, "by key", login.Login)
		env.LogIn("ann@example.org") // with the password of the sign-up
		_, err = env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: ann.token, ConfirmKey: &ann.key})
		authtest.Refused(t, "Confirm() again", err, auth.InvalidToken, "token")

		bob := begin(t, env, "bob@example.org", authtest.Password, auth.InCookie)
		c := authtest.Anyone()
		c.Browser = bob.browser
		login, err = env.Confirm(t.Context(), c, auth.ConfirmInput{Token: bob.token})
		if err != nil {
			t.Fatalf("Confirm() by cookie = %v", err)
		}
		alive(t, env, "by cookie", login.Login)
		cleared := false
		for _, cookie := range c.Browser.Changes() {
			cleared = cleared || cookie.Name == auth.ConfirmCookie && cookie.Value == ""
		}
		if !cleared {
			t.Error("the cookie of the sign-up stays after its success")
		}
	})
}

// In another browser a new password confirms, and the password of the sign-up
// is forgotten.
func TestConfirmWithANewPassword(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		eve := begin(t, env, "ann@example.org", "the password eve chose", auth.InBody) // with the victim's address
		login, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: eve.token, NewPassword: new(newPassword), Email: new("ann@example.org")})
		if err != nil {
			t.Fatalf("Confirm() = %v", err)
		}
		alive(t, env, "the owner of the mailbox", login.Login)
		if _, err := logIn(env, "ann@example.org", newPassword); err != nil {
			t.Errorf("with the new password: Login() = %v", err)
		}
		_, err = logIn(env, "ann@example.org", "the password eve chose")
		authtest.Refused(t, "with the sign-up's password: Login()", err, auth.InvalidCredentials)
	})
}

// A key confirms only its own sign-up, and opens nothing by itself.
func TestKeysOfOtherSignUps(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("taken@example.org")
		owner := env.Account("bea@example.org")
		withApp(t, env, "cea@example.org") // whom the sinks log in to as well
		first := begin(t, env, "ann@example.org", authtest.Password, auth.InBody)
		env.Clock.Turn(time.Second)
		second := begin(t, env, "ann@example.org", "another sign-up's", auth.InBody)
		taken, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Email: new("taken@example.org"), Password: newPassword})
		if err != nil {
			t.Fatal(err)
		}
		for what, key := range map[string]string{"another sign-up's": second.key, "a taken address's": *taken.ConfirmKey, "the token itself": first.token} {
			_, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: first.token, ConfirmKey: &key})
			authtest.Refused(t, "Confirm() with the key "+what, err, auth.InvalidCredentials, "confirmKey")
			c := authtest.Anyone()
			c.Browser.Confirm = key
			_, err = env.Confirm(t.Context(), c, auth.ConfirmInput{Token: first.token})
			authtest.Refused(t, "Confirm() with the cookie "+what, err, auth.Required, "password")
		}
		for _, where := range []string{first.key, *taken.ConfirmKey} {
			for sink, takes := range sinks {
				if takes(t, env, where, owner) {
					t.Errorf("%s takes the key of a sign-up", sink)
				}
			}
		}
		if _, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: first.token, ConfirmKey: &first.key}); err != nil {
			t.Errorf("with its own key: Confirm() = %v", err)
		}
	}, trust30Days, func(s *auth.Settings) { s.SignInNotice = true })
}

// Wrong keys are limited as wrong passwords are.
func TestKeysAreCounted(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := begin(t, env, "ann@example.org", authtest.Password, auth.InBody)
		for range 10 {
			_, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: ann.token, ConfirmKey: &ann.token})
			authtest.Refused(t, "Confirm()", err, auth.InvalidCredentials, "confirmKey")
		}
		_, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: ann.token, ConfirmKey: &ann.key})
		authtest.Refused(t, "the eleventh: Confirm()", err, auth.RateLimited)
	}, tenLogins)
}

// The link names the address that it was sent to. A stranger signs up with his
// own address and sends that link to a victim: the page must not get the victim
// to choose a password for the stranger's account.
func TestConfirmOfAnotherAddress(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		eve := begin(t, env, "eve@example.org", "the password eve chose", auth.InBody)
		for _, address := range []string{"ann@example.org", "eve@example.net", "", "junk"} {
			_, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: eve.token, NewPassword: new(newPassword), Email: &address})
			authtest.Refused(t, "Confirm() for "+address, err, auth.InvalidToken, "token")
		}
		if _, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: eve.token, NewPassword: new(newPassword), Email: new("EVE@example.ORG")}); err != nil {
			t.Errorf("for the address, typed otherwise: Confirm() = %v", err)
		}
	})
}
