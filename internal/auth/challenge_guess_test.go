package auth_test

import (
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// F05: a stranger who knows the password does not guess the code, and does not
// shut the owner out.
func TestGuessingCodes(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		known := authtest.Anyone()
		if _, err := answer(env, known, challenged(t, env, authtest.Anyone(), ann), a.next(env)); err != nil {
			t.Fatal(err)
		}
		known = returning(known)
		looked := 0
		letters := env.Caused(func() {
			for range 20 {
				_, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), "000000")
				if is(err, auth.InvalidCode) {
					looked++
				} else {
					authtest.Refused(t, "beyond the limit", err, auth.RateLimited)
				}
			}
		})
		if looked != 5 {
			t.Errorf("%d codes were looked at, want 5", looked)
		}
		notices(t, "guessing", letters, "factor_guessed to "+ann)
		code := a.next(env)
		_, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), code)
		authtest.Refused(t, "the right code from a stranger's browser", err, auth.RateLimited)
		if _, err := recoverBy(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), a.codes[0]); err != nil {
			t.Errorf("a recovery code: AnswerChallenge() = %v", err)
		}
		if _, err := answer(env, known, challenged(t, env, known, ann), code); err != nil {
			t.Errorf("from a known browser: AnswerChallenge() = %v", err)
		}
	}, func(s *auth.Settings) { s.Limits.Factor.Count = 5 })
}

// A browser that logged in before the app was added knows no more than the
// password: it has no count of its own.
func TestABrowserFromBeforeTheFactorIsAStranger(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account(ann)
		before := device(t, env, ann)
		env.Clock.Turn(time.Minute)
		a := addApp(t, env, login)
		for range 2 {
			_, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), "000000")
			authtest.Refused(t, "a wrong code", err, auth.InvalidCode, "totpCode")
		}
		_, err := answer(env, before, challenged(t, env, before, ann), a.next(env))
		authtest.Refused(t, "from a browser known from before", err, auth.RateLimited)
	}, func(s *auth.Settings) { s.Limits.Factor.Count = 2 })
}

// An app is shut to strangers after a hundred wrong codes in a row, however slow.
func TestCodesInARow(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		looked := 0
		for range 40 {
			for range 3 {
				_, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), "000000")
				if is(err, auth.InvalidCode) {
					looked++
				}
			}
			env.Clock.Turn(25 * time.Hour)
		}
		if looked != 100 {
			t.Errorf("%d codes were looked at, want 100", looked)
		}
		_, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), a.next(env))
		authtest.Refused(t, "the right code", err, auth.RateLimited)
		update(t, env, reproved(t, env, a), auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
		outcome, err := logIn(env, ann, newPassword)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := answer(env, authtest.Anyone(), outcome.Challenge.Token, a.next(env)); err != nil {
			t.Errorf("with another password: AnswerChallenge() = %v", err)
		}
	}, func(s *auth.Settings) { s.Limits.Factor.Count = 3 })
}

// The row of wrong codes ends with the factors that it was about: who lost a phone and
// was helped by the operator begins anew.
func TestAnotherAppBeginsARowAnew(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := withApp(t, env, ann).login
		codesLookedAt(env, 40, 25*time.Hour, func() error {
			_, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), "000000")
			return err
		})
		codesLookedAt(env, 40, 25*time.Hour, func() error {
			login = refreshed(t, env, login)
			return wrongWithin(env, login)
		})
		if err := resetFactors(t.Context(), env, authtest.Operator(), login.User.ID, auth.ResetAllFactors); err != nil {
			t.Fatal(err)
		}
		a := addApp(t, env, env.LogIn(ann))
		outcome, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), a.next(env))
		if err != nil {
			t.Fatalf("with another app: AnswerChallenge() = %v", err)
		}
		if _, err := env.Reauthenticate(t.Context(), env.As(outcome.AccessToken), auth.ReauthenticateInput{TotpCode: ptr(a.next(env))}); err != nil {
			t.Errorf("with another app: Reauthenticate() = %v", err)
		}
	}, threeCodes)
}

// reproved logs in with a recovery code.
func reproved(t *testing.T, env *authtest.Env, a *app) *auth.Login {
	t.Helper()
	outcome, err := recoverBy(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), a.codes[0])
	if err != nil {
		t.Fatalf("AnswerChallenge() = %v", err)
	}
	return outcome.Login
}
