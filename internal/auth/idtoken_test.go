package auth_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/oidctest"
)

// byToken logs in with an ID token.
func byToken(env *authtest.Env, t *testing.T, token, nonce string) (*auth.ProviderOutcome, error) {
	t.Helper()
	return env.LoginWithProvider(t.Context(), authtest.Anyone(), auth.LoginWithProviderInput{IDToken: &auth.IDTokenInput{Provider: "corp", IDToken: token, Nonce: nonce}})
}

func nonceFor(t *testing.T, env *authtest.Env, c auth.Caller, what auth.ProviderPurpose) string {
	t.Helper()
	nonce, err := env.StartIDToken(t.Context(), c, auth.StartIDTokenInput{Provider: "corp", Purpose: what})
	if err != nil {
		t.Fatalf("StartIDToken() = %v", err)
	}
	return *nonce
}

// O18: an ID token logs in once, with a nonce of ours, for what it was asked for.
func TestAttackIDTokenReplayed(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		person := bea()
		nonce := nonceFor(t, env, authtest.Anyone(), auth.ToLogIn)
		token := at.IDToken(person, oidctest.ClientID, nonce)
		made, err := byToken(env, t, token, nonce)
		if err != nil || made.Login == nil {
			t.Fatalf("LoginWithProvider() = %+v, %v", made, err)
		}
		refused := func(what, token, nonce string) {
			t.Helper()
			_, err := byToken(env, t, token, nonce)
			authtest.Refused(t, what, err, auth.InvalidToken, "idToken", "nonce")
		}
		refused("the same token again", token, nonce)
		refused("another token with the same nonce", at.IDToken(oidctest.Ann(), oidctest.ClientID, nonce), nonce)
		refused("a nonce that the client has made", at.IDToken(person, oidctest.ClientID, "mine"), "mine")
		c := env.As(made.AccessToken)
		for _, what := range []auth.ProviderPurpose{auth.ToLink, auth.ToReauthenticate} {
			nonce := nonceFor(t, env, c, what)
			refused("a nonce for "+string(what), at.IDToken(person, oidctest.ClientID, nonce), nonce)
		}
		other := env.Account("other@example.org")
		nonce = nonceFor(t, env, c, auth.ToLink)
		in := &auth.IDTokenInput{Provider: "corp", IDToken: at.IDToken(oidctest.Ann(), oidctest.ClientID, nonce), Nonce: nonce}
		_, err = env.LinkIdentity(t.Context(), env.As(other.AccessToken), auth.LinkIdentityInput{IDToken: in})
		authtest.Refused(t, "a nonce of another session", err, auth.InvalidToken, "idToken", "nonce")
		late := nonceFor(t, env, authtest.Anyone(), auth.ToLogIn)
		env.Clock.Turn(10*time.Minute + time.Second)
		refused("a nonce of eleven minutes ago", at.IDToken(person, oidctest.ClientID, late), late)
	}, with(func(o *oidc.Options) { o.IDTokens = true }))
}

// Without a nonce in it, a token still logs in once.
func TestAttackIDTokenWithoutANonce(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		token := at.IDToken(bea(), oidctest.ClientID, "")
		if _, err := byToken(env, t, token, nonceFor(t, env, authtest.Anyone(), auth.ToLogIn)); err != nil {
			t.Fatal(err)
		}
		_, err := byToken(env, t, token, nonceFor(t, env, authtest.Anyone(), auth.ToLogIn))
		authtest.Refused(t, "the same token with another nonce", err, auth.InvalidToken, "idToken", "nonce")
	}, with(func(o *oidc.Options) { o.IDTokens, o.NonceOptional = true, true }))
}

// O23: junk from one place ends, and does not trouble the provider.
func TestAttackJunkFromOnePlace(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		limited := 0
		for i := range 60 {
			nonce := nonceFor(t, env, authtest.Stranger(fmt.Sprintf("198.51.100.%d", i)), auth.ToLogIn)
			_, err := byToken(env, t, oidctest.NewKey("ES256", "unknown").Sign(at.Claims(bea(), oidctest.ClientID, nonce), nil), nonce)
			switch {
			case is(err, auth.RateLimited):
				limited++
			case !is(err, auth.ProviderFailed):
				t.Fatalf("junk = %v", err)
			}
		}
		if n := at.Count("/jwks"); n > 2 || limited < 10 {
			t.Errorf("%d requests for keys, %d attempts were limited", n, limited)
		}
	}, with(func(o *oidc.Options) { o.IDTokens = true }), func(s *auth.Settings) { s.Limits.Login.Count = 4 })
}
