package auth_test

import (
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// guessed tries wrong passwords at an identifier until they are too many, and
// counts them.
func guessed(t testing.TB, env *authtest.Env, in auth.LoginInput) (n int) {
	t.Helper()
	for in.Password = "wrong"; n <= 20; n++ {
		if _, err := env.Login(t.Context(), authtest.Anyone(), in); !is(err, auth.InvalidCredentials) {
			authtest.Refused(t, "guessing: Login()", err, auth.RateLimited)
			return n
		}
	}
	return n
}

// TestLimitsTellNothingOfAnAccount: whether an attempt is refused depends only
// on what was typed before, and not on any account.
func TestLimitsTellNothingOfAnAccount(t *testing.T) {
	ann := auth.LoginInput{Email: ptr("ann@example.org")}
	annie := auth.LoginInput{Username: ptr("annie")}
	nobody := auth.LoginInput{Email: ptr("nobody@example.org")}
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account("ann@example.org")
		update(t, env, login, auth.UpdateAccountInput{Username: ptr("annie")})
		for i, in := range []auth.LoginInput{annie, ann, nobody} {
			if n := guessed(t, env, in); n != 10 {
				t.Errorf("name %d takes %d guesses, want 10: it tells what it belongs to", i, n)
			}
		}
		env.Clock.Turn(15 * time.Minute)

		guessed(t, env, nobody)
		env.Account("nobody@example.org")
		if n := guessed(t, env, nobody); n != 0 {
			t.Errorf("an address that got an account takes %d guesses more, want none", n)
		}
		guessed(t, env, ann)
		if _, err := env.DeleteAccount(t.Context(), env.As(refreshed(t, env, login).AccessToken)); err != nil {
			t.Fatal(err)
		}
		if n := guessed(t, env, ann); n != 0 {
			t.Errorf("an address that lost its account takes %d guesses more, want none", n)
		}
	}, tenLogins)
}

// TestAnAccountIsGuessedAtByOneCount: an account with two names does not give
// twice the guesses. The refusal looks like a wrong password; otherwise it
// would reveal that both names belong to one account. The owner gets an e-mail.
func TestAnAccountIsGuessedAtByOneCount(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account("ann@example.org")
		update(t, env, login, auth.UpdateAccountInput{Username: ptr("annie")})
		known := device(t, env, "ann@example.org")
		right := auth.LoginInput{Email: ptr("ann@example.org"), Password: authtest.Password}
		for range 10 {
			_, err := env.Login(t.Context(), authtest.Anyone(), auth.LoginInput{Username: ptr("annie"), Password: "wrong"})
			authtest.Refused(t, "a guess by username: Login()", err, auth.InvalidCredentials)
		}
		letters := env.Caused(func() {
			for range 3 {
				_, err := env.Login(t.Context(), authtest.Anyone(), right)
				authtest.Refused(t, "the right password by address, after ten guesses: Login()", err, auth.InvalidCredentials)
			}
		})
		notices(t, "attempts used up by another name", letters, "account_locked to ann@example.org")
		if _, err := env.Login(t.Context(), returning(known), right); err != nil {
			t.Errorf("from a known device: Login() = %v", err)
		}
		env.Clock.Turn(15 * time.Minute)
		if _, err := env.Login(t.Context(), authtest.Anyone(), right); err != nil {
			t.Errorf("15 minutes later: Login() = %v", err)
		}
	}, tenLogins)
}

// TestInsideDay: a thief with an access token, or a reader of a
// change-of-address e-mail that was sent to a wrong address, gets fifty guesses
// a day, and not ten in each quarter of an hour.
func TestInsideDay(t *testing.T) {
	const tries, perDay = 2, 10
	guess := func(t *testing.T, env *authtest.Env, try func() error) {
		t.Helper()
		evaluated := 0
		for range 20 {
			for range tries + 1 {
				if err := try(); is(err, auth.InvalidCredentials) {
					evaluated++
				}
			}
			env.Clock.Turn(15 * time.Minute)
		}
		if evaluated != perDay {
			t.Errorf("%d guesses were looked at, want %d", evaluated, perDay)
		}
	}
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		t.Run("in a session", func(t *testing.T) {
			login := env.Account("ann@example.org")
			guess(t, env, func() error {
				login = refreshed(t, env, login)
				_, err := reauthenticate(env, login, "wrong")
				return err
			})
		})
		t.Run("with a letter", func(t *testing.T) {
			token := changeAddress(t, env, env.Account("bob@example.org"), "bob@example.net")
			guess(t, env, func() error {
				_, err := confirm(env, token, "wrong")
				return err
			})
		})
	}, func(s *auth.Settings) { s.Limits.Login.Count = tries })
}

// TestADayOfGuessesByUsername: after too many guesses, an account with an
// address is closed to strangers. To them it looks like an account without an
// address, which stays open.
func TestADayOfGuessesByUsername(t *testing.T) {
	const tries = 2 // 10 a day
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		update(t, env, env.Account("ann@example.org"), auth.UpdateAccountInput{Username: ptr("annie")})
		known := device(t, env, "ann@example.org")
		if _, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: ptr("named"), Password: authtest.Password}); err != nil {
			t.Fatal(err)
		}
		for range 8 {
			for _, name := range []string{"annie", "named", "nobody"} {
				if n := guessed(t, env, auth.LoginInput{Username: &name}); n != tries {
					t.Errorf("%s takes %d guesses in 15 minutes, want %d whatever it is", name, n, tries)
				}
			}
			env.Clock.Turn(15 * time.Minute)
		}
		right := func(c auth.Caller, name string) error {
			_, err := env.Login(t.Context(), c, auth.LoginInput{Username: &name, Password: authtest.Password})
			return err
		}
		authtest.Refused(t, "the right password, where there were too many guesses: Login()", right(authtest.Anyone(), "annie"), auth.InvalidCredentials)
		if err := right(returning(known), "annie"); err != nil {
			t.Errorf("from a known device: Login() = %v", err)
		}
		if err := right(authtest.Anyone(), "named"); err != nil {
			t.Errorf("an account that can have no reset letter: Login() = %v", err)
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
