package auth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/oidctest"
)

// with changes the options of corp.
func with(change func(o *oidc.Options)) func(*[]oidc.Options, *oidctest.Provider) {
	return func(list *[]oidc.Options, _ *oidctest.Provider) { change(&(*list)[0]) }
}

// bea is somebody of whom the provider knows no more than the name.
func bea() oidctest.Person { return oidctest.Person{Subject: "bea-2", Name: "Bea"} }

func TestAVisitToAProvider(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		at.Login(oidctest.Ann())
		v := env.Visited(at)
		if !strings.HasPrefix(v.To, authtest.ReturnURL+"#flow="+v.Flow+"&code=") {
			t.Errorf("the browser comes back to %s", v.To)
		}
		if n := env.Store.User.Query().CountX(t.Context()); n != 0 {
			t.Errorf("%d accounts were made before the mutation", n)
		}
		outcome, err := env.LoginWithProvider(t.Context(), authtest.Anyone(), auth.LoginWithProviderInput{Answer: v.Answer()})
		if err != nil || outcome.Login == nil || !outcome.Created {
			t.Fatalf("LoginWithProvider() = %+v, %v", outcome, err)
		}
		if i := outcome.Identity; i == nil || i.Provider != "corp" || i.Subject != "ann-1" || !i.Active || i.LastUsedAt == nil {
			t.Errorf("identity %+v", i)
		}
		again := env.LoggedInBy(at, oidctest.Ann())
		if again.Created || again.User.ID != outcome.User.ID {
			t.Errorf("the second login: created %t, account %v, want %v", again.Created, again.User.ID, outcome.User.ID)
		}
		_, err = env.LoginWithProvider(t.Context(), authtest.Anyone(), auth.LoginWithProviderInput{Answer: v.Answer()})
		authtest.Refused(t, "a code used twice", err, auth.InvalidToken, "answer", "code")
	}, nil)
}

func TestNothingIsStoredWhenAVisitStarts(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		v := env.Begin(authtest.Anyone(), auth.ToLogIn)
		if n := env.Store.UserToken.Query().CountX(t.Context()); n != 0 {
			t.Errorf("a visit that starts stores %d tokens", n)
		}
		if n := at.Count("/token"); n != 0 {
			t.Errorf("the token endpoint was asked %d times", n)
		}
		env.Clock.Turn(10*time.Minute + time.Second)
		v.Came, _ = at.Authorize(v.To)
		authtest.Refused(t, "a visit of eleven minutes", env.Take(v, "corp"), auth.InvalidToken)
	}, nil)
}

func TestWhatTheProviderRefuses(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		for said, want := range map[string]auth.Code{
			"access_denied": auth.ProviderDenied, "consent_required": auth.ProviderDenied, "user_cancelled_authorize": auth.ProviderDenied,
			"server_error": auth.ProviderFailed, "<script>": auth.ProviderFailed,
		} {
			v := env.Begin(authtest.Anyone(), auth.ToLogIn)
			v.Came, _ = at.Authorize(v.To)
			v.Came.Del("code")
			v.Came.Set("error", said)
			if err := env.Take(v, "corp"); err != nil {
				t.Fatalf("%s: TakeAnswer() = %v", said, err)
			}
			login := func(verifier string) error {
				_, err := env.LoginWithProvider(t.Context(), authtest.Anyone(), auth.LoginWithProviderInput{Answer: &auth.ProviderAnswerInput{Code: v.Code, Verifier: verifier}})
				return err
			}
			authtest.Refused(t, said+" with another verifier", login(strings.Repeat("x", 43)), auth.InvalidToken, "answer", "code")
			authtest.Refused(t, said, login(v.Verifier), want)
			if n := env.Store.UserToken.Query().CountX(t.Context()); n != 0 {
				t.Errorf("%s: a refusal stores %d tokens", said, n)
			}
			env.Clock.Turn(2*time.Minute + time.Second)
			authtest.Refused(t, said+" three minutes later", login(v.Verifier), auth.InvalidToken, "answer", "code")
		}
	}, nil)
}

func TestStartProviderLoginRefuses(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		_, err := env.TryBegin(authtest.Anyone(), auth.StartProviderLoginInput{Provider: "none", ReturnURL: authtest.ReturnURL})
		authtest.Refused(t, "an unknown provider", err, auth.NotFound, "provider")
		_, err = env.StartProviderLogin(t.Context(), authtest.Anyone(), auth.StartProviderLoginInput{Provider: "corp", ReturnURL: authtest.ReturnURL, Challenge: "short"})
		authtest.Refused(t, "a short challenge", err, auth.Invalid, "challenge")
		for _, what := range []auth.ProviderPurpose{auth.ToLink, auth.ToReauthenticate} {
			_, err = env.TryBegin(authtest.Anyone(), auth.StartProviderLoginInput{Provider: "corp", ReturnURL: authtest.ReturnURL, Purpose: what})
			authtest.Refused(t, string(what)+" by nobody", err, auth.Unauthenticated)
		}
		login := env.Account("ann@example.org")
		env.Clock.Turn(16 * time.Minute)
		c := env.As(refreshed(t, env, login).AccessToken)
		_, err = env.TryBegin(c, auth.StartProviderLoginInput{Provider: "corp", ReturnURL: authtest.ReturnURL, Purpose: auth.ToLink})
		authtest.Refused(t, "LINK in an old session", err, auth.ReauthenticationRequired)
		at.Close()
		env.Clock.Turn(25 * time.Hour)
		_, err = env.TryBegin(authtest.Anyone(), auth.StartProviderLoginInput{Provider: "corp", ReturnURL: authtest.ReturnURL})
		authtest.Refused(t, "a provider that is down", err, auth.ProviderUnavailable)
	}, nil)
}

// Two visits of one person at once make one account.
func TestAttackTwoFirstLoginsAtOnce(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		at.Login(oidctest.Ann())
		visits := make([]*authtest.Visit, 8)
		for i := range visits {
			visits[i] = env.Visited(at)
		}
		_, errs := authtest.AtOnce(len(visits), func(i int) (*auth.ProviderOutcome, error) { return by(env, visits[i], visits[i].Verifier) })
		for _, err := range errs {
			if err != nil {
				t.Errorf("LoginWithProvider() = %v", err)
			}
		}
		if n := env.Store.User.Query().CountX(t.Context()); n != 1 {
			t.Errorf("%d accounts were made", n)
		}
	}, nil)
}
