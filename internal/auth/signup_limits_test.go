package auth_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// Fifty people sign up at once, or one person presses the button fifty times.
func TestSignUpAtOnce(t *testing.T) {
	const budget, share = 5, 3
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		rounds := 3
		for round := range rounds {
			address := fmt.Sprintf("ann%d@example.org", round)
			c := authtest.Stranger(fmt.Sprintf("192.0.2.%d", round))
			letters := env.Caused(func() {
				_, errs := authtest.AtOnce(50, func(int) (any, error) { return nil, signUp(env, c, address, authtest.Password) })
				for _, err := range errs {
					if err != nil {
						t.Errorf("SignUp() = %v, want the same answer for all", err)
					}
				}
			})
			if len(letters) != share {
				t.Errorf("%d letters went out, want the %d that one place may cause", len(letters), share)
			}
			if _, err := confirm(env, letters[0].Token, authtest.Password); err != nil {
				t.Errorf("Confirm() = %v", err)
			}
			for _, l := range letters[1:] {
				_, err := confirm(env, l.Token, authtest.Password)
				authtest.Refused(t, "Confirm() by another letter", err, auth.InvalidToken, "token")
			}
			if n := env.Store.User.Query().Where(user.EmailKey(address)).CountX(t.Context()); n != 1 {
				t.Errorf("there are %d accounts, want one", n)
			}
		}
	}, func(s *auth.Settings) { s.Limits.Mail.Count = budget })
}

func TestSignUpLimits(t *testing.T) {
	const budget, share = 5, 3
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("taken@example.org")
		env.Clock.Turn(time.Hour)
		ask := func(from, to string) int {
			t.Helper()
			return len(env.Caused(func() {
				if err := signUp(env, authtest.Stranger(from), to, authtest.Password); err != nil {
					t.Errorf("SignUp() = %v, want the same answer whether a letter goes out or not", err)
				}
			}))
		}
		for _, to := range []string{"free@example.org", "taken@example.org"} {
			sent := 0
			for range 6 {
				sent += ask("203.0.113.1", to)
			}
			if sent != share {
				t.Errorf("one place causes %d letters to %s, want %d", sent, to, share)
			}
			for i := range 6 {
				sent += ask(fmt.Sprintf("203.0.113.%d", 100+i), to)
			}
			if sent != budget {
				t.Errorf("all places cause %d letters to %s, want %d", sent, to, budget)
			}
		}
		if ask("203.0.113.1", "other@example.org") != 1 {
			t.Error("no letter goes to another address")
		}
		requestReset(t, env, "taken@example.org") // it has a limit of its own
		env.Clock.Turn(time.Hour)
		if ask("203.0.113.1", "free@example.org") != 1 {
			t.Error("no letter goes out once the attempts are forgotten")
		}
	}, func(s *auth.Settings) { s.Limits.Mail.Count = budget })
}

func TestSignUpSourceLimit(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		c := authtest.Stranger("203.0.113.1")
		refused := 0
		_, errs := authtest.AtOnce(30, func(i int) (any, error) {
			return nil, signUp(env, c, fmt.Sprintf("ann%d@example.org", i), authtest.Password)
		})
		for _, err := range errs {
			if err == nil {
				continue
			}
			refused++
			authtest.Refused(t, "SignUp()", err, auth.RateLimited)
			if one := (*auth.Error)(nil); !errors.As(err, &one) || one.RetryAfter <= 0 || one.RetryAfter > time.Hour {
				t.Errorf("retryAfter = %v, want an hour at most", one.RetryAfter)
			}
		}
		if refused != 20 {
			t.Errorf("%d of 30 sign-ups were refused, want 20", refused)
		}
		_, err := env.SignUp(t.Context(), c, auth.SignUpInput{Username: ptr("ann"), Password: authtest.Password})
		authtest.Refused(t, "SignUp() by username from the same place", err, auth.RateLimited)
		if err := signUp(env, authtest.Stranger("203.0.113.2"), "bob@example.org", authtest.Password); err != nil {
			t.Errorf("SignUp() from elsewhere = %v", err)
		}
		env.Clock.Turn(time.Hour)
		if err := signUp(env, c, "bob@example.org", authtest.Password); err != nil {
			t.Errorf("SignUp() an hour later = %v", err)
		}
	}, func(s *auth.Settings) { s.Limits.SignUp.Count = 10 })
}
