package auth_test

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// tenLogins is the default limit on wrong passwords.
func tenLogins(s *auth.Settings) { s.Limits.Login.Count = 10 }

// TestLoginLimitAtOnce: a hundred wrong passwords arrive at once, from many
// places. Only as many are verified as the limit allows, whether the account
// exists or not.
func TestLoginLimitAtOnce(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) { loginLimitAtOnce(t, env) }, tenLogins)
	t.Run("two replicas", func(t *testing.T) {
		t.Parallel()
		a, b := authtest.Replicas(t, tenLogins)
		loginLimitAtOnce(t, a, b)
	})
}

func loginLimitAtOnce(t *testing.T, envs ...*authtest.Env) {
	t.Helper()
	env := envs[0]
	env.Account("bob@example.org")
	attack := func(what string, in func(i int) auth.LoginInput) {
		t.Helper()
		_, errs := authtest.AtOnce(100, func(i int) (*auth.Outcome, error) {
			return envs[i%len(envs)].Login(t.Context(), authtest.Stranger(fmt.Sprintf("2001:db8:%x::1", i)), in(i))
		})
		evaluated := 0
		for _, err := range errs {
			if is(err, auth.InvalidCredentials) {
				evaluated++
				continue
			}
			authtest.Refused(t, what+": Login()", err, auth.RateLimited)
			if one := (*auth.Error)(nil); !errors.As(err, &one) || one.RetryAfter != 15*time.Minute {
				t.Errorf("%s: retryAfter = %v, want 15 minutes", what, one.RetryAfter)
			}
		}
		if evaluated != 10 {
			t.Errorf("%s: %d of 100 guesses were looked at, want 10", what, evaluated)
		}
	}
	by := func(address string) func(int) auth.LoginInput {
		return func(i int) auth.LoginInput {
			return auth.LoginInput{Email: &address, Password: fmt.Sprintf("guess %d", i)}
		}
	}
	attack("an account", by("bob@example.org"))
	attack("an unknown address", by("nobody@example.org"))
	_, err := logIn(env, "bob@example.org", authtest.Password)
	authtest.Refused(t, "the right password while attempts are used up: Login()", err, auth.RateLimited)
	env.Clock.Turn(15 * time.Minute)
	env.LogIn("bob@example.org")
}

// TestTheRightPasswordIsNoGuess: a right password is given back, so that no
// number of logins locks anybody out. It does not forget the wrong ones before
// it.
func TestTheRightPasswordIsNoGuess(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		for range 9 {
			_, _ = logIn(env, "ann@example.org", "wrong")
		}
		for range 30 {
			env.LogIn("ann@example.org")
		}
		_, errs := authtest.AtOnce(30, func(int) (*auth.Outcome, error) { return logIn(env, "ann@example.org", authtest.Password) })
		if slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
			t.Errorf("Login() at once = %v, want that nobody's right password is taken for a wrong one", errs)
		}
		_, err := logIn(env, "ann@example.org", "wrong")
		authtest.Refused(t, "the tenth wrong password: Login()", err, auth.InvalidCredentials)
		_, err = logIn(env, "ann@example.org", authtest.Password)
		authtest.Refused(t, "after ten wrong passwords: Login()", err, auth.RateLimited)
	}, tenLogins)
}

// TestLoginSourceLimit: one place that tries many accounts is stopped. No owner
// gets an e-mail about it.
func TestLoginSourceLimit(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		c := authtest.Stranger("203.0.113.5")
		from := func(c auth.Caller, address, given string) error {
			_, err := env.Login(t.Context(), c, auth.LoginInput{Email: &address, Password: given})
			return err
		}
		letters := env.Caused(func() {
			for i := range 100 {
				if err := from(c, fmt.Sprintf("nobody%d@example.org", i), "wrong"); !is(err, auth.InvalidCredentials) {
					t.Fatalf("Login() %d = %v", i, err)
				}
			}
			for range 3 {
				authtest.Refused(t, "from a place that tried a hundred: Login()", from(c, "ann@example.org", authtest.Password), auth.RateLimited)
			}
		})
		notices(t, "one place's guesses at many accounts", letters)
		if err := from(authtest.Stranger("203.0.113.6"), "ann@example.org", authtest.Password); err != nil {
			t.Errorf("from elsewhere: Login() = %v", err)
		}
		env.Clock.Turn(15 * time.Minute)
		if err := from(c, "ann@example.org", authtest.Password); err != nil {
			t.Errorf("15 minutes later: Login() = %v", err)
		}
	}, tenLogins)
}

// TestSources: which addresses count as one place, and which as two.
func TestSources(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		var n atomic.Int64
		spend := func(ip string) error {
			return signUp(env, authtest.Stranger(ip), fmt.Sprintf("ann%d@example.org", n.Add(1)), authtest.Password)
		}
		for _, place := range [][]string{
			{"192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:201"},
			{"2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:0db8:0001:0002:0000::0009", "2001:db8:1:2::1%eth0"},
			{"fe80::1%eth0", "fe80::2%eth1"},
		} {
			for i := range 3 {
				if err := spend(place[i%len(place)]); err != nil {
					t.Errorf("sign-up %d from %v = %v", i, place, err)
				}
			}
			for _, ip := range place {
				authtest.Refused(t, "one too many, from "+ip+": SignUp()", spend(ip), auth.RateLimited)
			}
		}
		for _, ip := range []string{"192.0.2.2", "2001:db8:1:3::1", "2001:db8:2:2::1", "::192.0.2.1"} {
			if err := spend(ip); err != nil {
				t.Errorf("SignUp() from %s, another place = %v", ip, err)
			}
		}
		// All callers without an address count as one place. There is none if
		// the listener knows none.
		for i := range 4 {
			err := signUp(env, auth.Caller{}, fmt.Sprintf("bob%d@example.org", i), authtest.Password)
			if (err == nil) != (i < 3) {
				t.Errorf("SignUp() %d from nowhere = %v", i, err)
			}
		}
	}, func(s *auth.Settings) { s.Limits.SignUp.Count = 3 })
}

// TestLockNotice: when guesses have used up the attempts, the owner gets an
// e-mail, once a day. Nobody else gets one.
func TestLockNotice(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		named, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: ptr("named"), Password: authtest.Password})
		if err != nil {
			t.Fatal(err)
		}
		var letters []authtest.Letter
		guess := func(in auth.LoginInput) func() {
			return func() {
				in.Password = "wrong"
				for range 15 {
					_, _ = env.Login(t.Context(), authtest.Stranger("203.0.113.5"), in)
				}
			}
		}
		recorded := env.Recorded(ann.User.ID, func() { letters = env.Caused(guess(auth.LoginInput{Email: ptr("ann@example.org")})) })
		notices(t, "guesses at an account", letters, "account_locked to ann@example.org")
		if l := letters[0].Content; l.IP != "203.0.113.5" {
			t.Errorf("the notice tells %+v, want from where", l)
		}
		if want := append(slices.Repeat([]string{"login INVALID_CREDENTIALS anonymous"}, 10), "login RATE_LIMITED anonymous"); !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		env.Clock.Turn(time.Hour)
		notices(t, "guesses an hour later", env.Caused(guess(auth.LoginInput{Email: ptr("ann@example.org")})))
		env.Clock.Turn(23 * time.Hour)
		notices(t, "guesses a day later", env.Caused(guess(auth.LoginInput{Email: ptr("ann@example.org")})), "account_locked to ann@example.org")

		notices(t, "guesses at an unknown address", env.Caused(guess(auth.LoginInput{Email: ptr("nobody@example.org")})))
		notices(t, "guesses at an account without an address", env.Caused(guess(auth.LoginInput{Username: ptr("named")})))
		if trail := env.Trail(named.User.ID); trail[len(trail)-1] != "login RATE_LIMITED anonymous" {
			t.Errorf("recorded %q, want that the attempts were used up", trail)
		}
	}, tenLogins)
}

// TestLoginDay: an attacker who stays just below the limit all day is stopped
// too. The owner gets in from a known device or with a reset e-mail. An account
// that cannot get a reset e-mail is never closed for long.
func TestLoginDay(t *testing.T) {
	const tries, perDay = 2, 10
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		known := device(t, env, "ann@example.org")
		if _, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: ptr("named"), Password: authtest.Password}); err != nil {
			t.Fatal(err)
		}
		all := map[string]auth.LoginInput{
			"an account": {Email: ptr("ann@example.org")}, "an unknown address": {Email: ptr("nobody@example.org")}, "a username alone": {Username: ptr("named")},
		}
		for _, name := range []string{"the first day", "the second day"} {
			evaluated := map[string]int{}
			for range 24 * 4 {
				for what, in := range all {
					in.Password = "wrong"
					for i := range tries + 1 {
						_, err := env.Login(t.Context(), authtest.Stranger(fmt.Sprintf("2001:db8:%x::1", i)), in)
						if is(err, auth.InvalidCredentials) {
							evaluated[what]++
						}
					}
				}
				env.Clock.Turn(15 * time.Minute)
			}
			if evaluated["an account"] != perDay || evaluated["an unknown address"] != perDay {
				t.Errorf("%s: %v guesses were looked at, want %d at an address whether it has an account or not", name, evaluated, perDay)
			}
			if evaluated["a username alone"] != 24*4*tries {
				t.Errorf("%s: %v guesses were looked at, want no limit on the day for an account without an address", name, evaluated)
			}
		}

		for range perDay {
			_, err := logIn(env, "ann@example.org", "wrong")
			authtest.Refused(t, "a wrong password each 16 minutes: Login()", err, auth.InvalidCredentials)
			env.Clock.Turn(16 * time.Minute)
		}
		_, err := logIn(env, "ann@example.org", authtest.Password)
		authtest.Refused(t, "from an unknown device: Login()", err, auth.RateLimited)
		if one := (*auth.Error)(nil); !errors.As(err, &one) || one.RetryAfter != 24*time.Hour-perDay*16*time.Minute {
			t.Errorf("retryAfter = %v, want the rest of the day since the first of them", one.RetryAfter)
		}
		if _, err := env.Login(t.Context(), returning(known), auth.LoginInput{Email: ptr("ann@example.org"), Password: authtest.Password}); err != nil {
			t.Errorf("from a known device: Login() = %v", err)
		}
		if _, err := reset(env, requestReset(t, env, "ann@example.org"), newPassword); err != nil {
			t.Errorf("ResetPassword() = %v", err)
		}
		env.Clock.Turn(24 * time.Hour)
		if _, err := logIn(env, "ann@example.org", newPassword); err != nil {
			t.Errorf("a day later: Login() = %v", err)
		}
	}, func(s *auth.Settings) { s.Limits.Login.Count = tries })
}

// Limits that are switched off count nothing.
func TestNoLimits(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		for range 30 {
			_, err := logIn(env, "ann@example.org", "wrong")
			authtest.Refused(t, "Login()", err, auth.InvalidCredentials)
			signedUp(t, env, "bob@example.org", authtest.Password)
		}
		if got := len(env.Letters("bob@example.org")); got != 30 {
			t.Errorf("%d letters went out, want 30", got)
		}
		if trail := env.Trail(uuid.Nil); slices.Contains(trail, "login RATE_LIMITED anonymous") {
			t.Error("recorded a limit")
		}
	}, func(s *auth.Settings) { s.Limits = auth.Limits{} })
}
