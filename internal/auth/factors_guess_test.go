package auth_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// codesLookedAt counts how many of the codes 000000 are looked at, three at a time.
func codesLookedAt(env *authtest.Env, rounds int, pause time.Duration, guess func() error) (looked int) {
	for range rounds {
		for range 3 {
			if is(guess(), auth.InvalidCode) {
				looked++
			}
		}
		env.Clock.Turn(pause)
	}
	return looked
}

func threeCodes(s *auth.Settings) {
	s.Limits.Factor.Count = 3
	s.RefreshTTL, s.SessionTTL = 365*24*time.Hour, 365*24*time.Hour
}

// A browser that has logged in before, or its copied cookie, is no way to guess for
// ever, and its owner hears of it.
func TestGuessesFromAKnownBrowserEnd(t *testing.T) {
	for name, test := range map[string]struct {
		pause time.Duration
		want  int
	}{"in a row": {25 * time.Hour, 100}, "in a day": {16 * time.Minute, 15}} {
		t.Run(name, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				a := withApp(t, env, ann)
				laptop := authtest.Anyone()
				if _, err := answer(env, laptop, challenged(t, env, laptop, ann), a.next(env)); err != nil {
					t.Fatal(err)
				}
				laptop = returning(laptop)
				looked := codesLookedAt(env, 40, test.pause, func() error {
					_, err := answer(env, laptop, challenged(t, env, laptop, ann), "000000")
					return err
				})
				if looked != test.want {
					t.Errorf("%d codes were looked at, want %d", looked, test.want)
				}
				if letters := env.Letters(ann); letters[len(letters)-1].Name != "factor_guessed" {
					t.Errorf("the last e-mail is %s", letters[len(letters)-1].Name)
				}
			}, threeCodes)
		})
	}
}

// Nor are the browsers of strangers, whichever challenge they answer.
func TestGuessesByStrangersEndForTheDay(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		looked := codesLookedAt(env, 40, 16*time.Minute, func() error {
			_, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), "000000")
			return err
		})
		if looked != 15 {
			t.Errorf("%d codes were looked at in less than a day, want 15", looked)
		}
		if _, err := recoverBy(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), a.codes[0]); err != nil {
			t.Errorf("a recovery code: AnswerChallenge() = %v", err)
		}
	}, threeCodes)
}

// A right code ends the row of wrong ones: an owner who mistypes now and then is
// never shut out.
func TestARightCodeEndsTheRow(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		for range 2 {
			looked := codesLookedAt(env, 25, 25*time.Hour, func() error {
				_, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), "000000")
				return err
			})
			if looked != 75 {
				t.Errorf("%d codes were looked at, want 75", looked)
			}
			twoSteps(t, env, a, ann)
		}
	}, threeCodes)
}

// A stolen session is no way to guess for ever either, and its owner hears of it.
func TestGuessesWithinSessionsEnd(t *testing.T) {
	for name, test := range map[string]struct {
		pause time.Duration
		want  int
	}{"in a row": {25 * time.Hour, 100}, "in a day": {16 * time.Minute, 15}} {
		t.Run(name, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				login := withApp(t, env, ann).login
				looked := codesLookedAt(env, 40, test.pause, func() error {
					login = refreshed(t, env, login)
					return wrongWithin(env, login)
				})
				if looked != test.want {
					t.Errorf("%d codes were looked at, want %d", looked, test.want)
				}
				if letters := env.Letters(ann); letters[len(letters)-1].Name != "factor_guessed_within" {
					t.Errorf("the last e-mail is %s", letters[len(letters)-1].Name)
				}
			}, threeCodes)
		})
	}
}

func wrongWithin(env *authtest.Env, login *auth.Login) error {
	code := "000000"
	_, err := env.Reauthenticate(context.Background(), env.As(login.AccessToken), auth.ReauthenticateInput{TotpCode: &code})
	return err
}

// Too many wrong codes within sessions are told of once a day: those of two sessions,
// and those at the beginning of an app.
func TestGuessesWithinSessionsAreToldOfOnce(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		first, second := twoSteps(t, env, a, ann), twoSteps(t, env, a, ann)
		letters := env.Caused(func() {
			recorded := env.Recorded(first.User.ID, func() {
				for range 5 {
					for _, login := range []*auth.Login{first, second} {
						_ = wrongWithin(env, login)
					}
				}
			})
			told := "reauthenticate RATE_LIMITED session"
			if n := len(recorded) - 6; n != 1 || !slices.Contains(recorded, told) {
				t.Errorf("recorded %q, want six wrong codes and once %s", recorded, told)
			}
		})
		notices(t, "too many within sessions", letters, "factor_guessed_within to "+ann)
		begin := func() []authtest.Letter {
			added, err := env.AddTotp(t.Context(), env.As(first.AccessToken))
			if err != nil {
				t.Fatal(err)
			}
			return env.Caused(func() {
				for range 5 {
					_, err = env.ConfirmTotp(t.Context(), env.As(first.AccessToken), auth.ConfirmTotpInput{ID: added.ID.String(), Code: "000000", Name: "x"})
				}
				authtest.Refused(t, "ConfirmTotp()", err, auth.RateLimited)
			})
		}
		notices(t, "more on the same day", begin())
		env.Clock.Turn(25 * time.Hour)
		first = reproved(t, env, a)
		notices(t, "a day later, at the beginning of an app", begin(), "factor_guessed_within to "+ann)
		letters = env.Caused(func() {
			for range 5 {
				_, _ = answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), "000000")
			}
		})
		notices(t, "with the password, which is another matter", letters, "factor_guessed to "+ann)
	}, threeCodes)
}
