package auth_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func TestPasskeyLogin(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		key, login := authtest.NewPasskey(), env.Account(ann)
		var done *auth.ConfirmedPasskey
		letters := env.Caused(func() {
			recorded := env.Recorded(login.User.ID, func() { done = addPasskey(t, env, login, key, auth.ConfirmPasskeyInput{Name: ptr("laptop")}) })
			if want := []string{"factor_add ok session"}; !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
		})
		notices(t, "a passkey", letters, "passkey_added to "+ann)
		f := done.Factor
		if f.Kind != auth.FactorPasskey || f.Name != "laptop" || !*f.LogsIn || *f.Synced || f.Model != nil || done.RecoveryCodes != nil {
			t.Errorf("the factor is %+v with codes %v", f, done.RecoveryCodes)
		}
		if u, err := env.Me(env.As(login.AccessToken)); err != nil || u.SecondFactor {
			t.Error("a passkey has switched the second factor on")
		}
		if outcome, err := logIn(env, ann, authtest.Password); err != nil || outcome.Login == nil {
			t.Errorf("the password: Login() = %v, %v, want that it goes on", outcome, err)
		}

		var got *auth.Login
		recorded := env.Recorded(login.User.ID, func() { got = touched(t, env, key) })
		if want := []string{"login ok anonymous"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		if s := got.Session; got.User.ID != login.User.ID || !s.SecondFactor || !slices.Equal(s.Methods, []auth.ProofKind{auth.ByPasskey}) {
			t.Errorf("the session is %+v, want one by two factors", s)
		}
		alive(t, env, "the session", got)
	})
}

// A passkey in one step is both factors: where the account has a second factor, no
// code is asked for after it.
func TestAPasskeyIsBothFactors(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		key := authtest.NewPasskey()
		addPasskey(t, env, a.login, key, auth.ConfirmPasskeyInput{})
		login := touched(t, env, key)
		if !env.Recent(env.As(login.AccessToken)) {
			t.Error("a login by passkey is no recent proof of the second factor")
		}
	})
}

func TestAddPasskeyRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		bob, _ := withPasskey(t, env, "bob@example.org")
		login := env.Account(ann)
		refused := func(what string, key *authtest.Passkey) {
			t.Helper()
			_, err := tryPasskey(t, env, login, key, auth.ConfirmPasskeyInput{})
			authtest.Refused(t, what, err, auth.InvalidCode, "passkey")
		}
		refused("another's passkey", bob)
		unverified := authtest.NewPasskey()
		unverified.Flags = authtest.UserPresent
		refused("one that does not verify its user, where there is no second factor", unverified)
		for name, break_ := range map[string]func(*authtest.Passkey){
			"absent user":           func(k *authtest.Passkey) { k.Flags &^= authtest.UserPresent },
			"another RP ID":         func(k *authtest.Passkey) { k.RPID = "example.net" },
			"another origin":        func(k *authtest.Passkey) { k.Origin = "https://evil.example.org" },
			"the answer to a login": func(k *authtest.Passkey) { k.Client = func(c map[string]any) { c["type"] = "webauthn.get" } },
			"another id outside": func(k *authtest.Passkey) {
				k.Response = func(r map[string]any) { r["rawId"] = "AAAA"; r["id"] = "AAAA" }
			},
		} {
			key := authtest.NewPasskey()
			break_(key)
			refused(name, key)
		}
		c := env.As(login.AccessToken)
		options, err := env.AddPasskey(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		answer := authtest.NewPasskey().Create(options)
		other := env.LogIn(ann)
		_, err = env.ConfirmPasskey(t.Context(), env.As(other.AccessToken), auth.ConfirmPasskeyInput{Passkey: answer})
		authtest.Refused(t, "in another session", err, auth.InvalidCode, "passkey")
		_, err = env.ConfirmPasskey(t.Context(), c, auth.ConfirmPasskeyInput{Passkey: answer, Name: ptr("")})
		authtest.Refused(t, "without a name", err, auth.Required, "name")
		if _, err := env.ConfirmPasskey(t.Context(), c, auth.ConfirmPasskeyInput{Passkey: answer}); err != nil {
			t.Fatalf("after refusals: ConfirmPasskey() = %v", err)
		}
		_, err = env.ConfirmPasskey(t.Context(), c, auth.ConfirmPasskeyInput{Passkey: answer})
		authtest.Refused(t, "the answer again", err, auth.InvalidCode, "passkey")
		options, _ = env.AddPasskey(t.Context(), c)
		env.Clock.Turn(5 * 60 * 1e9)
		_, err = env.ConfirmPasskey(t.Context(), c, auth.ConfirmPasskeyInput{Passkey: authtest.NewPasskey().Create(options)})
		authtest.Refused(t, "after five minutes", err, auth.InvalidCode, "passkey")
	})
}

func TestNoMorePasskeysThanThereMayBe(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account(ann)
		c := env.As(login.AccessToken)
		for range auth.MaxPasskeys - 1 {
			addPasskey(t, env, login, authtest.NewPasskey(), auth.ConfirmPasskeyInput{})
		}
		last, err := env.AddPasskey(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(last), `"public-key","id"`); n != auth.MaxPasskeys-1 {
			t.Errorf("the options exclude %d passkeys, want %d: %s", n, auth.MaxPasskeys-1, last)
		}
		one, _ := env.AddPasskey(t.Context(), c)
		for i, options := range []string{string(last), string(one)} {
			_, err := env.ConfirmPasskey(t.Context(), c, auth.ConfirmPasskeyInput{Passkey: authtest.NewPasskey().Create([]byte(options))})
			if i == 0 && err != nil {
				t.Fatal(err)
			} else if i == 1 {
				authtest.Refused(t, "the 21st", err, auth.LimitReached)
			}
		}
		_, err = env.AddPasskey(t.Context(), c)
		authtest.Refused(t, "options for the 21st", err, auth.LimitReached)
	})
}

// A security key that does not verify its user is a second factor, and no login.
func TestASecurityKey(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login, other := env.Account(ann), env.LogIn(ann)
		key := authtest.NewPasskey()
		key.Flags, key.Transports, key.Count = authtest.UserPresent, []string{"usb", "nfc", "smoke signal"}, 1
		var done *auth.ConfirmedPasskey
		letters := env.Caused(func() { done = addPasskey(t, env, login, key, auth.ConfirmPasskeyInput{SecondFactor: true}) })
		notices(t, "a security key", letters, "factor_added to "+ann)
		if len(done.RecoveryCodes) != 10 || done.Factor.Name != "Security key" || *done.Factor.LogsIn {
			t.Errorf("ConfirmPasskey() = %+v, %d codes", done.Factor, len(done.RecoveryCodes))
		}
		dead(t, env, "another session", other)
		if !env.Recent(env.As(login.AccessToken)) {
			t.Error("adding the key is no proof of it")
		}

		_, err := touch(env, authtest.Anyone(), key.Get(started(t, env)))
		authtest.Refused(t, "the key alone", err, auth.InvalidCredentials, "passkey")
		key.Flags |= authtest.UserVerified
		_, err = touch(env, authtest.Anyone(), key.Get(started(t, env)))
		authtest.Refused(t, "the key, verifying all at once", err, auth.InvalidCredentials, "passkey")
		key.Flags &^= authtest.UserVerified

		challenge := challengeFor(t, env, ann)
		if !slices.Equal(challenge.Methods, []auth.ProofKind{auth.ByPasskey, auth.ByRecoveryCode}) {
			t.Fatalf("the challenge takes %q", challenge.Methods)
		}
		if text := string(challenge.PasskeyOptions); !strings.Contains(text, `"transports":["usb","nfc"]`) || !strings.Contains(text, `"discouraged"`) {
			t.Errorf("the options are %s", text)
		}
		handle := key.Handle
		key.Handle = nil // as a U2F key
		outcome, err := answerBy(env, challenge.Token, key.Get(challenge.PasskeyOptions))
		if err != nil || !outcome.Session.SecondFactor || !slices.Equal(outcome.Session.Methods, []auth.ProofKind{auth.ByPassword, auth.ByPasskey}) {
			t.Fatalf("AnswerChallenge() = %v, %v", outcome, err)
		}
		key.Handle = handle
		env.Clock.Turn(16 * 60 * 1e9)
		session := refreshed(t, env, outcome.Login)
		if env.Recent(env.As(session.AccessToken)) {
			t.Fatal("the proof is still recent")
		}
		if _, err := prove(env, session, key.Get(presence(t, env, session).PasskeyOptions)); err != nil {
			t.Errorf("Reauthenticate() = %v", err)
		}
		if !env.Recent(env.As(session.AccessToken)) {
			t.Error("the key is no proof of presence")
		}
	})
}

func TestADisabledAccountAndItsPasskey(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		key, login := withPasskey(t, env, ann)
		if err := env.DisableAccount(t.Context(), authtest.Operator(), login.User.ID); err != nil {
			t.Fatal(err)
		}
		_, err := touch(env, authtest.Anyone(), key.Get(started(t, env)))
		authtest.Refused(t, "a good answer", err, auth.Disabled)
		forged := key.Clone()
		forged.Rekey()
		_, err = touch(env, authtest.Anyone(), forged.Get(started(t, env)))
		authtest.Refused(t, "a forged answer", err, auth.InvalidCredentials, "passkey")
	})
}
