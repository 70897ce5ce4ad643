package auth_test

import (
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// switchedOff is an account with an app that is not asked for, so that its password
// alone begins sessions, and the browser in which the owner switched it off.
func switchedOff(t *testing.T, env *authtest.Env) (*app, auth.Caller) {
	t.Helper()
	a := withApp(t, env, ann)
	c := env.As(a.login.AccessToken)
	if _, err := env.SetSecondFactor(t.Context(), c, auth.SetSecondFactorInput{}); err != nil {
		t.Fatal(err)
	}
	env.Clock.Turn(time.Minute)
	return a, returning(c)
}

// Somebody who knows the password has as many sessions as they like. They guess no
// more codes by that, and shut nobody out who has proved a factor before.
func TestGuessesWithinNewSessionsEnd(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a, owners := switchedOff(t, env)
		guess := func() error { return wrongWithin(env, env.LogIn(ann)) }
		if looked := codesLookedAt(env, 10, time.Second, guess); looked != 15 {
			t.Errorf("%d codes were looked at in a day, want 15", looked)
		}
		looked := 15 + codesLookedAt(env, 120, 25*time.Hour, guess)
		if looked != 100 {
			t.Errorf("%d codes were looked at in a row, want 100", looked)
		}
		in := auth.ReauthenticateInput{TotpCode: ptr(a.next(env))}
		_, err := env.Reauthenticate(t.Context(), env.As(env.LogIn(ann).AccessToken), in)
		authtest.Refused(t, "in a session of a stranger", err, auth.RateLimited)
		c := env.As(env.LogIn(ann).AccessToken)
		c.Browser = owners.Browser
		if _, err := env.Reauthenticate(t.Context(), c, in); err != nil {
			t.Errorf("in the owner's browser: Reauthenticate() = %v", err)
		}
		strong := env.LogIn(ann)
		c = env.As(strong.AccessToken)
		c.Browser = owners.Browser
		if _, err := env.Reauthenticate(t.Context(), c, auth.ReauthenticateInput{TotpCode: ptr(a.next(env))}); err != nil {
			t.Fatal(err)
		}
		if _, err := env.Reauthenticate(t.Context(), env.As(strong.AccessToken), auth.ReauthenticateInput{TotpCode: ptr(a.next(env))}); err != nil {
			t.Errorf("in a session that has proved a factor: Reauthenticate() = %v", err)
		}
	}, threeCodes)
}

// Switching off what is off already makes no browser one that has proved a factor.
func TestNothingChangedProvesNothing(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a, _ := switchedOff(t, env)
		thief := env.As(env.LogIn(ann).AccessToken)
		if _, err := env.SetSecondFactor(t.Context(), thief, auth.SetSecondFactorInput{}); err != nil {
			t.Fatal(err)
		}
		browser := returning(thief).Browser
		codesLookedAt(env, 10, time.Second, func() error { return wrongWithin(env, env.LogIn(ann)) })
		c := env.As(env.LogIn(ann).AccessToken)
		c.Browser = browser
		_, err := env.Reauthenticate(t.Context(), c, auth.ReauthenticateInput{TotpCode: ptr(a.next(env))})
		authtest.Refused(t, "in the browser of a stranger", err, auth.RateLimited)
	}, threeCodes)
}

// Recovery codes cannot be guessed: wrong ones shut neither another session nor what is
// counted of an app.
func TestWrongRecoveryCodesCountBySession(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		stolen, other := twoSteps(t, env, a, ann), twoSteps(t, env, a, ann)
		wrong := func() error {
			_, err := env.Reauthenticate(t.Context(), env.As(stolen.AccessToken), auth.ReauthenticateInput{RecoveryCode: ptr("wrong")})
			return err
		}
		looked := codesLookedAt(env, 40, 16*time.Minute, func() error {
			stolen = refreshed(t, env, stolen)
			return wrong()
		})
		if looked != 120 {
			t.Errorf("%d recovery codes were looked at, want all: they have 120 bits", looked)
		}
		stolen = refreshed(t, env, stolen)
		_ = wrong()
		_ = wrong()
		_ = wrong()
		authtest.Refused(t, "the fourth at once", wrong(), auth.RateLimited)
		other = refreshed(t, env, other)
		for _, in := range []auth.ReauthenticateInput{{RecoveryCode: &a.codes[0]}, {TotpCode: ptr(a.next(env))}} {
			if _, err := env.Reauthenticate(t.Context(), env.As(other.AccessToken), in); err != nil {
				t.Errorf("in another session: Reauthenticate() = %v", err)
			}
		}
	}, threeCodes)
}

// A reset takes from a thief what they guessed with. The owner does not wait for the
// end of their day.
func TestAResetEndsTheDayOfGuessesWithin(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a, _ := switchedOff(t, env)
		codesLookedAt(env, 10, time.Second, func() error { return wrongWithin(env, env.LogIn(ann)) })
		outcome, err := reset(env, requestReset(t, env, ann), newPassword)
		if err != nil {
			t.Fatal(err)
		}
		in := auth.ReauthenticateInput{TotpCode: ptr(a.next(env))}
		if _, err := env.Reauthenticate(t.Context(), env.As(outcome.Login.AccessToken), in); err != nil {
			t.Errorf("after a reset: Reauthenticate() = %v", err)
		}
	}, threeCodes)
}
