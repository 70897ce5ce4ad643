package auth_test

import (
	"context"
	"errors"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

const rivals = 50

// wins counts the sessions that begin.
func wins(t *testing.T, outcomes []*auth.Outcome, errs []error) (n int) {
	t.Helper()
	for i, err := range errs {
		switch {
		case err == nil && outcomes[i].Login != nil:
			n++
		case !is(err, auth.InvalidCode) && !is(err, auth.InvalidToken):
			t.Errorf("a loser is answered %v, %v", outcomes[i], err)
		}
	}
	return n
}

// onBoth has a race run on each database, and on two processes where there are two.
func onBoth(t *testing.T, race func(t *testing.T, envs [2]*authtest.Env)) {
	t.Helper()
	t.Run("one process", func(t *testing.T) {
		authtest.Each(t, func(t *testing.T, env *authtest.Env) { race(t, [2]*authtest.Env{env, env}) })
	})
	t.Run("two processes", func(t *testing.T) {
		t.Parallel()
		a, b := authtest.Replicas(t)
		race(t, [2]*authtest.Env{a, b})
	})
}

// F01: one code of an app begins one session, whichever challenges it answers: fifty
// at once, of which ten are alive.
func TestACodeIsUsedOnceAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		env := envs[0]
		a := withApp(t, env, ann)
		known := authtest.Anyone()
		if _, err := answer(env, known, challenged(t, env, known, ann), a.next(env)); err != nil {
			t.Fatal(err)
		}
		known = returning(known)
		for range 20 {
			tokens, errs := authtest.AtOnce(rivals, func(i int) (string, error) {
				c := authtest.Anyone()
				if i%2 == 0 {
					c.Browser = known.Browser
				}
				outcome, err := envs[i%4/2].Login(context.Background(), c, auth.LoginInput{Email: ptr(ann), Password: authtest.Password})
				return outcome.Challenge.Token, err
			})
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			code := a.next(env)
			outcomes, errs := authtest.AtOnce(rivals, func(i int) (*auth.Outcome, error) {
				return answer(envs[i%2], authtest.Anyone(), tokens[i], code)
			})
			if n := wins(t, outcomes, errs); n != 1 {
				t.Errorf("%d sessions began with one code, want 1", n)
			}
		}
	})
}

// F04: fifty right answers to one challenge begin one session, whether a statement
// redeems it or two.
func TestAChallengeIsAnsweredOnceByOneCode(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		a := withApp(t, envs[0], ann)
		for range 10 {
			token, code := challenged(t, envs[0], authtest.Anyone(), ann), a.next(envs[0])
			outcomes, errs := authtest.AtOnce(rivals, func(i int) (*auth.Outcome, error) {
				return answer(envs[i%2], authtest.Anyone(), token, code)
			})
			if n := wins(t, outcomes, errs); n != 1 {
				t.Errorf("%d sessions began with one challenge, want 1", n)
			}
		}
	})
}

// F03: a recovery code works once, and the owner is told how many are left.
func TestARecoveryCodeIsUsedOnceAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		env := envs[0]
		a := withApp(t, env, ann)
		var tokens []string
		for range 5 {
			tokens = append(tokens, challenged(t, env, authtest.Anyone(), ann))
		}
		letters := env.Caused(func() {
			outcomes, errs := authtest.AtOnce(rivals, func(i int) (*auth.Outcome, error) {
				return recoverBy(envs[i%2], authtest.Anyone(), tokens[i%5], a.codes[0])
			})
			if n := wins(t, outcomes, errs); n != 1 {
				t.Errorf("%d sessions began with one recovery code, want 1", n)
			}
		})
		notices(t, "a recovery code", letters, "recovery_code_used to "+ann)
		if len(letters) == 1 && letters[0].Content.CodesLeft != 9 {
			t.Errorf("the letter tells of %d codes, want 9", letters[0].Content.CodesLeft)
		}
		_, err := recoverBy(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), a.codes[0])
		authtest.Refused(t, "the code again", err, auth.InvalidCode, "recoveryCode")
	})
}

// F04: one challenge begins one session, and the losers' codes stay good.
func TestAChallengeIsAnsweredOnceAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		env := envs[0]
		a := withApp(t, env, ann)
		token, code := challenged(t, env, authtest.Anyone(), ann), a.next(env)
		outcomes, errs := authtest.AtOnce(5, func(i int) (*auth.Outcome, error) { // a sixth would find it void
			if i == 0 {
				return answer(envs[0], authtest.Anyone(), token, code)
			}
			return recoverBy(envs[i%2], authtest.Anyone(), token, a.codes[i])
		})
		if n := wins(t, outcomes, errs); n != 1 {
			t.Fatalf("%d sessions began with one challenge, want 1", n)
		}
		winner := 0
		for i, err := range errs {
			if err == nil {
				winner = i
			}
		}
		left, err := env.RecoveryCodesLeft(context.Background(), outcomes[winner].User)
		want := 10
		if winner > 0 {
			want = 9
		}
		if err != nil || *left != want {
			t.Errorf("%d recovery codes are left, %v, want %d", *left, err, want)
		}
		if winner > 0 {
			if _, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), code); err != nil {
				t.Errorf("the loser's code: AnswerChallenge() = %v", err)
			}
		}
	})
}

// Two apps confirmed at once, and two beginnings: never more than there may be.
func TestAppsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		env := envs[0]
		login := env.Account(ann)
		authtest.AtOnce(10, func(i int) (*auth.AddedTotp, error) {
			e := envs[i%2]
			return e.AddTotp(context.Background(), e.As(login.AccessToken))
		})
		if n := env.Store.Factor.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d beginnings, want the last one", n)
		}
		a := addApp(t, env, login)
		if len(a.codes) != 10 {
			t.Errorf("%d recovery codes, want 10", len(a.codes))
		}
	})
}
