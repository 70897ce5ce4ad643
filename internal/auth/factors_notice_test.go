package auth_test

import (
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// F25: each of these is told of once, and nothing else is. No notice holds a token.
func TestEachChangeOfFactorsIsToldOfOnce(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		var a, spare *app
		login, owner := env.Account(ann), authtest.Operator()
		c := func() auth.Caller { return env.As(login.AccessToken) }
		set := func(on bool) error {
			_, err := env.SetSecondFactor(t.Context(), c(), auth.SetSecondFactorInput{Enabled: on})
			return err
		}
		remove := func(which *app) error {
			_, err := env.RemoveFactor(t.Context(), c(), auth.RemoveFactorInput{ID: which.id})
			return err
		}
		for _, step := range []struct {
			what, letter string
			do           func() error
		}{
			{"the first app", "factor_added", func() error { a = addApp(t, env, login); return nil }},
			{"a second app", "factor_added", func() error { spare = addApp(t, env, login); return nil }},
			{"a login", "", func() error { login = twoSteps(t, env, a, ann); return nil }},
			{"another name", "", func() error {
				_, err := env.RenameFactor(t.Context(), c(), auth.RenameFactorInput{ID: a.id, Name: "old"})
				return err
			}},
			{"new codes", "recovery_codes_made", func() (err error) {
				a.codes, err = env.MakeRecoveryCodes(t.Context(), c())
				return err
			}},
			{"a code at login", "recovery_code_used", func() error { login = reproved(t, env, a); return nil }},
			{"a code within a session", "recovery_code_used", func() error {
				_, err := env.Reauthenticate(t.Context(), c(), auth.ReauthenticateInput{RecoveryCode: &a.codes[1]})
				return err
			}},
			{"the second app goes", "factor_removed", func() error { return remove(spare) }},
			{"off", "factor_removed", func() error { return set(false) }},
			{"off again", "", func() error { return set(false) }},
			{"on", "factor_added", func() error { return set(true) }},
			{"on again", "", func() error { return set(true) }},
			{"the last app goes", "factor_removed", func() error { return remove(a) }},
			{"an app again", "factor_added", func() error { a = addApp(t, env, login); return nil }},
			{"the operator voids the codes", "factors_reset", func() error {
				return resetFactors(t.Context(), env, owner, login.User.ID, auth.ResetRecoveryCodes)
			}},
			{"the operator removes all", "factors_reset", func() error {
				return resetFactors(t.Context(), env, owner, login.User.ID, auth.ResetAllFactors)
			}},
		} {
			letters := env.Caused(func() {
				if err := step.do(); err != nil {
					t.Fatalf("%s: %v", step.what, err)
				}
			})
			if step.letter == "" {
				notices(t, step.what, letters)
				continue
			}
			notices(t, step.what, letters, step.letter+" to "+ann)
		}
	})
}
