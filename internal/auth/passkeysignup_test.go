package auth_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

func beginSignUp(t testing.TB, env *authtest.Env, in auth.StartPasskeySignUpInput) json.RawMessage {
	t.Helper()
	options, err := env.StartPasskeySignUp(t.Context(), authtest.Anyone(), in)
	if err != nil {
		t.Fatalf("StartPasskeySignUp() = %v", err)
	}
	return options
}

func signUpBy(env *authtest.Env, c auth.Caller, answer json.RawMessage) (*auth.Outcome, error) {
	return env.SignUpWithPasskey(context.Background(), c, auth.SignUpWithPasskeyInput{Passkey: answer, Name: ptr("laptop")})
}

// pendingKey signs an address up with a passkey, and returns that, the token from the
// e-mail and the key of the browser.
func pendingKey(t testing.TB, env *authtest.Env, address string) (key *authtest.Passkey, token, browser string) {
	t.Helper()
	key = authtest.NewPasskey()
	outcome, err := signUpBy(env, authtest.Anyone(), key.Create(beginSignUp(t, env, auth.StartPasskeySignUpInput{Email: &address})))
	if err != nil || outcome.Login != nil || outcome.ConfirmKey == nil {
		t.Fatalf("SignUpWithPasskey(%s) = %v, %v", address, outcome, err)
	}
	return key, env.Token(mail.Confirm, address), *outcome.ConfirmKey
}

func confirmBy(env *authtest.Env, in auth.ConfirmInput) (*auth.Outcome, error) {
	return env.Confirm(context.Background(), authtest.Anyone(), in)
}

func TestSignUpWithPasskeyByUsername(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		key := authtest.NewPasskey()
		answer := key.Create(beginSignUp(t, env, auth.StartPasskeySignUpInput{Username: ptr("Annie")}))
		outcome, err := signUpBy(env, authtest.Anyone(), answer)
		if err != nil || outcome.Login == nil || !outcome.Session.SecondFactor || *outcome.User.Username != "Annie" || outcome.User.PasswordHash != nil {
			t.Fatalf("SignUpWithPasskey() = %v, %v", outcome, err)
		}
		if string(key.Handle) != string(outcome.User.ID[:]) {
			t.Error("the user handle is not the account's id")
		}
		if got := touched(t, env, key); got.User.ID != outcome.User.ID {
			t.Error("the passkey opens another account")
		}
		_, err = signUpBy(env, authtest.Anyone(), answer)
		authtest.Refused(t, "the answer again", err, auth.InvalidCode, "passkey")
		_, err = env.StartPasskeySignUp(t.Context(), authtest.Anyone(), auth.StartPasskeySignUpInput{Username: ptr("annie")})
		authtest.Refused(t, "the name again", err, auth.Taken, "username")
		for _, in := range []auth.LoginInput{{Username: ptr("annie"), Password: authtest.Password}} {
			_, err = env.Login(t.Context(), authtest.Anyone(), in)
			authtest.Refused(t, "a password", err, auth.InvalidCredentials)
		}

		a, b := beginSignUp(t, env, auth.StartPasskeySignUpInput{Username: ptr("bob")}), beginSignUp(t, env, auth.StartPasskeySignUpInput{Username: ptr("bob")})
		_, errs := authtest.AtOnce(2, func(i int) (*auth.Outcome, error) {
			return signUpBy(env, authtest.Anyone(), authtest.NewPasskey().Create([]json.RawMessage{a, b}[i]))
		})
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("one name twice at once: %v, %v", errs[0], errs[1])
		}
	})
}

func TestSignUpWithPasskeyByAddress(t *testing.T) {
	for name, prove := range map[string]func(t *testing.T, env *authtest.Env, key *authtest.Passkey, token, browser string) *auth.Login{
		"the browser that signed up": func(t *testing.T, env *authtest.Env, _ *authtest.Passkey, token, browser string) *auth.Login {
			outcome, err := confirmBy(env, auth.ConfirmInput{Token: token, ConfirmKey: &browser})
			if err != nil || outcome.Session.SecondFactor {
				t.Fatalf("Confirm() = %v, %v, want one factor: the passkey was not used just now", outcome, err)
			}
			return outcome.Login
		},
		"the passkey": func(t *testing.T, env *authtest.Env, key *authtest.Passkey, token, _ string) *auth.Login {
			outcome, err := confirmBy(env, auth.ConfirmInput{Token: token})
			authtest.Refused(t, "no proof", err, auth.Required, "passkey")
			answer := key.Get(outcome.PasskeyOptions)
			forged := key.Clone()
			forged.Rekey()
			_, err = confirmBy(env, auth.ConfirmInput{Token: token, Passkey: forged.Get(outcome.PasskeyOptions)})
			authtest.Refused(t, "a forged answer", err, auth.InvalidCredentials, "passkey")
			_, err = confirmBy(env, auth.ConfirmInput{Token: token, Passkey: key.Get(started(t, env))})
			authtest.Refused(t, "an answer to a login", err, auth.InvalidCredentials, "passkey")
			_, err = confirmBy(env, auth.ConfirmInput{Token: token, Passkey: answer, NewPassword: ptr(newPassword)})
			authtest.Refused(t, "two proofs", err, auth.Invalid, "passkey")
			if outcome, err = confirmBy(env, auth.ConfirmInput{Token: token, Passkey: answer}); err != nil || !outcome.Session.SecondFactor {
				t.Fatalf("Confirm() = %v, %v", outcome, err)
			}
			_, err = confirmBy(env, auth.ConfirmInput{Token: token, Passkey: answer})
			authtest.Refused(t, "again", err, auth.InvalidToken, "token")
			return outcome.Login
		},
	} {
		t.Run(name, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				key, token, browser := pendingKey(t, env, ann)
				_, err := confirmBy(env, auth.ConfirmInput{Token: token, Password: ptr("anything")})
				authtest.Refused(t, "a password", err, auth.InvalidCredentials, "password")
				_, err = touch(env, authtest.Anyone(), key.Get(started(t, env)))
				authtest.Refused(t, "a login before the e-mail", err, auth.InvalidCredentials, "passkey")
				login := prove(t, env, key, token, browser)
				if login.User.PasswordHash != nil || string(key.Handle) != string(login.User.ID[:]) || *login.User.Email != ann {
					t.Errorf("the account is %v", login.User)
				}
				if got := touched(t, env, key); got.User.ID != login.User.ID {
					t.Error("the passkey opens another account")
				}
			})
		})
	}
}

// A stranger's passkey never gets onto an account: the owner of the address confirms
// with a password of their own, and the passkey is forgotten.
func TestAStrangersPasskeyIsForgotten(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		thief, token, _ := pendingKey(t, env, ann)
		outcome, err := confirmBy(env, auth.ConfirmInput{Token: token, NewPassword: ptr(newPassword)})
		if err != nil || outcome.User.PasswordHash == nil {
			t.Fatalf("Confirm() = %v, %v", outcome, err)
		}
		list, err := env.Factors(t.Context(), outcome.User)
		if err != nil || len(list) > 0 {
			t.Errorf("the account has %v, %v, want no passkey", list, err)
		}
		_, err = touch(env, authtest.Anyone(), thief.Get(started(t, env)))
		authtest.Refused(t, "the stranger's passkey", err, auth.InvalidCredentials, "passkey")
		if u := outcome.User.ID; string(thief.Handle) == string(u[:]) {
			t.Error("the account has the id that the stranger's passkey was made for")
		}

		// An address that has an account: the same answer, and another e-mail.
		letters := env.Caused(func() {
			key := authtest.NewPasskey()
			taken, err := signUpBy(env, authtest.Anyone(), key.Create(beginSignUp(t, env, auth.StartPasskeySignUpInput{Email: ptr(ann)})))
			if err != nil || taken.ConfirmKey == nil {
				t.Errorf("SignUpWithPasskey() = %v, %v", taken, err)
			}
		})
		notices(t, "a taken address", letters, "already_registered to "+ann)
	})
}

// The letter is sent again with the same passkey, and another sign-up is another one.
func TestPendingPasskeysStayApart(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		first, _, browser := pendingKey(t, env, ann)
		if err := env.RequestPasswordReset(t.Context(), authtest.Anyone(), auth.RequestPasswordResetInput{Email: ann}); err != nil {
			t.Fatal(err)
		}
		again := env.Token(mail.Confirm, ann)
		other := signedUp(t, env, ann, authtest.Password)
		_, err := confirmBy(env, auth.ConfirmInput{Token: other, ConfirmKey: &browser})
		authtest.Refused(t, "the key of another sign-up", err, auth.InvalidCredentials, "confirmKey")
		_, err = confirmBy(env, auth.ConfirmInput{Token: other, Passkey: json.RawMessage(`{}`)})
		authtest.Refused(t, "a passkey at a sign-up without", err, auth.InvalidCredentials, "passkey")
		if _, err := confirmBy(env, auth.ConfirmInput{Token: again, ConfirmKey: &browser}); err != nil {
			t.Fatalf("the letter that was sent again: Confirm() = %v", err)
		}
		touched(t, env, first)
		_, err = confirm(env, other, authtest.Password)
		authtest.Refused(t, "another sign-up for the address", err, auth.InvalidToken, "token")
	})
}

func TestSignUpWithPasskeyRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		for what, change := range map[string]func(k *authtest.Passkey){
			"unverified": func(k *authtest.Passkey) { k.Flags &^= authtest.UserVerified },
			"not discoverable": func(k *authtest.Passkey) {
				k.Response = func(r map[string]any) {
					r["clientExtensionResults"] = map[string]any{"credProps": map[string]any{"rk": false}}
				}
			},
			"another page": func(k *authtest.Passkey) { k.Origin = "https://evil.test" },
			"another challenge": func(k *authtest.Passkey) {
				k.Client = func(c map[string]any) {
					c["challenge"] = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5"
				}
			},
		} {
			key := authtest.NewPasskey()
			change(key)
			_, err := signUpBy(env, authtest.Anyone(), key.Create(beginSignUp(t, env, auth.StartPasskeySignUpInput{Email: ptr(ann)})))
			authtest.Refused(t, what, err, auth.InvalidCode, "passkey")
		}
		login := env.Account("bob@example.org")
		options, err := env.AddPasskey(t.Context(), env.As(login.AccessToken))
		if err != nil {
			t.Fatal(err)
		}
		_, err = signUpBy(env, authtest.Anyone(), authtest.NewPasskey().Create(options))
		authtest.Refused(t, "options of an account", err, auth.InvalidCode, "passkey")
		begun := beginSignUp(t, env, auth.StartPasskeySignUpInput{Email: ptr(ann)})
		_, err = env.ConfirmPasskey(t.Context(), env.As(login.AccessToken), auth.ConfirmPasskeyInput{Passkey: authtest.NewPasskey().Create(begun)})
		authtest.Refused(t, "options of a sign-up at an account", err, auth.InvalidCode, "passkey")
		env.Clock.Turn(5 * time.Minute)
		_, err = signUpBy(env, authtest.Anyone(), authtest.NewPasskey().Create(begun))
		authtest.Refused(t, "late", err, auth.InvalidCode, "passkey")

		for _, in := range []auth.StartPasskeySignUpInput{{}, {Email: ptr(""), Username: nil}} {
			_, err := env.StartPasskeySignUp(t.Context(), authtest.Anyone(), in)
			authtest.Refused(t, "no name", err, auth.Required, "email")
		}
		closed := env.Replica(env.Store, func(s *auth.Settings) { s.SignUps = false })
		_, err = closed.StartPasskeySignUp(t.Context(), authtest.Anyone(), auth.StartPasskeySignUpInput{Email: ptr(ann)})
		authtest.Refused(t, "closed: StartPasskeySignUp()", err, auth.NotOffered)
		_, err = signUpBy(closed, authtest.Anyone(), begun)
		authtest.Refused(t, "closed: SignUpWithPasskey()", err, auth.NotOffered)
	})
}

// An account without a password is like any other: it sets a first one in a recent
// session, and keeps a way in.
func TestAnAccountWithAPasskeyAlone(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		key, token, _ := pendingKey(t, env, ann)
		outcome, err := confirmBy(env, auth.ConfirmInput{Token: token})
		if !is(err, auth.Required) {
			t.Fatal(err)
		}
		if outcome, err = confirmBy(env, auth.ConfirmInput{Token: token, Passkey: key.Get(outcome.PasskeyOptions)}); err != nil {
			t.Fatal(err)
		}
		login := outcome.Login
		c := env.As(login.AccessToken)
		if start := presence(t, env, login); !slices.Equal(start.Methods, []auth.ProofKind{auth.ByPasskey, auth.ByEmailCode}) {
			t.Errorf("presence is proved by %v", start.Methods)
		}
		if _, err := env.UpdateAccount(t.Context(), c, auth.UpdateAccountInput{Username: ptr("annie")}); err != nil {
			t.Errorf("UpdateAccount() in a recent session = %v", err)
		}
		_, err = env.UpdateAccount(t.Context(), c, auth.UpdateAccountInput{CurrentPassword: ptr("anything"), Username: ptr("annie")})
		authtest.Refused(t, "a password", err, auth.InvalidCredentials, "currentPassword")
		env.Clock.Turn(env.RecentTTL + time.Second)
		login = refreshed(t, env, login)
		c = env.As(login.AccessToken)
		_, err = env.UpdateAccount(t.Context(), c, auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
		authtest.Refused(t, "in a session that is not recent", err, auth.ReauthenticationRequired)
		if _, err := prove(env, login, key.Get(presence(t, env, login).PasskeyOptions)); err != nil {
			t.Fatalf("Reauthenticate() = %v", err)
		}
		other := touched(t, env, key)
		letters := env.Caused(func() {
			if _, err := env.UpdateAccount(t.Context(), env.As(login.AccessToken), auth.UpdateAccountInput{NewPassword: ptr(newPassword)}); err != nil {
				t.Fatalf("UpdateAccount() = %v", err)
			}
		})
		notices(t, "a first password", letters, "password_added to "+ann)
		dead(t, env, "another session", other)
		_, err = env.UpdateAccount(t.Context(), env.As(login.AccessToken), auth.UpdateAccountInput{Username: ptr("ann")})
		authtest.Refused(t, "without the password that there is now", err, auth.Required, "currentPassword")
		if _, err := logIn(env, ann, newPassword); err != nil {
			t.Errorf("Login() = %v", err)
		}
		if outcome.User.ID == uuid.Nil {
			t.Error("no id")
		}
	})
}
