package auth_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/password"
)

func TestLogin(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		update(t, env, ann, auth.UpdateAccountInput{Username: ptr("Ann.Lee")})
		for what, in := range map[string]auth.LoginInput{
			"address": {Email: ptr("ann@example.org")}, "address typed otherwise": {Email: ptr(" ANN@Example.ORG\n")},
			"username": {Username: ptr("Ann.Lee")}, "username typed otherwise": {Username: ptr("aNN.lEE")},
		} {
			in.Password = authtest.Password
			var login *auth.Outcome
			var letters []authtest.Letter
			recorded := env.Recorded(ann.User.ID, func() {
				letters = env.Caused(func() {
					var err error
					if login, err = env.Login(t.Context(), authtest.Stranger("203.0.113.5"), in); err != nil {
						t.Fatalf("Login() by %s = %v", what, err)
					}
				})
			})
			c := env.As(login.AccessToken)
			if c.User == nil || c.User.ID != ann.User.ID || c.SessionID != login.Session.ID {
				t.Errorf("by %s: the access token names %v, want the user and session of the login", what, c)
			}
			if !c.AuthenticatedAt.Equal(env.Clock.Now()) || !env.Recent(c) {
				t.Errorf("by %s: the login is no proof of presence", what)
			}
			notices(t, "a login by "+what, letters)
			if want := []string{"login ok anonymous"}; !slices.Equal(recorded, want) {
				t.Errorf("by %s: recorded %q, want %q", what, recorded, want)
			}
			alive(t, env, "the new session", login.Login)
		}
		alive(t, env, "the session from before", ann)
	})
}

func TestLoginRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		for _, test := range []struct {
			in   auth.LoginInput
			want string
		}{
			{auth.LoginInput{}, "REQUIRED at email; REQUIRED at password"},
			{auth.LoginInput{Email: ptr("ann@example.org"), Username: ptr("ann"), Password: "x"}, "INVALID at username"},
			{auth.LoginInput{Email: ptr("ann"), Session: &auth.SessionInput{DeviceName: ptr("a\nb")}},
				"INVALID at email; REQUIRED at password; INVALID at session.deviceName"},
			{auth.LoginInput{Username: ptr("a"), Password: "x"}, "INVALID at username"},
			{auth.LoginInput{Email: ptr("nobody@example.org"), Password: "x"}, "INVALID_CREDENTIALS"},
		} {
			if login, err := env.Login(t.Context(), authtest.Anyone(), test.in); login != nil || err == nil || err.Error() != test.want {
				t.Errorf("Login() = %v, %v, want %s", login, err, test.want)
			}
		}
	})
}

// TestLoginTellsStrangersNothing: with a wrong password, no account, a pending
// sign-up and a disabled account give the same answer as any account.
func TestLoginTellsStrangersNothing(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, shut := env.Account("ann@example.org"), env.Account("shut@example.org")
		if err := env.DisableAccount(t.Context(), authtest.Operator(), shut.User.ID); err != nil {
			t.Fatal(err)
		}
		signedUp(t, env, "pending@example.org", authtest.Password)
		for _, test := range []struct {
			what, address, given string
			about                uuid.UUID
		}{
			{"a wrong password", "ann@example.org", "wrong", ann.User.ID},
			{"an unknown address", "nobody@example.org", authtest.Password, uuid.Nil},
			{"a pending sign-up with its password", "pending@example.org", authtest.Password, uuid.Nil},
			{"a pending sign-up with a wrong one", "pending@example.org", "wrong", uuid.Nil},
			{"a disabled account with a wrong one", "shut@example.org", "wrong", shut.User.ID},
		} {
			c := authtest.Anyone()
			letters := env.Caused(func() {
				_, err := env.Login(t.Context(), c, auth.LoginInput{Email: &test.address, Password: test.given})
				authtest.Refused(t, "Login() with "+test.what, err, auth.InvalidCredentials)
			})
			notices(t, test.what, letters)
			if cookies := c.Browser.Changes(); len(cookies) != 0 {
				t.Errorf("%s: sets cookies %v", test.what, cookies)
			}
			trail := env.Trail(test.about)
			if got, want := trail[len(trail)-1], "login INVALID_CREDENTIALS anonymous"; got != want {
				t.Errorf("%s: recorded %q, want %q", test.what, got, want)
			}
		}
		t.Run("disabled is said after the right password only", func(t *testing.T) {
			recorded := env.Recorded(shut.User.ID, func() {
				_, err := logIn(env, "shut@example.org", authtest.Password)
				authtest.Refused(t, "Login() to a disabled account", err, auth.Disabled)
			})
			if want := []string{"login DISABLED anonymous"}; !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
			if err := env.EnableAccount(t.Context(), authtest.Operator(), shut.User.ID); err != nil {
				t.Fatal(err)
			}
			env.LogIn("shut@example.org")
		})
	})
}

// TestLoginTakesThePasswordAsItIs: it is not trimmed or cut, and letter case
// and Unicode form are not changed.
func TestLoginTakesThePasswordAsItIs(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		long := strings.Repeat("0123456789 abcdefghij ÄÖÜ ", 4)[:100]
		for i, chosen := range []string{"  two  blanks  around  ", long, "Zoë’s caf\u00e9 №5", "tab\tand\nline", "nul \x00 inside it", "🐎🔋🐴📎🧷🪑🎏🗝️"} {
			address := fmt.Sprintf("ann%d@example.org", i)
			if _, err := confirm(env, signedUp(t, env, address, chosen), chosen); err != nil {
				t.Fatalf("Confirm() with %q = %v", chosen, err)
			}
			if _, err := logIn(env, address, chosen); err != nil {
				t.Errorf("Login() with %q = %v", chosen, err)
			}
			variants := []string{
				strings.TrimSpace(chosen), " " + chosen, chosen + " ", chosen + "\x00", strings.Join(strings.Fields(chosen), " "),
				strings.ToUpper(chosen), strings.ToLower(chosen), chosen[:len(chosen)-1], chosen[1:], chosen[:min(72, len(chosen)-1)],
				strings.ReplaceAll(chosen, "\u00e9", "e"), strings.TrimRight(chosen, "\ufe0f"), strings.Split(chosen, "\x00")[0],
			}
			for _, other := range variants {
				if other == chosen {
					continue
				}
				_, err := logIn(env, address, other)
				authtest.Refused(t, fmt.Sprintf("Login() with %q in place of %q", other, chosen), err, auth.InvalidCredentials)
			}
		}
	})
}

// TestLoginLosesAgainstAChangeOfPassword: the password was right when it was
// verified, but it was changed before the session began. No session may begin.
func TestLoginLosesAgainstAChangeOfPassword(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		for what, change := range map[string]func(ann *auth.Login, address string){
			"a change": func(ann *auth.Login, _ string) {
				update(t, env, ann, auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
			},
			"a reset": func(_ *auth.Login, address string) {
				if _, err := reset(env, requestReset(t, env, address), newPassword); err != nil {
					t.Errorf("ResetPassword() = %v", err)
				}
			},
		} {
			address := what[2:] + "@example.org"
			ann := env.Account(address)
			env.Clock.Turn(time.Minute)
			slow := interleave(env, func() { change(ann, address) })
			_, err := logIn(slow, address, authtest.Password)
			authtest.Refused(t, "Login() while "+what+" commits", err, auth.InvalidCredentials)
			if _, err := logIn(env, address, newPassword); err != nil {
				t.Errorf("Login() with the new password = %v", err)
			}
		}
		t.Run("and against the account's end", func(t *testing.T) {
			env.Account("gone@example.org")
			slow := interleave(env, func() {
				u, err := env.Service.Account(t.Context(), authtest.Operator(), "gone@example.org")
				if err == nil {
					err = env.RemoveAccount(t.Context(), authtest.Operator(), u.ID)
				}
				if err != nil {
					t.Error(err)
				}
			})
			_, err := logIn(slow, "gone@example.org", authtest.Password)
			authtest.Refused(t, "Login() while the account is deleted", err, auth.InvalidCredentials)
		})
		t.Run("and against its being disabled", func(t *testing.T) {
			shut := env.Account("shut@example.org")
			slow := interleave(env, func() {
				if err := env.DisableAccount(t.Context(), authtest.Operator(), shut.User.ID); err != nil {
					t.Error(err)
				}
			})
			_, err := logIn(slow, "shut@example.org", authtest.Password)
			authtest.Refused(t, "Login() while the account is disabled", err, auth.Disabled)
		})
	})
}

func TestLoginSignInNotice(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		c := authtest.Stranger("203.0.113.5")
		var letters []authtest.Letter
		letters = env.Caused(func() {
			_, err := env.Login(t.Context(), c, auth.LoginInput{Email: ptr("ann@example.org"), Password: authtest.Password,
				Session: &auth.SessionInput{DeviceName: ptr("laptop")}})
			if err != nil {
				t.Fatal(err)
			}
		})
		notices(t, "a login from a new device", letters, "new_sign_in to ann@example.org")
		if l := letters[0].Content; l.DeviceName != "laptop" || l.IP != "203.0.113.5" {
			t.Errorf("the notice tells %+v", l)
		}
		letters = env.Caused(func() {
			if _, err := env.Login(context.Background(), returning(c), auth.LoginInput{Email: ptr("ann@example.org"), Password: authtest.Password}); err != nil {
				t.Fatal(err)
			}
		})
		notices(t, "a login from the same browser", letters)
	}, func(s *auth.Settings) { s.SignInNotice = true })
}

// interleave makes a Service that calls between after it has verified the first
// password and before it uses the result. between does what another request
// could do.
func interleave(env *authtest.Env, between func()) *authtest.Env {
	calls := 0
	return env.Hashing(password.Options{Scheme: password.InsecureForTests(), Slots: 1, Now: func() time.Time {
		if calls++; calls == 2 { // a hash reads the clock when it begins and when it ends
			between()
		}
		return time.Time{}
	}})
}
