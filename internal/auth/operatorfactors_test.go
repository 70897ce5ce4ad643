package auth_test

import (
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// An account with a username, a passkey and nothing else keeps it, unless the operator
// insists.
func TestResetFactorsKeepsTheLastWayIn(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		key := authtest.NewPasskey()
		outcome, err := signUpBy(env, authtest.Anyone(), key.Create(beginSignUp(t, env, auth.StartPasskeySignUpInput{Username: ptr("annie")})))
		if err != nil {
			t.Fatal(err)
		}
		for _, which := range []auth.FactorReset{auth.ResetAllFactors, auth.ResetPasskeys} {
			authtest.Refused(t, "ResetFactors()", resetFactors(t.Context(), env, authtest.Operator(), outcome.User.ID, which), auth.LastWayIn)
		}
		alive(t, env, "the session", outcome.Login)
		touched(t, env, key)
		if removed, err := env.ResetFactors(t.Context(), authtest.Operator(), outcome.User.ID, auth.ResetAllFactors, true); err != nil || !removed {
			t.Errorf("forced: ResetFactors() = %v, %v", removed, err)
		}
		_, err = touch(env, authtest.Anyone(), key.Get(started(t, env)))
		authtest.Refused(t, "the passkey", err, auth.InvalidCredentials, "passkey")

		_, login := withPasskey(t, env, ann) // has a password, and an address
		if err := resetFactors(t.Context(), env, authtest.Operator(), login.User.ID, auth.ResetPasskeys); err != nil {
			t.Errorf("an account with another way in: ResetFactors() = %v", err)
		}
	})
}

// Where there is nothing to remove, nothing happens.
func TestResetFactorsOfAnAccountWithoutAny(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account(ann)
		letters := env.Caused(func() {
			recorded := env.Recorded(login.User.ID, func() {
				for _, which := range []auth.FactorReset{auth.ResetAllFactors, auth.ResetTotps, auth.ResetPasskeys, auth.ResetRecoveryCodes} {
					if removed, err := env.ResetFactors(t.Context(), authtest.Operator(), login.User.ID, which, false); removed || err != nil {
						t.Errorf("ResetFactors(%s) = %v, %v", which, removed, err)
					}
				}
			})
			if len(recorded) > 0 {
				t.Errorf("recorded %q", recorded)
			}
		})
		notices(t, "nothing to remove", letters)
		alive(t, env, "the session", login)
		addApp(t, env, login)
		if removed, err := env.ResetFactors(t.Context(), authtest.Operator(), login.User.ID, auth.ResetPasskeys, false); removed || err != nil {
			t.Errorf("passkeys of an account with an app: ResetFactors() = %v, %v", removed, err)
		}
	})
}
