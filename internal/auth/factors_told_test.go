package auth_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent/auditevent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

// Somebody who guesses slowly meets no limit for long. The owner hears of ten wrong
// codes in a row, and hears what led there.
func TestSlowGuessesAreToldOf(t *testing.T) {
	for letter, guess := range map[string]func(t *testing.T, env *authtest.Env, a *app) error{
		"factor_guessed": func(t *testing.T, env *authtest.Env, _ *app) error {
			_, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), "000000")
			return err
		},
		"factor_guessed_within": func(t *testing.T, env *authtest.Env, a *app) error {
			a.login = refreshed(t, env, a.login)
			return wrongWithin(env, a.login)
		},
		"factor_guessed_by_mail": func(t *testing.T, env *authtest.Env, _ *app) error {
			outcome, err := reset(env, requestReset(t, env, ann), newPassword)
			if err != nil {
				t.Fatal(err)
			}
			_, err = answer(env, authtest.Anyone(), outcome.Challenge.Token, "000000")
			return err
		},
		"factor_guessed_by_mail, of a code": func(t *testing.T, env *authtest.Env, _ *app) error {
			outcome, err := byCode(env, askCode(t, env, ann), env.Token(mail.LoginCode, ann))
			if err != nil {
				t.Fatal(err)
			}
			_, err = answer(env, authtest.Anyone(), outcome.Challenge.Token, "000000")
			return err
		},
	} {
		t.Run(letter, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				a := withApp(t, env, ann)
				told := func(n int) (told []string) {
					for _, l := range env.Caused(func() {
						for range n {
							authtest.Refused(t, "a wrong code", guess(t, env, a), auth.InvalidCode, "totpCode")
							env.Clock.Turn(time.Minute)
						}
					}) {
						if l.Name != mail.ResetPassword && l.Name != mail.LoginCode {
							told = append(told, l.Name)
						}
					}
					return told
				}
				if got := told(9); len(got) > 0 {
					t.Errorf("after nine wrong codes: letters %q", got)
				}
				want, _, _ := strings.Cut(letter, ",")
				if got := told(5); !slices.Equal(got, []string{want}) {
					t.Errorf("after ten: letters %q, want once %s", got, want)
				}
			}, func(s *auth.Settings) { s.RefreshTTL = 365 * 24 * time.Hour })
		})
	}
}

// Every answer is in the audit log, also those that were good and lost to another one
// at the same moment.
func TestLostAnswersAreRecorded(t *testing.T) {
	count := func(env *authtest.Env, event string) int {
		return env.Store.AuditEvent.Query().Where(auditevent.Event(event)).CountX(context.Background())
	}
	const some = 20
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		env := envs[0]
		a := withApp(t, env, ann)
		login := twoSteps(t, env, a, ann)
		token, code, before := challenged(t, env, authtest.Anyone(), ann), a.next(env), count(env, "challenge_answer")
		_, errs := authtest.AtOnce(some, func(i int) (*auth.Outcome, error) { return answer(envs[i%2], authtest.Anyone(), token, code) })
		if n := count(env, "challenge_answer") - before; n != some {
			t.Errorf("%d of %d answers are recorded: %v", n, some, errs)
		}
		code, before = a.next(env), count(env, "reauthenticate")
		c := env.As(login.AccessToken)
		_, errs = authtest.AtOnce(some, func(i int) (*auth.Session, error) {
			return envs[i%2].Reauthenticate(context.Background(), c, auth.ReauthenticateInput{TotpCode: &code})
		})
		if n := count(env, "reauthenticate") - before; n != some {
			t.Errorf("%d of %d proofs are recorded: %v", n, some, errs)
		}
		bea := env.Account("bea@example.org")
		mailed := askCode(t, env, *bea.User.Email)
		code, before = env.Token(mail.LoginCode, *bea.User.Email), count(env, "challenge_answer")
		_, errs = authtest.AtOnce(some, func(i int) (*auth.Outcome, error) { return byCode(envs[i%2], mailed, code) })
		if n := count(env, "challenge_answer") - before; n != some {
			t.Errorf("%d of %d codes from an e-mail are recorded: %v", n, some, errs)
		}
	})
}

// Who knows the password and who reads the e-mails are two people: the owner is told
// of both on one day.
func TestTwoKindsOfGuessesAreToldOf(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		withApp(t, env, ann)
		letters := env.Caused(func() {
			for range 4 {
				_, _ = answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), "000000")
			}
			outcome, err := byCode(env, askCode(t, env, ann), env.Token(mail.LoginCode, ann))
			if err != nil {
				t.Fatal(err)
			}
			_, err = answer(env, authtest.Anyone(), outcome.Challenge.Token, "000000")
			authtest.Refused(t, "an answer beyond the limit", err, auth.RateLimited)
		})
		var names []string
		for _, l := range letters {
			names = append(names, l.Name)
		}
		for _, want := range []string{"factor_guessed", "factor_guessed_by_mail"} {
			if !slices.Contains(names, want) {
				t.Errorf("letters %q, want %s", names, want)
			}
		}
	}, threeCodes)
}
