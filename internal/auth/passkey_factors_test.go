package auth_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func removeFactor(t testing.TB, env *authtest.Env, login *auth.Login, f *auth.Factor) (*auth.RemovedFactor, error) {
	t.Helper()
	return env.RemoveFactor(t.Context(), env.As(login.AccessToken), auth.RemoveFactorInput{ID: f.ID.String()})
}

func TestRemovePasskey(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		key, login := authtest.NewPasskey(), env.Account(ann)
		f := addPasskey(t, env, login, key, auth.ConfirmPasskeyInput{}).Factor
		renamed, err := env.RenameFactor(t.Context(), env.As(login.AccessToken), auth.RenameFactorInput{ID: f.ID.String(), Name: "old laptop"})
		if err != nil || renamed.Name != "old laptop" {
			t.Errorf("RenameFactor() = %v, %v", renamed, err)
		}
		letters := env.Caused(func() {
			if _, err := removeFactor(t, env, login, f); err != nil {
				t.Fatalf("RemoveFactor() = %v", err)
			}
		})
		notices(t, "a removed passkey", letters, "passkey_removed to "+ann)
		_, err = touch(env, authtest.Anyone(), key.Get(started(t, env)))
		authtest.Refused(t, "the passkey", err, auth.InvalidCredentials, "passkey")
		if trail := env.Trail(login.User.ID); !slices.Contains(trail, "factor_remove ok session") {
			t.Errorf("recorded %q", trail)
		}
	})
}

// An account without a password keeps a passkey that logs in, whatever else it has.
func TestTheLastWayIn(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account(ann)
		first := addPasskey(t, env, login, authtest.NewPasskey(), auth.ConfirmPasskeyInput{}).Factor
		withoutPassword(t, env, login)
		_, err := removeFactor(t, env, login, first)
		authtest.Refused(t, "the only passkey", err, auth.LastWayIn)

		stick := authtest.NewPasskey()
		stick.Flags = authtest.UserPresent
		addPasskey(t, env, login, stick, auth.ConfirmPasskeyInput{SecondFactor: true})
		_, err = removeFactor(t, env, login, first)
		authtest.Refused(t, "the only one that logs in", err, auth.LastWayIn)

		silent := authtest.NewPasskey()
		silent.Response = func(r map[string]any) { r["clientExtensionResults"] = map[string]any{} }
		second := addPasskey(t, env, login, silent, auth.ConfirmPasskeyInput{}).Factor
		_, err = removeFactor(t, env, login, first)
		authtest.Refused(t, "beside one of which it is not known", err, auth.LastWayIn)
		silent.Response = nil
		touched(t, env, silent)
		_, errs := authtest.AtOnce(2, func(i int) (*auth.RemovedFactor, error) {
			return removeFactor(t, env, login, []*auth.Factor{first, second}[i])
		})
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("both at once: %v, %v, want that one stays", errs[0], errs[1])
		}
	})
}

// Where the policy wants a second factor, a passkey that verifies its user is one.
func TestAPasskeyUnderAPolicy(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account(ann)
		login := env.LogIn(ann)
		if !login.Limited {
			t.Fatal("the session is not limited")
		}
		key := authtest.NewPasskey()
		done := addPasskey(t, env, login, key, auth.ConfirmPasskeyInput{})
		if len(done.RecoveryCodes) != 10 {
			t.Errorf("%d recovery codes, want 10", len(done.RecoveryCodes))
		}
		if env.As(login.AccessToken).Limited {
			t.Error("the session is limited still")
		}
		if got := touched(t, env, key); got.Limited {
			t.Error("a login by passkey is limited")
		}
		challenge := challengeFor(t, env, ann)
		if outcome, err := answerBy(env, challenge.Token, key.Get(challenge.PasskeyOptions)); err != nil || outcome.Limited {
			t.Errorf("in two steps: %v, %v", outcome, err)
		}
		_, err := removeFactor(t, env, login, done.Factor)
		authtest.Refused(t, "the last factor", err, auth.FactorNeeded)
	}, func(s *auth.Settings) { s.SecondFactor = auth.SecondFactorRequired })
}

// A limited session proves the passkey that there is, before it adds a factor.
func TestALimitedSessionProvesItsPasskeyFirst(t *testing.T) {
	authtest.Each(t, func(t *testing.T, before *authtest.Env) {
		key, _ := withPasskey(t, before, ann)
		env := before.Replica(before.Store, func(s *auth.Settings) { s.SecondFactor = auth.SecondFactorRequired })
		login := env.LogIn(ann)
		c := env.As(login.AccessToken)
		_, err := env.AddPasskey(t.Context(), c)
		authtest.Refused(t, "AddPasskey()", err, auth.SecondFactorNeeded)
		_, err = env.AddTotp(t.Context(), c)
		authtest.Refused(t, "AddTotp()", err, auth.SecondFactorNeeded)
		start := presence(t, env, login)
		if !slices.Contains(start.Methods, auth.ByPasskey) || !strings.Contains(string(start.PasskeyOptions), `"required"`) {
			t.Fatalf("StartReauthentication() = %v %s", start.Methods, start.PasskeyOptions)
		}
		key.Flags &^= authtest.UserVerified
		_, err = prove(env, login, key.Get(start.PasskeyOptions))
		authtest.Refused(t, "unverified", err, auth.InvalidCode, "passkey")
		key.Flags |= authtest.UserVerified
		if _, err := prove(env, login, key.Get(start.PasskeyOptions)); err != nil {
			t.Fatalf("Reauthenticate() = %v", err)
		}
		if u, err := env.Me(env.As(login.AccessToken)); err != nil || !u.SecondFactor || env.As(login.AccessToken).Limited {
			t.Error("the factor that the policy wants is not asked for")
		}
	})
}

// What a session has proved by a factor counts no more without one.
func TestRemovedPasskeysProveNothing(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account(ann)
		key := authtest.NewPasskey()
		f := addPasskey(t, env, login, key, auth.ConfirmPasskeyInput{SecondFactor: true}).Factor
		session := touched(t, env, key)
		c := env.As(session.AccessToken)
		if _, err := env.SetSecondFactor(t.Context(), c, auth.SetSecondFactorInput{}); err != nil {
			t.Fatal(err)
		}
		required := env.Replica(env.Store, func(s *auth.Settings) { s.SecondFactor = auth.SecondFactorRequired })
		if required.As(session.AccessToken).Limited {
			t.Error("while it is there: the session by passkey is limited")
		}
		if _, err := removeFactor(t, env, session, f); err != nil {
			t.Fatal(err)
		}
		if !required.As(session.AccessToken).Limited {
			t.Error("the session by a passkey that is gone is not limited")
		}
		if s := sessionsOf(t, env, session)[0]; s.SecondFactor {
			t.Errorf("the session is %+v, want one factor", s)
		}
	})
}

func TestPasskeysThatAreOff(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account(ann)
		key := authtest.NewPasskey()
		addPasskey(t, env, login, key, auth.ConfirmPasskeyInput{SecondFactor: true})
		options := started(t, env)
		off := env.Replica(env.Store, func(s *auth.Settings) { s.Passkeys = false })
		c := off.As(login.AccessToken)
		_, err := off.StartPasskeyLogin(t.Context(), authtest.Anyone())
		authtest.Refused(t, "StartPasskeyLogin()", err, auth.NotOffered)
		_, err = touch(off, authtest.Anyone(), key.Get(options))
		authtest.Refused(t, "LoginWithPasskey()", err, auth.NotOffered)
		_, err = off.AddPasskey(t.Context(), c)
		authtest.Refused(t, "AddPasskey()", err, auth.NotOffered)
		_, err = off.ConfirmPasskey(t.Context(), c, auth.ConfirmPasskeyInput{Passkey: key.Get(options)})
		authtest.Refused(t, "ConfirmPasskey()", err, auth.NotOffered)
		challenge := challengeFor(t, off, ann)
		if _, err := answerBy(off, challenge.Token, key.Get(challenge.PasskeyOptions)); err != nil {
			t.Errorf("as second factor: AnswerChallenge() = %v, want that it goes on", err)
		}
		none := env.Replica(env.Store, func(s *auth.Settings) { s.SecondFactor = auth.SecondFactorOff })
		_, err = tryPasskey(t, none, touched(t, env, key), authtest.NewPasskey(), auth.ConfirmPasskeyInput{SecondFactor: true})
		authtest.Refused(t, "a second factor where the policy is off", err, auth.NotOffered, "secondFactor")
	})
}

func TestAnOperatorResetsPasskeys(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		key := authtest.NewPasskey()
		addPasskey(t, env, a.login, key, auth.ConfirmPasskeyInput{})
		left := func(want ...auth.FactorKind) {
			t.Helper()
			var got []auth.FactorKind
			list, err := env.Factors(t.Context(), a.login.User)
			for _, f := range list {
				got = append(got, f.Kind)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("the factors are %v, %v, want %v", got, err, want)
			}
		}
		reset := func(which auth.FactorReset) {
			t.Helper()
			letters := env.Caused(func() {
				if err := resetFactors(t.Context(), env, authtest.Operator(), a.login.User.ID, which); err != nil {
					t.Fatalf("ResetFactors(%s) = %v", which, err)
				}
			})
			notices(t, string(which), letters, "factors_reset to "+ann)
		}
		reset(auth.ResetPasskeys)
		left(auth.FactorTotp)
		env.Clock.Turn(time.Minute)
		b := twoSteps(t, env, a, ann)
		addPasskey(t, env, b, key, auth.ConfirmPasskeyInput{})
		reset(auth.ResetTotps)
		left(auth.FactorPasskey)
		challenge := challengeFor(t, env, ann) // the passkey is asked for still
		if !slices.Equal(challenge.Methods, []auth.ProofKind{auth.ByPasskey, auth.ByRecoveryCode}) {
			t.Errorf("the challenge takes %v", challenge.Methods)
		}
		reset(auth.ResetAllFactors)
		left()
		env.LogIn(ann)
	})
}
