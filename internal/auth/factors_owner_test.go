package auth_test

import (
	"encoding/base32"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

// Whoever has the password can begin as many logins as he likes. The owner's own is
// still there when she has typed her code.
func TestStrangersDoNotVoidTheOwnersChallenge(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		laptop := authtest.Anyone()
		if _, err := answer(env, laptop, challenged(t, env, laptop, ann), a.next(env)); err != nil {
			t.Fatal(err)
		}
		laptop = returning(laptop)
		known := challenged(t, env, laptop, ann)
		fresh := challenged(t, env, authtest.Stranger("203.0.113.1"), ann)
		for i := range 40 {
			challenged(t, env, authtest.Stranger(fmt.Sprintf("198.51.100.%d", i%2)), ann)
		}
		if _, err := recoverBy(env, authtest.Stranger("203.0.113.1"), fresh, a.codes[0]); err != nil {
			t.Errorf("on a new machine, with a recovery code: AnswerChallenge() = %v", err)
		}
		if _, err := answer(env, laptop, known, a.next(env)); err != nil {
			t.Errorf("in a browser that has logged in before: AnswerChallenge() = %v", err)
		}
	})
}

// A change of address that was asked for with the password alone does not survive
// the first factor.
func TestAChangeOfAddressFromBeforeIsVoid(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account(ann)
		update(t, env, login, auth.UpdateAccountInput{Email: ptr("mallory@example.org")})
		token := env.Token("change_email", "mallory@example.org")
		addApp(t, env, env.LogIn(ann))
		_, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: token, Password: ptr(authtest.Password)})
		authtest.Refused(t, "Confirm()", err, auth.InvalidToken, "token")
		u := env.Store.User.GetX(t.Context(), login.User.ID)
		if *u.Email != ann || u.PendingEmail != nil {
			t.Errorf("the address is %s, and %v is pending", *u.Email, u.PendingEmail)
		}
	})
}

// An app that was switched off is what a policy asks for when it wants a second
// factor: the password alone sets up no other one.
func TestPolicyRequiredAfterSwitchingOff(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		if _, err := env.SetSecondFactor(t.Context(), env.As(a.login.AccessToken), auth.SetSecondFactorInput{}); err != nil {
			t.Fatal(err)
		}
		mallory := env.LogIn(ann) // with the password, before the policy
		begun, err := env.AddTotp(t.Context(), env.As(mallory.AccessToken))
		if err != nil {
			t.Fatal(err)
		}
		strict := env.Replica(env.Store, func(s *auth.Settings) { s.SecondFactor = auth.SecondFactorRequired })
		key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(begun.Secret)
		if err != nil {
			t.Fatal(err)
		}
		_, err = strict.ConfirmTotp(t.Context(), strict.As(mallory.AccessToken), auth.ConfirmTotpInput{ID: begun.ID.String(), Code: (&app{key: key}).code(env), Name: "his"})
		authtest.Refused(t, "ConfirmTotp() of what was begun before", err, auth.SecondFactorNeeded)
		if c := strict.As(a.login.AccessToken); !c.Limited {
			t.Error("a session whose factor was switched off is not limited")
		}
		thief := env.As(mallory.AccessToken) // asks for the address to become his, while that takes a password
		if _, err := env.UpdateAccount(t.Context(), thief, auth.UpdateAccountInput{CurrentPassword: ptr(authtest.Password), Email: ptr("thief@example.org")}); err != nil {
			t.Fatal(err)
		}
		change := env.Token(mail.ChangeEmail, "thief@example.org")
		login := strict.LogIn(ann)
		c := strict.As(login.AccessToken)
		_, err = strict.AddTotp(t.Context(), c)
		authtest.Refused(t, "AddTotp() with the password alone", err, auth.SecondFactorNeeded)
		code := a.next(env)
		var told []authtest.Letter
		recorded := env.Recorded(login.User.ID, func() {
			told = env.Caused(func() {
				if _, err := strict.Reauthenticate(t.Context(), c, auth.ReauthenticateInput{TotpCode: &code}); err != nil {
					t.Fatalf("Reauthenticate() = %v", err)
				}
			})
		})
		if len(told) != 1 || told[0].Name != mail.FactorAdded {
			t.Errorf("the owner is told %v", told)
		}
		_, err = env.Refresh(t.Context(), authtest.Anyone(), auth.RefreshInput{RefreshToken: mallory.RefreshToken})
		authtest.Refused(t, "Refresh() of the thief's session", err, auth.InvalidToken, "refreshToken")
		_, err = strict.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: change, Password: ptr(authtest.Password)})
		authtest.Refused(t, "Confirm() of a change of address from before", err, auth.InvalidToken, "token")
		if !slices.Contains(recorded, "second_factor_on ok session") {
			t.Errorf("it is not recorded that the factor is on again: %q", recorded)
		}
		if c = strict.As(login.AccessToken); c.Limited || !c.User.SecondFactor {
			t.Error("who proved the factor is limited, or it is still off")
		}
	})
}

// The operator who ends all sessions of an account, or closes it, trusts no browser
// of it either.
func TestTheOperatorEndsTrust(t *testing.T) {
	ends := map[string]func(t *testing.T, env *authtest.Env, login *auth.Login) error{
		"all sessions end": func(t *testing.T, env *authtest.Env, login *auth.Login) error {
			_, err := env.EndSessions(t.Context(), authtest.Operator(), login.User.ID)
			return err
		},
		"the account is closed for a while": func(t *testing.T, env *authtest.Env, login *auth.Login) error {
			if err := env.DisableAccount(t.Context(), authtest.Operator(), login.User.ID); err != nil {
				return err
			}
			return env.EnableAccount(t.Context(), authtest.Operator(), login.User.ID)
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				a := withApp(t, env, ann)
				c := trusting(t, env, a, ann)
				if err := end(t, env, a.login); err != nil {
					t.Fatal(err)
				}
				challenged(t, env, c, ann)
			}, trust30Days)
		})
	}
}

// A session that began in a trusted browser is limited like any other once the
// browser is not trusted any more.
func TestTrustEndsInSessionsToo(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		strict := env.Replica(env.Store, func(s *auth.Settings) {
			s.SecondFactor, s.TrustedDeviceTTL = auth.SecondFactorRequired, 30*24*time.Hour
		})
		outcome, err := strict.Login(t.Context(), trusting(t, env, a, ann), auth.LoginInput{Email: ptr(ann), Password: authtest.Password})
		if err != nil || outcome.Login == nil {
			t.Fatalf("Login() = %v, %v, want a session", outcome, err)
		}
		if strict.As(outcome.AccessToken).Limited {
			t.Error("a session of a trusted browser is limited")
		}
		if err := strict.ForgetDevices(t.Context(), strict.As(outcome.AccessToken)); err != nil {
			t.Fatal(err)
		}
		if !strict.As(outcome.AccessToken).Limited {
			t.Error("a session outlives the trust in its browser")
		}
	}, trust30Days)
}
