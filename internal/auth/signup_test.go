package auth_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/limit"
)

func TestSignUp(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		var letters []authtest.Letter
		recorded := env.Recorded(uuid.Nil, func() {
			letters = env.Caused(func() {
				if err := signUp(env, authtest.Stranger("203.0.113.5"), " Ann.Lee@Example.ORG ", authtest.Password); err != nil {
					t.Fatalf("SignUp() = %v", err)
				}
			})
		})
		notices(t, "a sign-up", letters, "confirm to ann.lee@example.org")
		if l := letters[0].Content; l.IP != "203.0.113.5" || l.UserAgent != "test" || !l.At.Equal(env.Clock.Now()) ||
			!l.ExpiresAt.Equal(env.Clock.Now().Add(env.ConfirmTTL)) {
			t.Errorf("the letter tells %+v, want when and from where, and until when", l)
		}
		if want := []string{"sign_up ok anonymous"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		if n := env.Store.User.Query().CountX(t.Context()); n != 0 {
			t.Errorf("there are %d users before anyone has confirmed", n)
		}
		_, err := logIn(env, "ann.lee@example.org", authtest.Password)
		authtest.Refused(t, "Login() before the confirmation", err, auth.InvalidCredentials)
	})
}

// Only the owner learns that an address has an account, and the account does
// not change.
func TestSignUpWithATakenAddress(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		for _, variant := range []string{"ann@example.org", "ANN@example.org", " ann@EXAMPLE.org"} {
			var letters []authtest.Letter
			recorded := env.Recorded(ann.User.ID, func() {
				letters = env.Caused(func() {
					if err := signUp(env, authtest.Stranger("203.0.113.5"), variant, newPassword); err != nil {
						t.Errorf("SignUp(%s) = %v", variant, err)
					}
				})
			})
			notices(t, variant, letters, "already_registered to ann@example.org")
			if l := letters[0].Content; l.IP != "203.0.113.5" || l.Username != "" || l.Email != "" {
				t.Errorf("the letter tells %+v, want from where and nothing of the account", l)
			}
			if len(recorded) != 0 {
				t.Errorf("recorded %q about an account that has nothing to do with it", recorded)
			}
		}
		_, err := logIn(env, "ann@example.org", newPassword)
		authtest.Refused(t, "the password of the second sign-up", err, auth.InvalidCredentials)
		env.LogIn("ann@example.org")
		alive(t, env, "the account's session", ann)
		if u := env.Store.User.Query().OnlyX(t.Context()); !u.UpdatedAt.Equal(ann.User.UpdatedAt) {
			t.Error("the account was changed")
		}
	})
}

// An attacker who signs up with a victim's address gains nothing. The owner who
// opens the link gives nothing away either: each e-mail opens only with the
// password of its own sign-up.
func TestSignUpWithAVictimsAddress(t *testing.T) {
	const attackers, victims = "the attacker's words", "the victim's own words"
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		planted := signedUp(t, env, "victim@example.org", attackers)
		_, err := confirm(env, planted, victims)
		authtest.Refused(t, "the victim's password at the attacker's letter: Confirm()", err, auth.InvalidCredentials, "password")
		own := signedUp(t, env, "victim@example.org", victims)
		_, err = confirm(env, own, attackers)
		authtest.Refused(t, "the attacker's password at the victim's letter: Confirm()", err, auth.InvalidCredentials, "password")

		login, err := confirm(env, own, victims)
		if err != nil {
			t.Fatalf("Confirm() = %v", err)
		}
		_, err = confirm(env, planted, attackers)
		authtest.Refused(t, "the attacker's letter afterwards: Confirm()", err, auth.InvalidToken, "token")
		_, err = logIn(env, "victim@example.org", attackers)
		authtest.Refused(t, "the attacker's password: Login()", err, auth.InvalidCredentials)
		alive(t, env, "the victim's session", login.Login)
		if n := env.Store.UserToken.Query().Where().CountX(t.Context()); n != 1 {
			t.Errorf("%d tokens are left, want the session alone", n)
		}
	})
}

// Each sign-up is bound to its own e-mail and password. An older e-mail works
// as well as the newest.
func TestSignUpAgain(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		var tokens, chosen [3]string
		for i := range tokens {
			chosen[i] = fmt.Sprintf("%d. choice of words", i)
			tokens[i] = signedUp(t, env, "ann@example.org", chosen[i])
		}
		for i := range tokens {
			for j := range chosen {
				if i != j {
					_, err := confirm(env, tokens[i], chosen[j])
					authtest.Refused(t, fmt.Sprintf("token %d with password %d: Confirm()", i, j), err, auth.InvalidCredentials, "password")
				}
			}
		}
		if _, err := confirm(env, tokens[1], chosen[1]); err != nil {
			t.Fatalf("Confirm() = %v", err)
		}
		for _, i := range []int{0, 2} {
			_, err := confirm(env, tokens[i], chosen[i])
			authtest.Refused(t, "another pending sign-up: Confirm()", err, auth.InvalidToken, "token")
		}
		if _, err := logIn(env, "ann@example.org", chosen[1]); err != nil {
			t.Errorf("Login() = %v", err)
		}
	})
}

func TestSignUpRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		long := strings.Repeat("long ", 30)
		recorded := env.Recorded(uuid.Nil, func() {
			letters := env.Caused(func() {
				for _, test := range []struct {
					what string
					in   auth.SignUpInput
					want string
				}{
					{"nothing at all", auth.SignUpInput{}, "REQUIRED at email; REQUIRED at password"},
					{"neither address nor username", auth.SignUpInput{Password: authtest.Password}, "REQUIRED at email"},
					{"both address and username", auth.SignUpInput{Email: ptr("ann@example.org"), Username: ptr("ann"), Password: authtest.Password}, "INVALID at username"},
					{"an empty address", auth.SignUpInput{Email: ptr(" "), Password: authtest.Password}, "REQUIRED at email"},
					{"a short password", auth.SignUpInput{Email: ptr("ann@example.org"), Password: "1234567"}, "PASSWORD_TOO_SHORT at password"},
					{"a long password", auth.SignUpInput{Email: ptr("ann@example.org"), Password: long}, "TOO_LONG at password"},
					{"a common password", auth.SignUpInput{Email: ptr("ann@example.org"), Password: "password123"}, "PASSWORD_TOO_COMMON at password"},
					{"a bad username", auth.SignUpInput{Username: ptr("a b"), Password: authtest.Password}, "INVALID at username"},
					{"an address as username", auth.SignUpInput{Username: ptr("ann@example.org"), Password: authtest.Password}, "INVALID at username"},
					{"an empty username", auth.SignUpInput{Username: ptr(""), Password: authtest.Password}, "REQUIRED at username"},
					{"a long device name", auth.SignUpInput{Email: ptr("ann@example.org"), Password: authtest.Password,
						Session: &auth.SessionInput{DeviceName: &long}}, "TOO_LONG at session.deviceName"},
					{"all wrong", auth.SignUpInput{Email: ptr("ann"), Password: "short", Session: &auth.SessionInput{DeviceName: ptr("a\x1bb")}},
						"INVALID at email; PASSWORD_TOO_SHORT at password; INVALID at session.deviceName"},
				} {
					login, err := env.SignUp(t.Context(), authtest.Anyone(), test.in)
					if login != nil || err == nil || err.Error() != test.want {
						t.Errorf("SignUp() with %s = %v, %v, want %s", test.what, login, err, test.want)
					}
					if !errors.As(err, new(auth.Errors)) {
						t.Errorf("SignUp() with %s is a fault", test.what)
					}
				}
			})
			notices(t, "refusals", letters)
		})
		if rows := rowsIn(t, env.Store); len(recorded) != 0 || rows[0] != 0 {
			t.Errorf("refusals left %v rows, recorded %q", rows, recorded)
		}
	})
}

// TestSessionInput: the device name is shown to its owner, in e-mails and
// lists.
func TestSessionInput(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		with := func(name string) (*auth.Outcome, error) {
			return env.Login(t.Context(), authtest.Anyone(), auth.LoginInput{Email: ptr("ann@example.org"), Password: authtest.Password,
				Session: &auth.SessionInput{DeviceName: &name}})
		}
		for typed, stored := range map[string]string{
			"laptop": "laptop", "  Ann’s 电脑 💻 ": "Ann’s 电脑 💻", "Zo\u0065\u0308": "Zoë", strings.Repeat("é", 64): strings.Repeat("é", 64),
		} {
			login, err := with(typed)
			if err != nil {
				t.Errorf("Login() on %q = %v", typed, err)
			} else if got := login.Session.DeviceName; got == nil || *got != stored {
				t.Errorf("Login() on %q: device name %v, want %q", typed, got, stored)
			}
		}
		for typed, code := range map[string]auth.Code{
			"": auth.Required, " \t\n": auth.Required, strings.Repeat("é", 65): auth.TooLong,
			"a\nb": auth.Invalid, "a\x00b": auth.Invalid, "\x1b[31mred": auth.Invalid, "a\u202eb": auth.Invalid,
			"a\u2028b": auth.Invalid, "a\u200bb": auth.Invalid, "\u2800": auth.Invalid, "\u3164": auth.Invalid, "\ufe0f": auth.Required, "a\xffb": auth.Invalid,
		} {
			_, err := with(typed)
			authtest.Refused(t, fmt.Sprintf("Login() on %q", typed), err, code, "session", "deviceName")
		}
	})
}

func TestSignUpExpires(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		token := signedUp(t, env, "ann@example.org", authtest.Password)
		env.Clock.Turn(env.ConfirmTTL)
		_, err := confirm(env, token, authtest.Password)
		authtest.Refused(t, "Confirm() too late", err, auth.InvalidToken, "token")
		env.Clock.Turn(time.Second)
		if err := env.Cleanup(t.Context()); err != nil {
			t.Fatal(err)
		}
		if rows := rowsIn(t, env.Store); rows[0] != 0 {
			t.Errorf("%d tokens are left after they expired", rows[0])
		}
		if _, err := confirm(env, signedUp(t, env, "ann@example.org", authtest.Password), authtest.Password); err != nil {
			t.Errorf("Confirm() of a second sign-up = %v", err)
		}
	})
}

func TestSignUpByUsername(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		byName := func(name, chosen string) (*auth.Outcome, error) {
			return env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: &name, Password: chosen})
		}
		login, err := byName("Ann.Lee", authtest.Password)
		if err != nil {
			t.Fatalf("SignUp() = %v", err)
		}
		t.Run("is usable and logged in at once", func(t *testing.T) {
			alive(t, env, "the new account", login.Login)
			if u := login.User; *u.Username != "Ann.Lee" || u.EmailKey != nil || u.ConfirmedAt == nil {
				t.Errorf("the account is %v", u)
			}
			if want := []string{"sign_up ok anonymous"}; !slices.Equal(env.Trail(login.User.ID), want) {
				t.Errorf("recorded %q, want %q", env.Trail(login.User.ID), want)
			}
			notices(t, "a sign-up without an address", env.Letters(""))
			if _, err := env.Login(t.Context(), authtest.Anyone(), auth.LoginInput{Username: ptr("ANN.lee"), Password: authtest.Password}); err != nil {
				t.Errorf("Login() in another letter case = %v", err)
			}
		})
		t.Run("refuses a name in use, in any letter case", func(t *testing.T) {
			for _, name := range []string{"Ann.Lee", "ann.lee", "ANN.LEE"} {
				_, err := byName(name, newPassword)
				authtest.Refused(t, "SignUp() as "+name, err, auth.Taken, "username")
			}
			_, err := env.Login(t.Context(), authtest.Anyone(), auth.LoginInput{Username: ptr("ann.lee"), Password: newPassword})
			authtest.Refused(t, "Login() with the second one's password", err, auth.InvalidCredentials)
		})
		t.Run("takes a name once, however many ask at once", func(t *testing.T) {
			for _, name := range []string{"first", "second", "third"} {
				logins, errs := authtest.AtOnce(50, func(i int) (*auth.Outcome, error) {
					return byName(name, fmt.Sprintf("%d. choice of words", i))
				})
				winners := 0
				for i, err := range errs {
					if err != nil {
						authtest.Refused(t, "SignUp() of a loser", err, auth.Taken, "username")
						continue
					}
					winners++
					alive(t, env, "the winner", logins[i].Login)
				}
				if winners != 1 {
					t.Errorf("%d took %q, want one", winners, name)
				}
			}
		})
	})
}

func TestSignUpWithUsernamesSwitchedOff(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		_, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: ptr("ann"), Password: authtest.Password})
		authtest.Refused(t, "SignUp() by username", err, auth.NotOffered, "username")
		signedUp(t, env, "ann@example.org", authtest.Password)
		if n := env.Store.User.Query().CountX(t.Context()); n != 0 {
			t.Errorf("there are %d users, want none", n)
		}
	}, func(s *auth.Settings) { s.Usernames = false })
}

// If sign-up is closed, a request reveals nothing and counts nothing. Earlier
// sign-ups can still be confirmed.
func TestSignUpClosed(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		waiting := signedUp(t, env, "bea@example.org", authtest.Password)
		closed := env.Replica(env.Store, func(s *auth.Settings) {
			s.SignUps = false
			s.Limits.SignUp = limit.Limit{Count: 1, Per: time.Hour}
		})
		events := env.Store.AuditEvent.Query().CountX(t.Context())
		letters := env.Caused(func() {
			for what, in := range map[string]auth.SignUpInput{
				"of a new address": {Email: ptr("new@example.org"), Password: authtest.Password}, "of a taken one": {Email: ptr("ann@example.org"), Password: authtest.Password},
				"of one that waits": {Email: ptr("bea@example.org"), Password: authtest.Password}, "by username": {Username: ptr("carl"), Password: authtest.Password},
				"of nothing": {}, "of junk": {Email: ptr("@"), Username: ptr("-"), Password: "x"},
			} {
				_, err := closed.SignUp(t.Context(), authtest.Anyone(), in)
				authtest.Refused(t, "SignUp() "+what, err, auth.NotOffered)
			}
		})
		notices(t, "a closed sign-up", letters)
		if n := env.Store.AuditEvent.Query().CountX(t.Context()); n != events {
			t.Errorf("%d events were recorded, want none", n-events)
		}
		if _, err := confirm(closed, waiting, authtest.Password); err != nil {
			t.Errorf("Confirm() of a sign-up from before = %v", err)
		}
	})
}
