package auth_test

import (
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/secret"
)

func TestTheFirstAppEndsOtherSessions(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login, other := env.Account(ann), env.LogIn(ann)
		var a *app
		letters := env.Caused(func() {
			recorded := env.Recorded(login.User.ID, func() { a = addApp(t, env, login) })
			want := []string{"factor_add ok session", "session_revoke ok session", "second_factor_on ok session"}
			if !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
		})
		notices(t, "the first app", letters, "factor_added to "+ann)
		if len(a.codes) != 10 {
			t.Errorf("%d recovery codes, want 10", len(a.codes))
		}
		dead(t, env, "another session", other)
		next := alive(t, env, "this session", login)
		if !next.Session.SecondFactor || !env.Recent(env.As(next.AccessToken)) {
			t.Errorf("this session has not proved the app: %+v", next.Session)
		}
		env.Clock.Turn(30 * time.Second)
		if second := addApp(t, env, next); second.codes != nil {
			t.Error("a second app makes recovery codes anew")
		}
		_, err := env.AddTotp(t.Context(), env.As(next.AccessToken))
		authtest.Refused(t, "a third app", err, auth.LimitReached)
		alive(t, env, "this session", next)
	})
}

// A beginning is no factor: it is forgotten, and another's is unknown.
func TestABeginningIsNoFactor(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login, bob := env.Account(ann), env.Account("bob@example.org")
		added, err := env.AddTotp(t.Context(), env.As(login.AccessToken))
		if err != nil {
			t.Fatal(err)
		}
		in := auth.ConfirmTotpInput{ID: added.ID.String(), Code: "000000", Name: "phone"}
		_, err = env.ConfirmTotp(t.Context(), env.As(bob.AccessToken), in)
		authtest.Refused(t, "another's beginning", err, auth.NotFound, "id")
		_, err = env.RenameFactor(t.Context(), env.As(login.AccessToken), auth.RenameFactorInput{ID: in.ID, Name: "x"})
		authtest.Refused(t, "RenameFactor() of a beginning", err, auth.NotFound, "id")
		env.LogIn(ann) // in one step
		env.Clock.Turn(10*time.Minute + time.Second)
		_, err = env.ConfirmTotp(t.Context(), env.As(login.AccessToken), in)
		authtest.Refused(t, "a late one", err, auth.NotFound, "id")
		if err := env.Cleanup(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := env.Store.Factor.Query().CountX(t.Context()); n != 0 {
			t.Errorf("%d beginnings are left", n)
		}
	})
}

func TestAnothersFactorIsUnknown(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a, bob := withApp(t, env, ann), env.Account("bob@example.org")
		c := env.As(bob.AccessToken)
		_, err := env.RemoveFactor(t.Context(), c, auth.RemoveFactorInput{ID: a.id})
		authtest.Refused(t, "RemoveFactor()", err, auth.NotFound, "id")
		_, err = env.RenameFactor(t.Context(), c, auth.RenameFactorInput{ID: a.id, Name: "mine"})
		authtest.Refused(t, "RenameFactor()", err, auth.NotFound, "id")
	})
}

func TestRemoveTheLastFactor(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		login := twoSteps(t, env, a, ann)
		letters := env.Caused(func() {
			removed, err := env.RemoveFactor(t.Context(), env.As(login.AccessToken), auth.RemoveFactorInput{ID: a.id})
			if err != nil || removed.User.SecondFactor || removed.Factor.Name != "phone" {
				t.Errorf("RemoveFactor() = %+v, %v", removed, err)
			}
		})
		notices(t, "RemoveFactor()", letters, "factor_removed to "+ann)
		if n, _ := env.RecoveryCodesLeft(t.Context(), login.User); *n != 0 {
			t.Errorf("%d recovery codes are left", *n)
		}
		env.LogIn(ann) // in one step
	})
}

// F17, F18: what lasts wants the factor, and the password does not stand in for it.
func TestPresenceFollowsTheAccount(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		login := twoSteps(t, env, a, ann)
		env.Clock.Turn(env.RecentTTL + time.Second)
		login = refreshed(t, env, login)
		_, err := reauthenticate(env, login, authtest.Password)
		authtest.Refused(t, "Reauthenticate() by password", err, auth.SecondFactorNeeded)
		_, err = updateAs(env, login, auth.UpdateAccountInput{CurrentPassword: ptr(authtest.Password), NewPassword: ptr(newPassword)})
		authtest.Refused(t, "UpdateAccount()", err, auth.ReauthenticationRequired)
		start, err := env.StartReauthentication(t.Context(), env.As(login.AccessToken), auth.StartReauthenticationInput{})
		if err != nil || !slices.Equal(start.Methods, []auth.ProofKind{auth.ByTotp, auth.ByRecoveryCode}) {
			t.Errorf("StartReauthentication() = %v, %v", start, err)
		}
		c := env.As(login.AccessToken)
		code := a.next(env)
		if _, err := env.Reauthenticate(t.Context(), c, auth.ReauthenticateInput{TotpCode: &code}); err != nil {
			t.Errorf("Reauthenticate() = %v", err)
		}
		_, err = env.Reauthenticate(t.Context(), c, auth.ReauthenticateInput{TotpCode: &code})
		authtest.Refused(t, "the code again", err, auth.InvalidCode, "totpCode")
		if !env.Recent(env.As(login.AccessToken)) {
			t.Error("the session is not proved anew")
		}
		update(t, env, login, auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
	})
}

// The policy is in effect at once, without a change of any row.
func TestPolicyRequired(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login, bob := env.Account(ann), withApp(t, env, "bob@example.org")
		strict := env.Replica(env.Store, func(s *auth.Settings) { s.SecondFactor = auth.SecondFactorRequired })
		if c := strict.As(login.AccessToken); !c.Limited {
			t.Error("a session without a second factor is not limited")
		}
		if c := strict.As(bob.login.AccessToken); c.Limited {
			t.Error("a session that proved one is limited")
		}
		next := refreshed(t, strict, login)
		if claims := claimsOf(t, next.AccessToken); !next.Limited || claims.Scope != "setup" {
			t.Errorf("limited %t, scope %q, want the scope setup", next.Limited, claims.Scope)
		}
		addApp(t, strict, next)
		if next = refreshed(t, strict, next); next.Limited {
			t.Error("the session that set an app up is still limited")
		}
		if claims := claimsOf(t, next.AccessToken); claims.Scope != "session" {
			t.Errorf("scope %q, want session", claims.Scope)
		}
	})
}

// Keys are sealed anew after the secret was replaced. Where it was lost, recovery
// codes still answer.
func TestResealFactors(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		first := secret.Generate()
		next, err := secret.New(first)
		if err != nil {
			t.Fatal(err)
		}
		done, err := env.DiscardKeys(authtest.Operator(), next, func() error { return nil })
		if err != nil || done.Apps != 1 {
			t.Errorf("DiscardKeys() = %+v, %v, want to be told of an app", done, err)
		}
		lost := env.Process(env.Store, authtest.SecretOf(next))
		if n, err := lost.ResealFactors(t.Context()); n != 0 || err != nil {
			t.Errorf("ResealFactors() without the secret = %d, %v", n, err)
		}
		_, err = answer(lost, authtest.Anyone(), challenged(t, lost, authtest.Anyone(), ann), a.next(env))
		authtest.Refused(t, "a code whose key nobody can open", err, auth.InvalidCode, "totpCode")
		if _, err := recoverBy(lost, authtest.Anyone(), challenged(t, lost, authtest.Anyone(), ann), a.codes[0]); err != nil {
			t.Errorf("a recovery code: AnswerChallenge() = %v", err)
		}

		b := withApp(t, lost, "bob@example.org")
		second := secret.Generate()
		both, err := secret.New(second, first)
		if err != nil {
			t.Fatal(err)
		}
		swapped := env.Process(env.Store, authtest.SecretOf(both))
		for i, want := range []int{1, 0} {
			if n, err := swapped.ResealFactors(t.Context()); n != want || err != nil {
				t.Errorf("ResealFactors() %d = %d, %v, want %d", i, n, err, want)
			}
		}
		twoSteps(t, swapped, b, "bob@example.org")
	})
}

// Of a secret that was lost while it replaced another one, apps may still be sealed
// under that: they go on. What is counted is what no secret opens.
func TestDiscardCountsAppsThatNoSecretOpens(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		process := func(secrets ...string) *authtest.Env {
			root, err := secret.New(secrets[0], secrets[1:]...)
			if err != nil {
				t.Fatal(err)
			}
			return env.Process(env.Store, authtest.SecretOf(root))
		}
		env.Store.SigningKey.Delete().ExecX(t.Context()) // as if env had never run
		first, lost, next := secret.Generate(), secret.Generate(), secret.Generate()
		old := withApp(t, process(first), ann)
		both := process(lost, first) // it opens the signing keys under its own, and has not come to the apps
		if n, err := both.AppsUnderPrevious(t.Context()); n != 1 || err != nil {
			t.Errorf("AppsUnderPrevious() = %d, %v, want 1", n, err)
		}
		b := withApp(t, both, "bob@example.org")
		if _, err := both.SetSecondFactor(t.Context(), both.As(b.login.AccessToken), auth.SetSecondFactorInput{}); err != nil {
			t.Fatal(err)
		}
		if n, err := both.AppsUnderPrevious(t.Context()); n != 1 || err != nil {
			t.Errorf("AppsUnderPrevious() = %d, %v, want 1", n, err)
		}
		root, err := secret.New(next, first)
		if err != nil {
			t.Fatal(err)
		}
		done, err := env.DiscardKeys(authtest.Operator(), root, func() error { return nil })
		if err != nil || done.Apps != 1 || done.Accounts != 1 {
			t.Errorf("DiscardKeys() = %+v, %v, want to be told of bob's app, and of ann's account", done, err)
		}
		twoSteps(t, process(next, first), old, ann)
	})
}

// A dump of the database holds no key of an app and no code.
func TestFactorsAreNotReadable(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		row := env.Store.Factor.Query().OnlyX(t.Context())
		if string(row.Sealed) == string(a.key) || len(row.Sealed) <= len(a.key) {
			t.Error("the key is stored as it is")
		}
	})
}

// F23: a trusted browser spares the second step, and proves nothing.
func TestATrustedBrowserProvesNothing(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		c := trusting(t, env, a, ann)
		outcome, err := env.Login(t.Context(), c, auth.LoginInput{Email: ptr(ann), Password: authtest.Password})
		if err != nil || outcome.Login == nil {
			t.Fatalf("Login() = %v, %v, want a session", outcome, err)
		}
		if env.Recent(env.As(outcome.AccessToken)) || outcome.Session.SecondFactor {
			t.Error("the cookie passes for a second factor")
		}
		if err := env.ForgetDevices(t.Context(), env.As(outcome.AccessToken)); err != nil {
			t.Fatal(err)
		}
		challenged(t, env, returning(c), ann)
	}, trust30Days)
}
