package auth_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

const newPassword = "staple battery horse"

func TestResetPassword(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		t.Run("sets the password, ends all that was and logs in", func(t *testing.T) {
			ann, other := env.Account("ann@example.org"), env.LogIn("ann@example.org")
			api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: []string{auth.ScopeAccountRead}})
			older, token := requestReset(t, env, "ann@example.org"), requestReset(t, env, "ann@example.org")
			change := changeAddress(t, env, ann, "ann@example.net")
			var login *auth.Outcome
			var letters []authtest.Letter
			recorded := env.Recorded(ann.User.ID, func() {
				letters = env.Caused(func() {
					var err error
					if login, err = reset(env, token, newPassword); err != nil {
						t.Fatalf("ResetPassword() = %v", err)
					}
				})
			})
			notices(t, "a reset", letters, "password_reset to ann@example.org")
			if want := []string{"reset_password ok anonymous"}; !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
			if login.User.PendingEmail != nil {
				t.Error("a change of address is still pending")
			}
			dead(t, env, "a session", ann)
			dead(t, env, "another session", other)
			if c := env.As(api.Secret); !c.Anonymous() {
				t.Error("an API token lives on")
			}
			_, err := reset(env, older, "another password 3")
			authtest.Refused(t, "an older letter's token", err, auth.InvalidToken, "token")
			_, err = env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: change, Password: new(newPassword)})
			authtest.Refused(t, "the token of a change of address", err, auth.InvalidToken, "token")
			_, err = logIn(env, "ann@example.org", authtest.Password)
			authtest.Refused(t, "the old password", err, auth.InvalidCredentials)
			if _, err = logIn(env, "ann@example.org", newPassword); err != nil {
				t.Errorf("the new password: Login() = %v", err)
			}
			alive(t, env, "the new session", login.Login)
			if !env.Recent(env.As(login.AccessToken)) {
				t.Error("a reset is no proof of presence")
			}
		})
		t.Run("a token works once", func(t *testing.T) {
			env.Account("bea@example.org")
			token := requestReset(t, env, "bea@example.org")
			if _, err := reset(env, token, newPassword); err != nil {
				t.Fatalf("ResetPassword() = %v", err)
			}
			_, err := reset(env, token, "another password 3")
			authtest.Refused(t, "ResetPassword() again", err, auth.InvalidToken, "token")
			if _, err := logIn(env, "bea@example.org", newPassword); err != nil {
				t.Errorf("Login() = %v", err)
			}
		})
		t.Run("a newer letter does not kill the one in hand", func(t *testing.T) {
			env.Account("cem@example.org")
			older := requestReset(t, env, "cem@example.org")
			requestReset(t, env, "cem@example.org")
			if _, err := reset(env, older, newPassword); err != nil {
				t.Errorf("ResetPassword() with the older token = %v", err)
			}
		})
		t.Run("a token expires", func(t *testing.T) {
			env.Account("dan@example.org")
			late, _ := requestReset(t, env, "dan@example.org"), requestReset(t, env, "dan@example.org")
			env.Clock.Turn(env.ResetTTL - time.Microsecond)
			if _, err := reset(env, late, newPassword); err != nil {
				t.Errorf("ResetPassword() just before = %v", err)
			}
			later := requestReset(t, env, "dan@example.org")
			env.Clock.Turn(env.ResetTTL)
			_, err := reset(env, later, "another password 3")
			authtest.Refused(t, "ResetPassword() just after", err, auth.InvalidToken, "token")
		})
		t.Run("logged in as another, it is the token's account that changes", func(t *testing.T) {
			eve := env.Account("eve@example.org")
			env.Account("fay@example.org")
			login, err := env.ResetPassword(t.Context(), env.As(eve.AccessToken), auth.ResetPasswordInput{
				Token: requestReset(t, env, "fay@example.org"), NewPassword: newPassword,
			})
			if err != nil || *login.User.Email != "fay@example.org" {
				t.Fatalf("ResetPassword() = %v, %v, want fay's session", login, err)
			}
			alive(t, env, "eve's session", eve)
			if _, err := logIn(env, "eve@example.org", authtest.Password); err != nil {
				t.Errorf("eve's password: Login() = %v", err)
			}
		})
		t.Run("into the cookie", func(t *testing.T) {
			env.Account("gus@example.org")
			c, device := authtest.Anyone(), "phone"
			login, err := env.ResetPassword(t.Context(), c, auth.ResetPasswordInput{
				Token: requestReset(t, env, "gus@example.org"), NewPassword: newPassword,
				Session: &auth.SessionInput{Delivery: auth.InCookie, DeviceName: &device},
			})
			if err != nil || login.RefreshToken != nil || *login.Session.DeviceName != device || sessionCookie(t, c).Value == "" {
				t.Errorf("ResetPassword() = %v, %v, want the token in the cookie and the device's name", login, err)
			}
		})
	})
}

func TestResetPasswordRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann.longname@example.org")
		name := "zorblaxian"
		update(t, env, ann, auth.UpdateAccountInput{Username: &name})
		token := requestReset(t, env, "ann.longname@example.org")
		long := strings.Repeat("x", 65)
		for _, test := range []struct {
			what  string
			in    auth.ResetPasswordInput
			code  auth.Code
			field []string
		}{
			{"no token", auth.ResetPasswordInput{NewPassword: newPassword}, auth.Required, []string{"token"}},
			{"no password", auth.ResetPasswordInput{Token: token}, auth.Required, []string{"newPassword"}},
			{"a short one", auth.ResetPasswordInput{Token: token, NewPassword: "short"}, auth.PasswordTooShort, []string{"newPassword"}},
			{"a long one", auth.ResetPasswordInput{Token: token, NewPassword: strings.Repeat("long ", 30)}, auth.TooLong, []string{"newPassword"}},
			{"a common one", auth.ResetPasswordInput{Token: token, NewPassword: "password123"}, auth.PasswordTooCommon, []string{"newPassword"}},
			{"the address", auth.ResetPasswordInput{Token: token, NewPassword: "ann.longname@example.org"}, auth.PasswordTooCommon, []string{"newPassword"}},
			{"the username", auth.ResetPasswordInput{Token: token, NewPassword: name}, auth.PasswordTooCommon, []string{"newPassword"}},
			{"a long device", auth.ResetPasswordInput{Token: token, NewPassword: newPassword, Session: &auth.SessionInput{DeviceName: &long}},
				auth.TooLong, []string{"session", "deviceName"}},
			{"junk", auth.ResetPasswordInput{Token: "junk", NewPassword: newPassword}, auth.InvalidToken, []string{"token"}},
			{"a wrong end", auth.ResetPasswordInput{Token: token[:len(token)-2] + "xx", NewPassword: newPassword}, auth.InvalidToken, []string{"token"}},
		} {
			_, err := env.ResetPassword(t.Context(), authtest.Anyone(), test.in)
			authtest.Refused(t, "ResetPassword() with "+test.what, err, test.code, test.field...)
		}
		_, err := env.ResetPassword(t.Context(), authtest.Anyone(), auth.ResetPasswordInput{NewPassword: "short", Session: &auth.SessionInput{DeviceName: &long}})
		if all := (auth.Errors)(nil); !errors.As(err, &all) || len(all) != 3 {
			t.Errorf("ResetPassword() with all wrong = %v, want three refusals", err)
		}
		if _, err := reset(env, token, newPassword); err != nil {
			t.Errorf("after all refusals: ResetPassword() = %v", err)
		}
	})
}

func TestResetTokensOfLostAccounts(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		t.Run("disabled, and enabled again", func(t *testing.T) {
			ann := env.Account("ann@example.org")
			token := requestReset(t, env, "ann@example.org")
			if err := env.DisableAccount(t.Context(), authtest.Operator(), ann.User.ID); err != nil {
				t.Fatal(err)
			}
			_, err := reset(env, token, newPassword)
			authtest.Refused(t, "ResetPassword() of a disabled account", err, auth.InvalidToken, "token")
			if err := env.EnableAccount(t.Context(), authtest.Operator(), ann.User.ID); err != nil {
				t.Fatal(err)
			}
			_, err = reset(env, token, newPassword)
			authtest.Refused(t, "ResetPassword() once enabled", err, auth.InvalidToken, "token")
		})
		t.Run("deleted, and signed up anew", func(t *testing.T) {
			bea := env.Account("bea@example.org")
			token := requestReset(t, env, "bea@example.org")
			if _, err := env.DeleteAccount(t.Context(), env.As(bea.AccessToken)); err != nil {
				t.Fatal(err)
			}
			env.Account("bea@example.org")
			_, err := reset(env, token, newPassword)
			authtest.Refused(t, "ResetPassword() of an account that is gone", err, auth.InvalidToken, "token")
		})
	})
}

func TestResetPasswordSourceLimit(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		token := requestReset(t, env, "ann@example.org")
		for range 10 {
			_, err := reset(env, "junk", newPassword)
			authtest.Refused(t, "ResetPassword() with junk", err, auth.InvalidToken, "token")
		}
		_, err := reset(env, token, newPassword)
		authtest.Refused(t, "ResetPassword() beyond the limit", err, auth.RateLimited)
		_, err = env.ResetPassword(t.Context(), authtest.Stranger("198.51.100.1"), auth.ResetPasswordInput{Token: token, NewPassword: newPassword})
		if err != nil {
			t.Errorf("from another place: ResetPassword() = %v", err)
		}
	}, func(s *auth.Settings) { s.Limits.Login.Count = 1 })
}

// One token is used with many new passwords at once. One wins, and only its
// password logs in.
func TestResetPasswordAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { resetAtOnce(t, authtest.On(t, s)) })
	t.Run("two replicas", func(t *testing.T) {
		t.Parallel()
		a, b := authtest.Replicas(t)
		resetAtOnce(t, a, b)
	})
}

func resetAtOnce(t *testing.T, envs ...*authtest.Env) {
	env := envs[0]
	env.Account("ann@example.org")
	chosen := func(i int) string { return fmt.Sprintf("the password of %d", i) }
	for round := range raceRounds {
		token := requestReset(t, env, "ann@example.org")
		_, errs := authtest.AtOnce(raceClients, func(i int) (*auth.Outcome, error) {
			return reset(envs[i%len(envs)], token, chosen(i))
		})
		winners := 0
		for i, err := range errs {
			_, loginErr := logIn(env, "ann@example.org", chosen(i))
			if err == nil {
				winners++
				if loginErr != nil {
					t.Errorf("round %d: the winner's password: Login() = %v", round, loginErr)
				}
				continue
			}
			authtest.Refused(t, "a loser's ResetPassword()", err, auth.InvalidToken, "token")
			authtest.Refused(t, "a loser's password: Login()", loginErr, auth.InvalidCredentials)
		}
		if winners != 1 {
			t.Fatalf("round %d: %d won, want 1", round, winners)
		}
	}
	if n := len(slices.DeleteFunc(env.Letters(""), func(l authtest.Letter) bool { return l.Name != mail.PasswordReset })); n != raceRounds {
		t.Errorf("%d notices were sent, want one a round: %d", n, raceRounds)
	}
}
