package auth_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/oidctest"
)

// sinks are the places that take a token. Each reports whether it accepted it. The
// login is the one of the token's owner.
var sinks = map[string]func(t *testing.T, env *authtest.Env, token string, owner *auth.Login) bool{
	"confirm": func(_ *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		_, err := confirm(env, token, authtest.Password)
		return err == nil
	},
	"resetPassword": func(_ *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		_, err := reset(env, token, newPassword)
		return err == nil
	},
	"refresh": func(_ *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		_, err := refresh(env, token)
		return err == nil
	},
	"cookie": func(t *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		c := authtest.Anyone()
		c.Browser.Session = token
		_, err := env.Refresh(t.Context(), c, auth.RefreshInput{})
		return err == nil
	},
	"logout": func(t *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		ended, err := env.Logout(t.Context(), authtest.Anyone(), auth.LogoutInput{Scope: auth.LogoutAll, RefreshToken: &token})
		if err != nil {
			t.Errorf("Logout() = %v", err)
		}
		return len(ended) > 0
	},
	"answerChallenge": func(_ *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		_, err := recoverBy(env, authtest.Anyone(), token, "0000-0000-0000-0000-0000-0000")
		return !is(err, auth.InvalidToken) // then only the code is wrong
	},
	"recovery code": func(t *testing.T, env *authtest.Env, token string, owner *auth.Login) bool {
		return recovers(t, env, *owner.User.Email, token)
	},
	"recovery code of another": func(t *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		return recovers(t, env, "cea@example.org", token)
	},
	"reauthenticate": func(t *testing.T, env *authtest.Env, token string, owner *auth.Login) bool {
		_, err := env.Reauthenticate(t.Context(), env.As(owner.AccessToken), auth.ReauthenticateInput{RecoveryCode: &token})
		return err == nil
	},
	"code of an app": func(t *testing.T, env *authtest.Env, token string, owner *auth.Login) bool {
		_, err := env.Reauthenticate(t.Context(), env.As(owner.AccessToken), auth.ReauthenticateInput{TotpCode: &token})
		return err == nil
	},
	"mail code": func(_ *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		_, err := byCode(env, token, "00000000")
		return !is(err, auth.InvalidToken) // then only the code is wrong
	},
	"loginWithProvider": func(t *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		verifier, ok := verifiers.Load(token)
		if !ok {
			verifier = strings.Repeat("a", 43)
		}
		answer := &auth.ProviderAnswerInput{Code: token, Verifier: verifier.(string)}
		_, err := env.LoginWithProvider(t.Context(), authtest.Anyone(), auth.LoginWithProviderInput{Answer: answer})
		return err == nil
	},
	"linkIdentity": func(t *testing.T, env *authtest.Env, token string, owner *auth.Login) bool {
		_, err := env.LinkIdentity(t.Context(), env.As(owner.AccessToken), auth.LinkIdentityInput{Token: &token})
		return err == nil
	},
	"password": func(_ *testing.T, env *authtest.Env, token string, owner *auth.Login) bool {
		_, err := logIn(env, *owner.User.Email, token)
		return err == nil
	},
	"confirmKey": func(t *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		waiting := signedUp(t, env, "waiting@example.org", authtest.Password)
		_, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: waiting, ConfirmKey: &token})
		return err == nil
	},
	"device": func(t *testing.T, env *authtest.Env, token string, owner *auth.Login) bool {
		c := elsewhere()
		c.Browser.Device = token
		return len(env.Caused(func() { // an unknown browser is told of
			_, _ = env.Login(t.Context(), c, auth.LoginInput{Email: owner.User.Email, Password: authtest.Password})
		})) == 0 && !challenges(t, env, *owner.User.Email)
	},
	"trust": func(t *testing.T, env *authtest.Env, token string, owner *auth.Login) bool {
		return trusts(t, env, *owner.User.Email, token)
	},
	"trust of another": func(t *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		return trusts(t, env, "cea@example.org", token)
	},
	"bearer": func(_ *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		return !env.As(token).Anonymous()
	},
	"exchange": func(t *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		_, err := env.Exchange(t.Context(), env.As(token), token)
		return err == nil
	},
	"revokeSession": func(t *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		_, err := env.RevokeSession(t.Context(), env.As(env.LogIn("bea@example.org").AccessToken), auth.RevokeSessionInput{ID: token})
		return err == nil
	},
	"revokeApiToken": func(t *testing.T, env *authtest.Env, token string, _ *auth.Login) bool {
		_, err := env.RevokeAPIToken(t.Context(), env.As(env.LogIn("bea@example.org").AccessToken), auth.RevokeAPITokenInput{ID: token})
		return err == nil
	},
}

// verifiers are those of the codes that came from providers.
var verifiers sync.Map

// elsewhere is another place: challenges that begin there void none that began here.
func elsewhere() auth.Caller { return authtest.Stranger("198.51.100.7") }

// challenges reports that an account asks for a second factor.
func challenges(t *testing.T, env *authtest.Env, address string) bool {
	t.Helper()
	outcome, err := env.Login(t.Context(), elsewhere(), auth.LoginInput{Email: &address, Password: authtest.Password})
	if err != nil {
		t.Fatalf("Login(%s) = %v", address, err)
	}
	return outcome.Challenge != nil
}

// recovers reports that a recovery code logs in; not where there is nothing to recover.
func recovers(t *testing.T, env *authtest.Env, address, code string) bool {
	t.Helper()
	if !challenges(t, env, address) {
		return false
	}
	_, err := recoverBy(env, elsewhere(), challenged(t, env, elsewhere(), address), code)
	return err == nil
}

// trusts reports that a cookie spares the second factor.
func trusts(t *testing.T, env *authtest.Env, address, cookie string) bool {
	t.Helper()
	c := elsewhere()
	c.Browser.Trust = cookie
	outcome, err := env.Login(t.Context(), c, auth.LoginInput{Email: &address, Password: authtest.Password})
	return err == nil && outcome.Login != nil && challenges(t, env, address)
}

// kinds are all kinds of tokens: which sink accepts them, and how a test gets
// one for an account.
var kinds = []struct {
	name string
	fits []string
	mint func(t *testing.T, env *authtest.Env, address string, login *auth.Login) string
}{
	{"confirm", []string{"confirm"}, func(t *testing.T, env *authtest.Env, address string, _ *auth.Login) string {
		address = "new-" + address
		if _, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Email: &address, Password: authtest.Password}); err != nil {
			t.Fatal(err)
		}
		return env.Token("confirm", address)
	}},
	{"change_email", []string{"confirm"}, func(t *testing.T, env *authtest.Env, address string, login *auth.Login) string {
		return changeAddress(t, env, login, "new-"+address)
	}},
	{"reset_password", []string{"resetPassword"}, func(t *testing.T, env *authtest.Env, address string, _ *auth.Login) string {
		return requestReset(t, env, address)
	}},
	{"refresh", []string{"refresh", "cookie", "logout"}, func(_ *testing.T, _ *authtest.Env, _ string, login *auth.Login) string {
		return *login.RefreshToken
	}},
	{"access", []string{"bearer"}, func(_ *testing.T, _ *authtest.Env, _ string, login *auth.Login) string {
		return login.AccessToken
	}},
	{"api", []string{"bearer", "exchange"}, func(t *testing.T, env *authtest.Env, _ string, login *auth.Login) string {
		return issue(t, env, login, auth.IssueAPITokenInput{Name: "all", Scopes: env.APITokenScopes()}).Secret
	}},
	{"challenge", []string{"answerChallenge"}, func(t *testing.T, env *authtest.Env, address string, login *auth.Login) string {
		addApp(t, env, login)
		return challenged(t, env, authtest.Anyone(), address)
	}},
	{"email_login", []string{"mail code"}, func(t *testing.T, env *authtest.Env, address string, _ *auth.Login) string {
		return askCode(t, env, address)
	}},
	{"provider's answer", []string{"loginWithProvider"}, func(_ *testing.T, env *authtest.Env, address string, _ *auth.Login) string {
		env.At.Login(oidctest.Person{Subject: "at " + address})
		v := env.Visited(env.At)
		verifiers.Store(v.Code, v.Verifier)
		return v.Code
	}},
	{"offer to link", []string{"linkIdentity"}, func(t *testing.T, env *authtest.Env, address string, _ *auth.Login) string {
		outcome, err := env.By(env.At, oidctest.Person{Subject: address, Email: address, Verified: true})
		return offered(t, address, outcome, err).Token
	}},
	{"code from an e-mail", nil, func(t *testing.T, env *authtest.Env, address string, _ *auth.Login) string {
		askCode(t, env, address)
		return env.Token("login_code", address)
	}},
	{"recovery code", []string{"recovery code", "reauthenticate"}, func(t *testing.T, env *authtest.Env, _ string, login *auth.Login) string {
		return addApp(t, env, login).codes[0]
	}},
	{"trusted browser", []string{"trust"}, func(t *testing.T, env *authtest.Env, address string, login *auth.Login) string {
		return trusting(t, env, addApp(t, env, login), address).Browser.Trust
	}},
	{"exchanged", []string{"bearer"}, func(t *testing.T, env *authtest.Env, _ string, login *auth.Login) string {
		api := issue(t, env, login, auth.IssueAPITokenInput{Name: "all", Scopes: env.APITokenScopes()}).Secret
		token, err := env.Exchange(t.Context(), env.As(api), api)
		if err != nil {
			t.Fatal(err)
		}
		return token.Token
	}},
}

// A token is valid for one purpose (RFC 8725 section 3.11). Each kind is
// presented at every place that takes a token, and is accepted only where it
// belongs. The refusals do not use it up.
func TestATokenIsGoodForOnePurpose(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, _ *oidctest.Provider) {
		env.Account("bea@example.org")
		withApp(t, env, "cea@example.org")
		n := 0
		for _, kind := range kinds {
			mint := func() (string, *auth.Login) {
				n++
				address := fmt.Sprintf("ann%d@example.org", n)
				login := env.Account(address)
				return kind.mint(t, env, address, login), login
			}
			token, login := mint()
			for sink, takes := range sinks {
				if !slices.Contains(kind.fits, sink) && takes(t, env, token, login) {
					t.Errorf("%s takes a token for %s", sink, kind.name)
				}
			}
			if c := env.As(login.AccessToken); c.Anonymous() {
				t.Errorf("presenting a token for %s elsewhere ended the session: %s", kind.name, c.Refused)
			}
			for _, sink := range kind.fits {
				if !sinks[sink](t, env, token, login) {
					t.Errorf("%s refuses a token for %s", sink, kind.name)
				}
				token, login = mint()
			}
		}
	}, nil, trust30Days, func(s *auth.Settings) { s.SignInNotice = true })
}
