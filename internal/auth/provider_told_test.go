package auth_test

import (
	"testing"

	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/oidctest"
)

// What is told of wrong codes after a login with a provider is not of a password, nor of
// a mailbox.
func TestGuessesAfterAProviderAreToldOf(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		a := withApp(t, env, "ann@example.org")
		if _, err := env.Linked(at, a.login, oidctest.Ann()); err != nil {
			t.Fatal(err)
		}
		letters := env.Caused(func() {
			for range 4 {
				outcome, err := env.By(at, oidctest.Ann())
				if err != nil || outcome.Challenge == nil {
					t.Fatalf("LoginWithProvider() = %+v, %v, want a challenge", outcome, err)
				}
				_, _ = answer(env, authtest.Anyone(), outcome.Challenge.Token, "000000")
			}
		})
		notices(t, "wrong codes", letters, "factor_guessed_by_provider to ann@example.org")
	}, nil, threeCodes)
}
