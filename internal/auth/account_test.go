package auth_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func TestUpdateAccountRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		bea := env.Account("bea@example.org")
		update(t, env, bea, auth.UpdateAccountInput{Username: ptr("Bea")})
		c := env.As(ann.AccessToken)
		right := authtest.Password
		letters := env.Caused(func() {
			for _, test := range []struct {
				what, field string
				in          auth.UpdateAccountInput
				code        auth.Code
			}{
				{"no password", "currentPassword", auth.UpdateAccountInput{Username: ptr("ann")}, auth.Required},
				{"a wrong password", "currentPassword", auth.UpdateAccountInput{CurrentPassword: ptr("wrong"), NewPassword: ptr(newPassword)}, auth.InvalidCredentials},
				{"a wrong password and a taken name", "currentPassword", auth.UpdateAccountInput{CurrentPassword: ptr("wrong"), Username: ptr("bea")}, auth.InvalidCredentials},
				{"no address", "email", auth.UpdateAccountInput{CurrentPassword: ptr(right), Email: ptr("")}, auth.Required},
				{"a bad address", "email", auth.UpdateAccountInput{CurrentPassword: ptr(right), Email: ptr("ann")}, auth.Invalid},
				{"a long address", "email", auth.UpdateAccountInput{CurrentPassword: ptr(right), Email: ptr(strings.Repeat("a", 300) + "@example.org")}, auth.TooLong},
				{"a bad username", "username", auth.UpdateAccountInput{CurrentPassword: ptr(right), Username: ptr("ann@example.org")}, auth.Invalid},
				{"a username in use", "username", auth.UpdateAccountInput{CurrentPassword: ptr(right), Username: ptr("bEA")}, auth.Taken},
				{"no new password", "newPassword", auth.UpdateAccountInput{CurrentPassword: ptr(right), NewPassword: ptr("")}, auth.Required},
				{"a short one", "newPassword", auth.UpdateAccountInput{CurrentPassword: ptr(right), NewPassword: ptr("short")}, auth.PasswordTooShort},
				{"a long one", "newPassword", auth.UpdateAccountInput{CurrentPassword: ptr(right), NewPassword: ptr(strings.Repeat("long ", 30))}, auth.TooLong},
				{"a common one", "newPassword", auth.UpdateAccountInput{CurrentPassword: ptr(right), NewPassword: ptr("password123")}, auth.PasswordTooCommon},
				{"the new username as password", "newPassword",
					auth.UpdateAccountInput{CurrentPassword: ptr(right), Username: ptr("zorblaxian"), NewPassword: ptr("Zorblaxian")}, auth.PasswordTooCommon},
			} {
				_, err := env.UpdateAccount(t.Context(), c, test.in)
				authtest.Refused(t, "UpdateAccount() with "+test.what, err, test.code, test.field)
			}
			_, err := env.UpdateAccount(t.Context(), c, auth.UpdateAccountInput{Email: ptr("ann"), Username: ptr("a"), NewPassword: ptr("short")})
			if all := (auth.Errors)(nil); !errors.As(err, &all) || len(all) != 4 {
				t.Errorf("UpdateAccount() with all wrong = %v, want four refusals at once", err)
			}
		})
		notices(t, "refusals", letters)
		if u, err := env.Service.Account(t.Context(), authtest.Operator(), "ann@example.org"); err != nil || !u.UpdatedAt.Equal(ann.User.UpdatedAt) {
			t.Errorf("Account() = %v, %v, want it unchanged", u, err)
		}
		want := []string{"confirm ok anonymous", "reauthenticate INVALID_CREDENTIALS session", "reauthenticate INVALID_CREDENTIALS session"}
		if trail := env.Trail(ann.User.ID); !slices.Equal(trail, want) {
			t.Errorf("recorded %q, want %q", trail, want)
		}
		alive(t, env, "after all refusals", ann)
	})
}

func TestChangePassword(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, other := env.Account("ann@example.org"), env.LogIn("ann@example.org")
		api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: []string{auth.ScopeAccountRead}})
		env.Clock.Turn(time.Minute)
		resetToken, change := requestReset(t, env, "ann@example.org"), changeAddress(t, env, ann, "ann@example.net")
		var letters []authtest.Letter
		recorded := env.Recorded(ann.User.ID, func() {
			letters = env.Caused(func() {
				u := update(t, env, ann, auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
				if u.PendingEmail != nil || !u.CredentialsChangedAt.Equal(env.Clock.Now()) {
					t.Errorf("UpdateAccount() = %v, want no pending address and the password changed now", u)
				}
			})
		})
		notices(t, "a change of password", letters, "password_changed to ann@example.org")
		if want := []string{"session_revoke ok session", "password_change ok session"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		dead(t, env, "another session", other)
		ann = alive(t, env, "the session that asked", ann)
		if c := env.As(api.Secret); c.Anonymous() {
			t.Errorf("the API token is refused: %s", c.Refused)
		}
		_, err := reset(env, resetToken, "another password 3")
		authtest.Refused(t, "a reset token from before", err, auth.InvalidToken, "token")
		_, err = env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: change, Password: new(newPassword)})
		authtest.Refused(t, "the token of a change of address from before", err, auth.InvalidToken, "token")
		_, err = logIn(env, "ann@example.org", authtest.Password)
		authtest.Refused(t, "the old password", err, auth.InvalidCredentials)
		if _, err := logIn(env, "ann@example.org", newPassword); err != nil {
			t.Errorf("the new password: Login() = %v", err)
		}
	})
}

// Of several changes at once from one session, one is made. For the others the
// present password is no longer right, and the session continues.
func TestChangePasswordAtOnce(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		c := env.As(ann.AccessToken)
		chosen := []string{"first of the new ones", "second of the new ones", "third of the new ones"}
		_, errs := authtest.AtOnce(len(chosen), func(i int) (*ent.User, error) {
			return env.UpdateAccount(context.Background(), c, auth.UpdateAccountInput{CurrentPassword: ptr(authtest.Password), NewPassword: &chosen[i]})
		})
		winners := 0
		for i, err := range errs {
			_, loginErr := logIn(env, "ann@example.org", chosen[i])
			if err == nil && loginErr == nil {
				winners++
				continue
			}
			authtest.Refused(t, "a loser's UpdateAccount()", err, auth.InvalidCredentials, "currentPassword")
			authtest.Refused(t, "a loser's password", loginErr, auth.InvalidCredentials)
		}
		if winners != 1 {
			t.Errorf("%d won, want 1", winners)
		}
		alive(t, env, "the session that asked", ann)
	})
}

// After the change, a browser that knew the old password counts as a
// stranger's.
func TestChangePasswordForgetsDevices(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		c := authtest.Anyone()
		login := func(given string) (*auth.Outcome, error) {
			c := c
			c.Browser = &auth.Browser{Device: c.Browser.Device}
			return env.Login(t.Context(), c, auth.LoginInput{Email: ptr("ann@example.org"), Password: given})
		}
		known, err := env.Login(t.Context(), c, auth.LoginInput{Email: ptr("ann@example.org"), Password: authtest.Password})
		if err != nil {
			t.Fatal(err)
		}
		for _, cookie := range c.Browser.Changes() {
			if cookie.Name == auth.DeviceCookie {
				c.Browser.Device = cookie.Value
			}
		}
		exhaust := func() {
			for range 3 {
				if _, err := logIn(env, "ann@example.org", "wrong"); err == nil {
					t.Fatal("a wrong password logs in")
				}
			}
		}
		exhaust()
		if _, err := login(authtest.Password); err != nil {
			t.Errorf("from a known device: Login() = %v", err)
		}
		update(t, env, known.Login, auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
		dead(t, env, "the first session", ann)
		_, err = login(newPassword)
		authtest.Refused(t, "from a device known before the change: Login()", err, auth.RateLimited)
		env.Clock.Turn(15 * time.Minute)
		if _, err := login(newPassword); err != nil {
			t.Errorf("once attempts are forgotten: Login() = %v", err)
		}
	}, func(s *auth.Settings) { s.Limits.Login.Count = 3 })
}

func TestChangeUsername(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		byName := func(name string) error {
			_, err := env.Login(t.Context(), authtest.Anyone(), auth.LoginInput{Username: &name, Password: authtest.Password})
			return err
		}
		for _, test := range []struct {
			name, what string
			told       bool
		}{{"Ann", "the first", true}, {"Ann", "the same", false}, {"ANN", "another letter case", true}, {"annie", "another", true}} {
			var letters []authtest.Letter
			recorded := env.Recorded(ann.User.ID, func() {
				letters = env.Caused(func() {
					if u := update(t, env, ann, auth.UpdateAccountInput{Username: &test.name}); *u.Username != test.name {
						t.Errorf("%s: username %q, want it as typed", test.what, *u.Username)
					}
				})
			})
			if !test.told {
				notices(t, test.what, letters)
				continue
			}
			notices(t, test.what, letters, "username_changed to ann@example.org")
			if letters[0].Content.Username != test.name {
				t.Errorf("%s: the notice tells %q", test.what, letters[0].Content.Username)
			}
			if want := []string{"username_change ok session"}; !slices.Equal(recorded, want) {
				t.Errorf("%s: recorded %q, want %q", test.what, recorded, want)
			}
		}
		if err := byName("Annie"); err != nil {
			t.Errorf("Login() by the new name = %v", err)
		}
		authtest.Refused(t, "Login() by the old name", byName("ann"), auth.InvalidCredentials)
		alive(t, env, "the session that asked", ann)
		bea := env.Account("bea@example.org")
		update(t, env, bea, auth.UpdateAccountInput{Username: ptr("ann")}) // the name is free again
		if err := byName("ann"); err != nil {
			t.Errorf("Login() by a name that was free again = %v", err)
		}
	})
}

func TestUsernameTakenAtOnce(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		logins := []*auth.Login{env.Account("ann@example.org"), env.Account("bea@example.org"), env.Account("cem@example.org")}
		for _, name := range []string{"first", "second", "third"} {
			letters := env.Caused(func() {
				_, errs := authtest.AtOnce(len(logins), func(i int) (*ent.User, error) {
					return updateAs(env, logins[i], auth.UpdateAccountInput{Username: &name})
				})
				winners := 0
				for _, err := range errs {
					if err == nil {
						winners++
					} else {
						authtest.Refused(t, "a loser's UpdateAccount()", err, auth.Taken, "username")
					}
				}
				if winners != 1 {
					t.Errorf("%d took %q, want 1", winners, name)
				}
			})
			if len(letters) != 1 {
				t.Errorf("letters %q, want the winner's alone", names(letters))
			}
		}
	})
}

func TestUpdateAccountTogether(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		stale := changeAddress(t, env, ann, "old@example.net")
		letters := env.Caused(func() {
			u := update(t, env, ann, auth.UpdateAccountInput{Email: ptr("ann@example.net"), Username: ptr("ann"), NewPassword: ptr(newPassword)})
			if *u.PendingEmail != "ann@example.net" || *u.Username != "ann" || *u.Email != "ann@example.org" {
				t.Errorf("UpdateAccount() = %v, want all three changed, the address pending", u)
			}
		})
		notices(t, "all at once", letters, "password_changed to ann@example.org", "username_changed to ann@example.org",
			"change_email to ann@example.net", "email_changing to ann@example.org")
		_, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: stale, Password: new(newPassword)})
		authtest.Refused(t, "the token of an earlier change", err, auth.InvalidToken, "token")
		login, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: env.Token("change_email", "ann@example.net"), Password: new(newPassword)})
		if err != nil || *login.User.Email != "ann@example.net" {
			t.Errorf("Confirm() = %v, %v, want the new address", login, err)
		}
	})
}

func TestUsernamesSwitchedOff(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		_, err := updateAs(env, env.Account("ann@example.org"), auth.UpdateAccountInput{Username: ptr("ann")})
		authtest.Refused(t, "UpdateAccount()", err, auth.NotOffered, "username")
	}, func(s *auth.Settings) { s.Usernames = false })
}
