package auth_test

import (
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

// A stolen session is no way to guess for ever either.
func TestGuessesWithinSessionsEnd(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := withApp(t, env, ann).login
		looked := codesLookedAt(env, 40, 25*time.Hour, func() error {
			login = refreshed(t, env, login)
			code := "000000"
			_, err := env.Reauthenticate(t.Context(), env.As(login.AccessToken), auth.ReauthenticateInput{TotpCode: &code})
			return err
		})
		if looked != 100 {
			t.Errorf("%d codes were looked at, want 100", looked)
		}
	}, threeCodes)
}
