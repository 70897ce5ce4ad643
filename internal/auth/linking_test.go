package auth_test

import (
	"slices"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/oidctest"
)

// authority makes corp the authority for example.org.
var authority = with(func(o *oidc.Options) { o.Authority = []string{"example.org"} })

// pending has all addresses of corp confirmed by us.
var pending = with(func(o *oidc.Options) { o.Email = oidc.EmailPending })

// unvouched is Ann as a provider knows her that has not verified her address.
func unvouched() oidctest.Person {
	ann := oidctest.Ann()
	ann.Verified = false
	return ann
}

func identitiesOf(t testing.TB, env *authtest.Env, login *auth.Login) []auth.Identity {
	t.Helper()
	list, err := env.Identities(t.Context(), login.User)
	if err != nil {
		t.Fatalf("Identities() = %v", err)
	}
	return list
}

func offered(t testing.TB, what string, outcome *auth.ProviderOutcome, err error) *auth.LinkOffer {
	t.Helper()
	if err != nil || outcome.Link == nil || outcome.Login != nil {
		t.Fatalf("%s: LoginWithProvider() = %+v, %v, want an offer to link", what, outcome, err)
	}
	return outcome.Link
}

// Row 1: a known identity logs in, and what the provider says of its address later
// touches nothing.
func TestAKnownIdentityLogsIn(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		first := env.LoggedInBy(at, oidctest.Ann())
		victim := env.Account("victim@example.org")
		moved := oidctest.Ann()
		moved.Email = "victim@example.org"
		again := env.LoggedInBy(at, moved)
		if again.User.ID != first.User.ID || *again.User.Email != "ann@example.org" {
			t.Errorf("the second login is to %v with %s", again.User.ID, *again.User.Email)
		}
		if shown := identitiesOf(t, env, first.Login)[0]; *shown.Email != "victim@example.org" {
			t.Errorf("the identity shows %s, want what the provider said last", *shown.Email)
		}
		alive(t, env, "the account of that address", victim)
		if err := env.DisableAccount(t.Context(), authtest.Operator(), first.User.ID); err != nil {
			t.Fatal(err)
		}
		_, err := env.By(at, oidctest.Ann())
		authtest.Refused(t, "a disabled account", err, auth.Disabled)
	}, authority)
}

// Rows 2 and 3: after a reset an identity must be linked again, unless the authority
// for the account's address says who it is.
func TestAResetSuspendsIdentities(t *testing.T) {
	suspended := func(change func(*[]oidc.Options, *oidctest.Provider), test func(t *testing.T, env *authtest.Env, at *oidctest.Provider, owner *auth.Login)) {
		authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
			owner := env.Account("ann@example.org")
			if _, err := env.Linked(at, owner, oidctest.Ann()); err != nil {
				t.Fatal(err)
			}
			outcome, err := reset(env, requestReset(t, env, "ann@example.org"), newPassword)
			if err != nil {
				t.Fatal(err)
			}
			if list := identitiesOf(t, env, outcome.Login); len(list) != 1 || list[0].Active {
				t.Fatalf("after a reset: %+v, want one that is not active", list)
			}
			l := env.Letters("ann@example.org")
			if last := l[len(l)-1]; last.Name != mail.PasswordReset || last.Content.Providers != "corp" {
				t.Errorf("the letter %s tells of %q", last.Name, last.Content.Providers)
			}
			test(t, env, at, outcome.Login)
		}, change)
	}
	suspended(authority, func(t *testing.T, env *authtest.Env, at *oidctest.Provider, owner *auth.Login) { // row 2
		letters := env.Caused(func() {
			if back := env.LoggedInBy(at, oidctest.Ann()); back.User.ID != owner.User.ID || !back.Identity.Active {
				t.Errorf("the authority logs in to %v", back.User.ID)
			}
		})
		notices(t, "the authority's word", letters, "identity_linked to ann@example.org")
	})
	suspended(nil, func(t *testing.T, env *authtest.Env, at *oidctest.Provider, owner *auth.Login) { // row 3
		outcome, err := env.By(at, oidctest.Ann())
		offer := offered(t, "vouched and equal", outcome, err)
		if offer.Email == nil || *offer.Email != "ann@example.org" || !slices.Equal(offer.Methods, []auth.ProofKind{auth.ByPassword, auth.ByEmailCode}) {
			t.Errorf("the offer %+v does not say how the account is opened", offer)
		}
		outcome, err = env.By(at, unvouched())
		silent := offered(t, "not vouched", outcome, err)
		if silent.Email != nil || len(silent.Methods) > 0 || len(silent.Providers) > 0 {
			t.Errorf("the offer %+v tells of the account", silent)
		}
		done, err := env.LinkIdentity(t.Context(), env.As(owner.AccessToken), auth.LinkIdentityInput{Token: &silent.Token})
		if err != nil || !done.Identity.Active {
			t.Errorf("LinkIdentity() = %+v, %v", done, err)
		}
		if back := env.LoggedInBy(at, oidctest.Ann()); back.User.ID != owner.User.ID {
			t.Errorf("after it was linked again, it logs in to %v", back.User.ID)
		}
	})
}

// Row 4: without an address, or with one that is not used, the account has none.
func TestAnAccountWithoutAnAddress(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		for _, person := range []oidctest.Person{bea(), {Subject: "cea", Email: "no address", Verified: true}} {
			outcome := env.LoggedInBy(at, person)
			if u := outcome.User; u.Email != nil || u.PendingEmail != nil || u.ConfirmedAt == nil || u.PasswordHash != nil {
				t.Errorf("%s: the account is %+v", person.Subject, u)
			}
		}
	}, nil)
	never := with(func(o *oidc.Options) { o.Email, o.Authority = oidc.EmailNever, []string{"example.org"} })
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		env.Account("ann@example.org")
		outcome := env.LoggedInBy(at, oidctest.Ann())
		if !outcome.Created || outcome.User.Email != nil || outcome.User.PendingEmail != nil {
			t.Errorf("EMAIL=never: %+v", outcome.User)
		}
	}, never)
}

// Row 5: an address that nobody vouches for is pending, as one typed into a form. The
// answer does not tell whether it is taken.
func TestAnAddressThatNobodyVouchesFor(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		letters := env.Caused(func() {
			outcome := env.LoggedInBy(at, unvouched())
			if u := outcome.User; u.Email != nil || u.PendingEmail == nil || *u.PendingEmail != "ann@example.org" || u.ConfirmedAt != nil {
				t.Errorf("the account is %+v", u)
			}
			token := env.Token(mail.ChangeEmail, "ann@example.org")
			_, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: token})
			authtest.Refused(t, "the letter in another browser", err, auth.Unauthenticated)
			confirmed, err := env.Confirm(t.Context(), env.As(outcome.AccessToken), auth.ConfirmInput{Token: token})
			if err != nil || *confirmed.User.Email != "ann@example.org" || confirmed.User.ConfirmedAt == nil {
				t.Fatalf("Confirm() = %+v, %v", confirmed, err)
			}
			alive(t, env, "the session that confirmed", outcome.Login)
		})
		notices(t, "a free address", letters, "change_email to ann@example.org")
		taken := unvouched()
		taken.Subject = "another"
		letters = env.Caused(func() {
			outcome := env.LoggedInBy(at, taken)
			if u := outcome.User; u.Email != nil || *u.PendingEmail != "ann@example.org" || u.ConfirmedAt != nil {
				t.Errorf("the account is %+v", u)
			}
		})
		notices(t, "a taken address", letters, "already_registered to ann@example.org")
	}, nil)
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		if u := env.LoggedInBy(at, oidctest.Ann()).User; u.Email != nil || *u.PendingEmail != "ann@example.org" {
			t.Errorf("EMAIL=pending: the account is %+v", u)
		}
	}, pending)
}

// Row 6: the provider's word gives the address, but nobody has proved the mailbox to
// us. Its owner can have it confirmed.
func TestAnAddressThatTheProviderVouchesFor(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		waiting := signedUp(t, env, "ann@example.org", authtest.Password)
		var made *auth.ProviderOutcome
		letters := env.Caused(func() { made = env.LoggedInBy(at, oidctest.Ann()) })
		notices(t, "row 6", letters, "signed_up to ann@example.org")
		if u := made.User; *u.Email != "ann@example.org" || u.ConfirmedAt != nil || u.PendingEmail != nil {
			t.Errorf("the account is %+v", u)
		}
		_, err := confirm(env, waiting, authtest.Password)
		authtest.Refused(t, "a sign-up that waited", err, auth.InvalidToken, "token")

		if _, err := env.UpdateAccount(t.Context(), env.As(made.AccessToken), auth.UpdateAccountInput{Email: ptr("ann@example.org")}); err != nil {
			t.Fatalf("UpdateAccount() = %v", err)
		}
		outcome, err := env.Confirm(t.Context(), env.As(made.AccessToken), auth.ConfirmInput{Token: env.Token(mail.ChangeEmail, "ann@example.org")})
		if err != nil || outcome.User.ConfirmedAt == nil || *outcome.User.Email != "ann@example.org" {
			t.Fatalf("Confirm() = %+v, %v", outcome, err)
		}
		if list := identitiesOf(t, env, made.Login); len(list) != 1 || !list[0].Active {
			t.Errorf("after its owner has confirmed: %+v", list)
		}
	}, nil)
}

// Row 7: the authority for an address gives it, confirmed.
func TestTheAuthorityGivesAnAddress(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		waiting := signedUp(t, env, "ann@example.org", authtest.Password)
		letters := env.Caused(func() {
			if u := env.LoggedInBy(at, oidctest.Ann()).User; *u.Email != "ann@example.org" || u.ConfirmedAt == nil {
				t.Errorf("the account is %+v", u)
			}
		})
		notices(t, "row 7", letters, "signed_up to ann@example.org")
		_, err := confirm(env, waiting, authtest.Password)
		authtest.Refused(t, "a sign-up that waited", err, auth.InvalidToken, "token")
		other := oidctest.Ann()
		other.Subject, other.Email = "b", "bob@elsewhere.test"
		if u := env.LoggedInBy(at, other).User; u.ConfirmedAt != nil {
			t.Error("an address of another domain counts as confirmed")
		}
	}, authority)
}
