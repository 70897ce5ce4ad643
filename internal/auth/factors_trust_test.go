package auth_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// F23: whatever changes the password or the factors ends the trust in browsers. The
// cookie is then worth nothing, and no session goes on as one of a trusted browser.
func TestWhatEndsTrust(t *testing.T) {
	ends := map[string]func(t *testing.T, env *authtest.Env, a, spare *app){
		"an app is removed, and another stays": func(t *testing.T, env *authtest.Env, a, spare *app) {
			c := env.As(twoSteps(t, env, a, ann).AccessToken)
			if _, err := env.RemoveFactor(t.Context(), c, auth.RemoveFactorInput{ID: spare.id}); err != nil {
				t.Fatal(err)
			}
		},
		"the second factor is switched off and on": func(t *testing.T, env *authtest.Env, a, _ *app) {
			c := env.As(twoSteps(t, env, a, ann).AccessToken)
			for _, on := range []bool{false, true} {
				if _, err := env.SetSecondFactor(t.Context(), c, auth.SetSecondFactorInput{Enabled: on}); err != nil {
					t.Fatal(err)
				}
			}
		},
		"the password is reset": func(t *testing.T, env *authtest.Env, a, _ *app) {
			outcome, err := reset(env, requestReset(t, env, ann), authtest.Password)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := answer(env, authtest.Anyone(), outcome.Challenge.Token, a.next(env)); err != nil {
				t.Fatal(err)
			}
		},
		"the operator voids the recovery codes": func(t *testing.T, env *authtest.Env, a, _ *app) {
			if err := resetFactors(t.Context(), env, authtest.Operator(), a.login.User.ID, auth.ResetRecoveryCodes); err != nil {
				t.Fatal(err)
			}
		},
		"the operator removes all, and an app is added": func(t *testing.T, env *authtest.Env, a, _ *app) {
			if err := resetFactors(t.Context(), env, authtest.Operator(), a.login.User.ID, auth.ResetAllFactors); err != nil {
				t.Fatal(err)
			}
			addApp(t, env, env.LogIn(ann))
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				a := withApp(t, env, ann)
				spare := addApp(t, env, a.login)
				c := trusting(t, env, a, ann)
				if outcome, err := logInAs(env, c); err != nil || outcome.Login == nil {
					t.Fatalf("Login() = %v, %v, want a session", outcome, err)
				}
				env.Clock.Turn(time.Minute)
				end(t, env, a, spare)
				challenged(t, env, c, ann)
				left := env.Store.UserToken.Query().Where(usertoken.Or(
					usertoken.PurposeEQ(usertoken.PurposeTrustedDevice),
					usertoken.And(usertoken.PurposeEQ(usertoken.PurposeSession), usertoken.Trusted(true)))).CountX(t.Context())
				if left != 0 {
					t.Errorf("%d rows still say that a browser is trusted", left)
				}
			}, trust30Days)
		})
	}
}

func logInAs(env *authtest.Env, c auth.Caller) (*auth.Outcome, error) {
	return env.Login(context.Background(), c, auth.LoginInput{Email: ptr(ann), Password: authtest.Password})
}

// F23: an account trusts twenty browsers; the oldest goes.
func TestTwentyBrowsersAreTrusted(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		var browsers []auth.Caller
		for range 22 {
			browsers = append(browsers, trusting(t, env, a, ann))
		}
		rows := env.Store.UserToken.Query().Where(usertoken.PurposeEQ(usertoken.PurposeTrustedDevice)).CountX(t.Context())
		if rows != 20 {
			t.Errorf("%d browsers are trusted, want 20", rows)
		}
		for i, c := range browsers {
			outcome, err := logInAs(env, c)
			if err != nil || (outcome.Login != nil) != (i >= 2) {
				t.Errorf("browser %d: Login() = %v, %v, want it trusted: %t", i, outcome, err, i >= 2)
			}
		}
	}, trust30Days)
}

// F19, F23: a session of a trusted browser is not limited by a policy, but proves
// nothing: what lasts wants the factor, which then counts in this session.
func TestSessionsOfTrustedBrowsers(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		c := trusting(t, env, a, ann)
		strict := func(s *auth.Settings) {
			s.SecondFactor, s.TrustedDeviceTTL = auth.SecondFactorRequired, 30*24*time.Hour
		}
		policy := env.Replica(env.Store, strict)
		outcome, err := logInAs(policy, c)
		if err != nil || outcome.Login == nil || outcome.Limited {
			t.Fatalf("Login() = %v, %v, want a session that is not limited", outcome, err)
		}
		login := outcome.Login
		if claims := claimsOf(t, login.AccessToken); claims.Scope != "session" || claims.Level != "aal1" || !slices.Equal(claims.Methods, []string{"pwd"}) {
			t.Errorf("the access token says %q, %q and %q", claims.Scope, claims.Level, claims.Methods)
		}
		_, err = updateAs(policy, login, auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
		authtest.Refused(t, "UpdateAccount()", err, auth.ReauthenticationRequired)
		_, err = reauthenticate(policy, login, authtest.Password)
		authtest.Refused(t, "Reauthenticate() by password", err, auth.SecondFactorNeeded)
		off := env.Replica(env.Store, func(s *auth.Settings) { s.SecondFactor = auth.SecondFactorRequired })
		if !off.As(login.AccessToken).Limited {
			t.Error("it is not limited though no browser is trusted any more")
		}
		code := a.next(env)
		if _, err := off.Reauthenticate(t.Context(), off.As(login.AccessToken), auth.ReauthenticateInput{TotpCode: &code}); err != nil {
			t.Fatalf("Reauthenticate() = %v", err)
		}
		if c := off.As(login.AccessToken); c.Limited || !off.Recent(c) {
			t.Error("it is still limited, or has proved nothing")
		}
		next := refreshed(t, off, login)
		if claims := claimsOf(t, next.AccessToken); claims.Level != "aal2" {
			t.Errorf("its level is %q, want aal2", claims.Level)
		}
	}, trust30Days)
}
