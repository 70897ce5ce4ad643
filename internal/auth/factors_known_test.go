package auth_test

import (
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// A browser in which the second factor is switched on again, or in which it is
// proved, is known from then on: strangers do not shut its owner out.
func TestABrowserThatProvesTheFactorIsKnown(t *testing.T) {
	ways := map[string]func(t *testing.T, env *authtest.Env, a *app, c auth.Caller){
		"setSecondFactor": func(t *testing.T, env *authtest.Env, _ *app, c auth.Caller) {
			if _, err := env.SetSecondFactor(t.Context(), c, auth.SetSecondFactorInput{Enabled: true}); err != nil {
				t.Fatal(err)
			}
		},
		"reauthenticate under a policy": func(t *testing.T, env *authtest.Env, a *app, c auth.Caller) {
			strict := env.Replica(env.Store, func(s *auth.Settings) {
				s.SecondFactor, s.Limits.Factor.Count = auth.SecondFactorRequired, 2
			})
			code := a.next(env)
			if _, err := strict.Reauthenticate(t.Context(), c, auth.ReauthenticateInput{TotpCode: &code}); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, switchOn := range ways {
		t.Run(name, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				a := withApp(t, env, ann)
				c := env.As(a.login.AccessToken)
				if _, err := env.SetSecondFactor(t.Context(), c, auth.SetSecondFactorInput{}); err != nil {
					t.Fatal(err)
				}
				env.Clock.Turn(time.Minute)
				c = env.As(a.login.AccessToken)
				switchOn(t, env, a, c)
				for range 2 {
					_, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), "000000")
					authtest.Refused(t, "a stranger's wrong code", err, auth.InvalidCode, "totpCode")
				}
				_, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), a.next(env))
				authtest.Refused(t, "a stranger's browser", err, auth.RateLimited)
				known := returning(c)
				if _, err := answer(env, known, challenged(t, env, known, ann), a.next(env)); err != nil {
					t.Errorf("in that browser: AnswerChallenge() = %v", err)
				}
			}, func(s *auth.Settings) { s.Limits.Factor.Count = 2 })
		})
	}
}
