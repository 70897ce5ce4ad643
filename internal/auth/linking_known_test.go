package auth_test

import (
	"slices"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/oidctest"
)

// Rows 8 and 13: the owner of the address logs in as before, and then links.
func TestAnAddressThatIsTakenIsOfferedForLinking(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		owner := env.Account("ann@example.org")
		mallory := env.Account("mallory@example.org")
		outcome, err := env.By(at, oidctest.Ann())
		offer := offered(t, "row 8", outcome, err)
		if *offer.Email != "ann@example.org" || offer.ExpiresIn != 900 || !slices.Equal(offer.Methods, []auth.ProofKind{auth.ByPassword, auth.ByEmailCode}) || offer.Providers == nil {
			t.Errorf("the offer is %+v", offer)
		}
		if n := env.Store.Identity.Query().CountX(t.Context()); n != 0 {
			t.Fatalf("%d identities were linked without their owner", n)
		}
		_, err = env.LinkIdentity(t.Context(), env.As(mallory.AccessToken), auth.LinkIdentityInput{Token: &offer.Token})
		authtest.Refused(t, "the offer in another account", err, auth.InvalidToken, "token")
		letters := env.Caused(func() {
			if _, err = env.LinkIdentity(t.Context(), env.As(owner.AccessToken), auth.LinkIdentityInput{Token: &offer.Token}); err != nil {
				t.Errorf("LinkIdentity() = %v", err)
			}
		})
		notices(t, "row 13", letters, "identity_linked to ann@example.org")
		_, err = env.LinkIdentity(t.Context(), env.As(owner.AccessToken), auth.LinkIdentityInput{Token: &offer.Token})
		authtest.Refused(t, "the offer once more", err, auth.InvalidToken, "token")
		if back := env.LoggedInBy(at, oidctest.Ann()); back.User.ID != owner.User.ID || back.Created {
			t.Errorf("it logs in to %v", back.User.ID)
		}
		second := oidctest.Ann()
		second.Subject = "ann-2"
		outcome, err = env.By(at, second)
		late := offered(t, "row 8 once more", outcome, err)
		if !slices.Contains(late.Methods, auth.ByProvider) || !slices.Equal(late.Providers, []string{"corp"}) {
			t.Errorf("the offer is %+v", late)
		}
		if _, err := reset(env, requestReset(t, env, "ann@example.org"), newPassword); err != nil {
			t.Fatal(err)
		}
		login, err := logIn(env, "ann@example.org", newPassword)
		if err != nil {
			t.Fatal(err)
		}
		_, err = env.LinkIdentity(t.Context(), env.As(login.AccessToken), auth.LinkIdentityInput{Token: &late.Token})
		authtest.Refused(t, "an offer from before a reset", err, auth.InvalidToken, "token")
	}, nil)
}

// Row 9: the authority links at once, and never spares the second factor.
func TestTheAuthorityLinksByAddress(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		owner := env.Account("ann@example.org")
		letters := env.Caused(func() {
			if got := env.LoggedInBy(at, oidctest.Ann()); got.User.ID != owner.User.ID || got.Created {
				t.Errorf("row 9 logs in to %v", got.User.ID)
			}
		})
		notices(t, "row 9", letters, "identity_linked to ann@example.org")
		alive(t, env, "the owner's session", owner)
		careful := withApp(t, env, "cea@example.org")
		trusting := trusting(t, env, careful, "cea@example.org")
		cea := oidctest.Person{Subject: "cea", Email: "cea@example.org", Verified: true}
		at.Login(cea)
		outcome, err := env.LoginWithProvider(t.Context(), trusting, auth.LoginWithProviderInput{Answer: env.Visited(at).Answer()})
		if err != nil || outcome.Challenge == nil || outcome.Login != nil || outcome.Identity != nil {
			t.Errorf("linking by address in a trusted browser = %+v, %v, want a challenge", outcome, err)
		}
	}, authority, trust30Days)
}

// Rows 10 to 12: in a session any identity can be linked that opens no other account.
func TestLinkIdentity(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		owner, other := env.Account("cea@example.org"), env.Account("ann@example.org")
		letters := env.Caused(func() {
			done, err := env.Linked(at, owner, oidctest.Ann()) // its address is another's: row 10
			if err != nil || done.Identity.Subject != "ann-1" || *done.User.Email != "cea@example.org" {
				t.Fatalf("LinkIdentity() = %+v, %v", done, err)
			}
		})
		notices(t, "row 10", letters, "identity_linked to cea@example.org")
		letters = env.Caused(func() {
			if _, err := env.Linked(at, owner, oidctest.Ann()); err != nil { // row 11
				t.Errorf("once more: %v", err)
			}
		})
		notices(t, "row 11", letters)
		trail := env.Recorded(other.User.ID, func() {
			_, err := env.Linked(at, other, oidctest.Ann()) // row 12
			authtest.Refused(t, "row 12", err, auth.IdentityTaken)
		})
		if !slices.Contains(trail, "identity_conflict IDENTITY_TAKEN session") {
			t.Errorf("row 12 records %q", trail)
		}
		if got := env.LoggedInBy(at, oidctest.Ann()); got.User.ID != owner.User.ID {
			t.Errorf("it logs in to %v", got.User.ID)
		}
		_, err := env.LinkIdentity(t.Context(), env.As(owner.AccessToken), auth.LinkIdentityInput{})
		authtest.Refused(t, "nothing given", err, auth.Required, "answer")
		_, err = env.LinkIdentity(t.Context(), env.As(owner.AccessToken), auth.LinkIdentityInput{Token: ptr("x"), Answer: &auth.ProviderAnswerInput{Code: "x", Verifier: "x"}})
		authtest.Refused(t, "two given", err, auth.Invalid, "token")
	}, nil)
}

// Row 15: where no accounts are made, identities that are known log in, and an
// address still links.
func TestNoAccountsAreMade(t *testing.T) {
	closed := with(func(o *oidc.Options) { o.NoSignUp, o.Authority = true, []string{"example.org"} })
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		_, err := env.By(at, oidctest.Ann())
		authtest.Refused(t, "SIGN_UP=false", err, auth.NoAccount)
		owner := env.Account("ann@example.org")
		if got := env.LoggedInBy(at, oidctest.Ann()); got.User.ID != owner.User.ID {
			t.Errorf("row 9 without sign-ups: %v", got.User.ID)
		}
		env.LoggedInBy(at, oidctest.Ann())
	}, closed)
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		_, err := env.By(at, oidctest.Ann())
		authtest.Refused(t, "AUTHGRAPH_SIGN_UP=closed", err, auth.NoAccount)
		if n := env.Store.User.Query().CountX(t.Context()); n != 0 {
			t.Errorf("%d accounts were made", n)
		}
	}, authority, func(s *auth.Settings) { s.SignUps = false })
	only := with(func(o *oidc.Options) { o.OnlyDomains = []string{"example.com"} })
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		inside := oidctest.Ann()
		inside.Email = "ann@EXAMPLE.com"
		env.Account("ann@example.org")
		for what, person := range map[string]oidctest.Person{"another domain": oidctest.Ann(), "no address": bea(), "not vouched": {Subject: "x", Email: "x@example.com", Verified: false}} {
			_, err := env.By(at, person)
			authtest.Refused(t, what, err, auth.NoAccount)
		}
		env.LoggedInBy(at, inside)
	}, only)
}
