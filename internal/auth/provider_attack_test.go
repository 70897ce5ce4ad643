package auth_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/oidctest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// The rows O01 to O13 and O24 of the threats about providers.

// by presents a visit's code, as a front end with its own verifier does.
func by(env *authtest.Env, v *authtest.Visit, verifier string) (*auth.ProviderOutcome, error) {
	return env.LoginWithProvider(context.Background(), authtest.Anyone(), auth.LoginWithProviderInput{Answer: &auth.ProviderAnswerInput{Code: v.Code, Verifier: verifier}})
}

// loaded is the second provider of a scene.
func loaded(t *testing.T, from *sync.Map, at *oidctest.Provider) *oidctest.Provider {
	t.Helper()
	second, ok := from.Load(at)
	if !ok {
		t.Fatal("there is no second provider")
	}
	return second.(*oidctest.Provider)
}

// O01: whoever is called the same elsewhere is somebody else.
func TestAttackAnotherIssuerWithTheSameSubject(t *testing.T) {
	var others sync.Map // by corp: both databases are tried at once
	two := func(list *[]oidc.Options, at *oidctest.Provider) {
		other := oidctest.New(at.Now)
		others.Store(at, other)
		second := authtest.Corp(other)
		second.ID = "other"
		*list = append(*list, second)
	}
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		other := loaded(t, &others, at)
		defer other.Close()
		first := env.LoggedInBy(at, bea())
		other.Login(bea())
		v, err := env.TryBegin(authtest.Anyone(), auth.StartProviderLoginInput{Provider: "other", ReturnURL: authtest.ReturnURL})
		if err != nil {
			t.Fatal(err)
		}
		env.Open(v)
		v.Came, _ = other.Authorize(v.To)
		if err := env.Take(v, "other"); err != nil {
			t.Fatal(err)
		}
		second, err := by(env, v, v.Verifier)
		if err != nil || second.User.ID == first.User.ID {
			t.Errorf("another issuer logs in to %+v, %v", second, err)
		}
	}, two)
}

// O03: a word that is not exactly true is no word.
func TestAttackAlmostVerified(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		for i, word := range []any{nil, false, "true", 1, map[string]bool{"true": true}} {
			person := oidctest.Ann()
			person.Subject, person.Verified = person.Subject+string(rune('a'+i)), word
			if u := env.LoggedInBy(at, person).User; u.Email != nil || u.PendingEmail == nil {
				t.Errorf("email_verified %v gives the address", word)
			}
		}
	}, authority)
}

// O04: what was prepared for the victim's address opens nothing once the victim came.
func TestAttackPreparedForTheVictim(t *testing.T) {
	for name, change := range map[string]func(*[]oidc.Options, *oidctest.Provider){"vouched": nil, "authority": authority} {
		t.Run(name, func(t *testing.T) {
			authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
				signUpToken := signedUp(t, env, "ann@example.org", "the attacker's password")
				mallory := env.Account("mallory@example.org")
				changeToken := changeAddress(t, env, mallory, "ann@example.org")
				victim := env.LoggedInBy(at, oidctest.Ann())
				_, err := confirm(env, signUpToken, "the attacker's password")
				authtest.Refused(t, "the prepared sign-up", err, auth.InvalidToken, "token")
				_, err = env.Confirm(t.Context(), env.As(mallory.AccessToken), auth.ConfirmInput{Token: changeToken})
				authtest.Refused(t, "the prepared change", err, auth.InvalidToken, "token")
				_, err = logIn(env, "ann@example.org", "the attacker's password")
				authtest.Refused(t, "the prepared password", err, auth.InvalidCredentials)
				if n := env.Store.User.Query().CountX(t.Context()); n != 2 || *victim.User.Email != "ann@example.org" {
					t.Errorf("%d accounts, the victim's with %v", n, victim.User.Email)
				}
			}, change)
		})
	}
}

// O05: who once had an address squats on it at a provider. Whoever has its mailbox now
// takes the account, by a reset or by the authority for it.
func TestAttackStaleAddress(t *testing.T) {
	squat := func(t *testing.T, env *authtest.Env, at *oidctest.Provider) (*auth.ProviderOutcome, string) {
		t.Helper()
		squatter := env.LoggedInBy(at, oidctest.Ann())
		addApp(t, env, squatter.Login)
		key := authtest.NewPasskey()
		addPasskey(t, env, squatter.Login, key, auth.ConfirmPasskeyInput{})
		api := issue(t, env, squatter.Login, auth.IssueAPITokenInput{Name: "all", Scopes: env.APITokenScopes()}).Secret
		return squatter, api
	}
	gone := func(t *testing.T, env *authtest.Env, squatter *auth.ProviderOutcome, api string, owner *auth.Login) {
		t.Helper()
		if owner == nil || owner.User.ID != squatter.User.ID || owner.User.SecondFactor || owner.User.ConfirmedAt == nil {
			t.Fatalf("the owner's login is %+v", owner)
		}
		dead(t, env, "the squatter's session", squatter.Login)
		if c := env.As(api); !c.Anonymous() {
			t.Error("the squatter's API token works")
		}
		if factors, err := env.Factors(t.Context(), owner.User); err != nil || len(factors) > 0 {
			t.Errorf("the squatter's factors: %v, %v", factors, err)
		}
	}
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		squatter, api := squat(t, env, at)
		letters := env.Caused(func() {
			if err := signUp(env, authtest.Anyone(), "ann@example.org", authtest.Password); err != nil {
				t.Fatal(err)
			}
		})
		notices(t, "the owner signs up", letters, "already_registered to ann@example.org")
		outcome, err := reset(env, requestReset(t, env, "ann@example.org"), newPassword)
		if err != nil {
			t.Fatal(err)
		}
		gone(t, env, squatter, api, outcome.Login)
		if list := identitiesOf(t, env, outcome.Login); len(list) > 0 {
			t.Errorf("the squatter's identities: %+v", list)
		}
		back, err := env.By(at, oidctest.Ann())
		if offer := offered(t, "the squatter comes back", back, err); !slices.Equal(offer.Methods, []auth.ProofKind{auth.ByPassword, auth.ByEmailCode}) {
			t.Errorf("he is offered %+v", offer)
		}
	}, nil)
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		squatter, api := squat(t, env, at)
		outcome, err := byCode(env, askCode(t, env, "ann@example.org"), env.Token(mail.LoginCode, "ann@example.org"))
		if err != nil {
			t.Fatal(err)
		}
		gone(t, env, squatter, api, outcome.Login)
		if list := identitiesOf(t, env, outcome.Login); len(list) > 0 {
			t.Errorf("after a code from an e-mail, the squatter's identities: %+v", list)
		}
	}, nil)
	var companies sync.Map // by corp: both databases are tried at once
	both := func(list *[]oidc.Options, at *oidctest.Provider) {
		company := oidctest.New(at.Now)
		companies.Store(at, company)
		second := authtest.Corp(company)
		second.ID, second.Authority = "company", []string{"example.org"}
		*list = append(*list, second)
	}
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		company := loaded(t, &companies, at)
		defer company.Close()
		squatter, api := squat(t, env, at)
		company.Login(oidctest.Person{Subject: "the owner", Email: "ann@example.org", Verified: true})
		v, err := env.TryBegin(authtest.Anyone(), auth.StartProviderLoginInput{Provider: "company", ReturnURL: authtest.ReturnURL})
		if err != nil {
			t.Fatal(err)
		}
		env.Open(v)
		v.Came, _ = company.Authorize(v.To)
		if err := env.Take(v, "company"); err != nil {
			t.Fatal(err)
		}
		outcome, err := by(env, v, v.Verifier)
		if err != nil {
			t.Fatal(err)
		}
		gone(t, env, squatter, api, outcome.Login)
		if list := identitiesOf(t, env, outcome.Login); len(list) != 1 || list[0].Provider != "company" {
			t.Errorf("the identities are %+v", list)
		}
	}, both)
}

// O06: a thief of a session leaves a back door. The owner's reset shuts it.
func TestAttackBackDoor(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		owner := env.Account("ann@example.org")
		letters := env.Caused(func() {
			if _, err := env.Linked(at, owner, oidctest.Person{Subject: "the thief", Email: "thief@example.com", Verified: true}); err != nil {
				t.Fatal(err)
			}
		})
		notices(t, "the link", letters, "identity_linked to ann@example.org")
		if _, err := reset(env, requestReset(t, env, "ann@example.org"), newPassword); err != nil {
			t.Fatal(err)
		}
		outcome, err := env.By(at, oidctest.Person{Subject: "the thief", Email: "thief@example.com", Verified: true})
		if offer := offered(t, "the back door", outcome, err); offer.Email != nil || len(offer.Methods) > 0 {
			t.Errorf("the thief is told %+v", offer)
		}
	}, nil)
}

// O07 and O13: an answer belongs to the browser that began the visit.
func TestAttackAnswerInAnotherBrowser(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		at.Login(oidctest.Person{Subject: "mallory"})
		attacker, victim := env.Begin(authtest.Anyone(), auth.ToLogIn), env.Begin(authtest.Anyone(), auth.ToLogIn)
		came, err := at.Authorize(attacker.To)
		if err != nil {
			t.Fatal(err)
		}
		fresh := *victim
		fresh.Browser, fresh.Came = authtest.Anyone(), came
		authtest.Refused(t, "in a browser without a visit", env.Take(&fresh, "corp"), auth.InvalidToken)
		other := *victim
		other.Came = came
		authtest.Refused(t, "in a browser with one of hers", env.Take(&other, "corp"), auth.InvalidToken)
		planted := *victim // the attacker's cookie under the name of the victim's state
		flows := maps.Clone(victim.Browser.Browser.Flows)
		for suffix, value := range attacker.Browser.Browser.Flows {
			for mine := range flows {
				flows[mine] = value
			}
			_ = suffix
		}
		planted.Browser.Browser = &auth.Browser{Flows: flows}
		planted.Came, _ = at.Authorize(victim.To)
		authtest.Refused(t, "with a planted cookie", env.Take(&planted, "corp"), auth.InvalidToken)
		if n := at.Count("/token"); n != 0 {
			t.Errorf("the provider was asked %d times", n)
		}
		if n := env.Store.UserToken.Query().CountX(t.Context()); n != 0 {
			t.Errorf("%d tokens were stored", n)
		}
	}, nil)
}

// O08: an answer to link belongs to the session that began it.
func TestAttackLinkInAnotherSession(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		victim, mallory := env.Account("ann@example.org"), env.Account("mallory@example.org")
		at.Login(oidctest.Person{Subject: "mallory"})
		his := env.Return(env.Begin(env.As(mallory.AccessToken), auth.ToLink), at)
		hers := env.Return(env.Begin(env.As(victim.AccessToken), auth.ToLink), at)
		second := env.LogIn("ann@example.org")
		for what, one := range map[string]struct {
			login *auth.Login
			visit *authtest.Visit
		}{"his at hers": {victim, his}, "hers at his": {mallory, hers}, "hers in another session of hers": {second, hers}} {
			_, err := env.LinkIdentity(t.Context(), env.As(one.login.AccessToken), auth.LinkIdentityInput{Answer: one.visit.Answer()})
			authtest.Refused(t, what, err, auth.InvalidToken, "answer", "code")
		}
		_, err := by(env, his, his.Verifier)
		authtest.Refused(t, "an answer to link, to log in", err, auth.InvalidToken, "answer", "code")
		_, err = env.Reauthenticate(t.Context(), env.As(victim.AccessToken), auth.ReauthenticateInput{Provider: hers.Answer()})
		authtest.Refused(t, "an answer to link, to prove presence", err, auth.InvalidToken, "provider", "code")
		login := env.Visited(at)
		_, err = env.LinkIdentity(t.Context(), env.As(victim.AccessToken), auth.LinkIdentityInput{Answer: login.Answer()})
		authtest.Refused(t, "an answer to log in, to link", err, auth.InvalidToken, "answer", "code")
		if n := env.Store.Identity.Query().CountX(t.Context()); n != 0 {
			t.Errorf("%d identities are linked", n)
		}
	}, nil)
}

// O10: a code without its verifier is worth nothing, and ten guesses void it.
func TestAttackCodeWithoutItsVerifier(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		at.Login(bea())
		v := env.Visited(at)
		for range 9 {
			_, err := by(env, v, strings.Repeat("a", 43))
			authtest.Refused(t, "a wrong verifier", err, auth.InvalidToken, "answer", "code")
		}
		if _, err := by(env, v, v.Verifier); err != nil {
			t.Errorf("the right verifier after nine wrong ones = %v", err)
		}
		v = env.Visited(at)
		for range 10 {
			_, _ = by(env, v, strings.Repeat("a", 43))
		}
		_, err := by(env, v, v.Verifier)
		authtest.Refused(t, "the right verifier after ten wrong ones", err, auth.InvalidToken, "answer", "code")
		v = env.Visited(at)
		env.Clock.Turn(2*time.Minute + time.Second)
		_, err = by(env, v, v.Verifier)
		authtest.Refused(t, "three minutes later", err, auth.InvalidToken, "answer", "code")
	}, nil)
}

// O11: one answer, twenty times at once.
func TestAttackAnswerReplayed(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		at.Login(bea())
		v := env.Begin(authtest.Anyone(), auth.ToLogIn)
		v.Came, _ = at.Authorize(v.To)
		_, errs := authtest.AtOnce(20, func(int) (string, error) {
			one := *v
			err := env.Take(&one, "corp")
			return one.Code, err
		})
		for _, err := range errs {
			if err != nil {
				t.Errorf("TakeAnswer() = %v", err)
			}
		}
		if n, rows := at.Count("/token"), env.Store.UserToken.Query().CountX(t.Context()); n != 1 || rows != 1 {
			t.Errorf("%d token requests and %d rows, want one each", n, rows)
		}
	}, nil)
}

// O12: one code, fifty times at once, at two replicas.
func TestAttackCodeAtTwoReplicas(t *testing.T) {
	url := storetest.PostgresURL(t)
	env, at := authtest.OnProvider(t, storetest.Open(t, url), nil)
	second := env.Process(storetest.Open(t, url))
	at.Login(bea())
	v := env.Visited(at)
	_, errs := authtest.AtOnce(50, func(i int) (*auth.ProviderOutcome, error) {
		return by([]*authtest.Env{env, second}[i%2], v, v.Verifier)
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !is(err, auth.InvalidToken) {
			t.Errorf("LoginWithProvider() = %v", err)
		}
	}
	if n := env.Store.User.Query().CountX(t.Context()); won != 1 || n != 1 {
		t.Errorf("%d logins and %d accounts, want one each", won, n)
	}
}
