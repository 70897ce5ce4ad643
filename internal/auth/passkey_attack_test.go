package auth_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// F11: an answer works once, also after a restart and when it is late.
func TestAnAnswerOfAPasskeyWorksOnce(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		key, _ := withPasskey(t, env, ann)
		answer := key.Get(started(t, env))
		if _, err := touch(env, authtest.Anyone(), answer); err != nil {
			t.Fatal(err)
		}
		again := func(what string, on *authtest.Env) {
			t.Helper()
			_, err := touch(on, authtest.Anyone(), answer)
			authtest.Refused(t, what, err, auth.InvalidCredentials, "passkey")
		}
		again("again", env)
		again("at another process", env.Replica(env.Store))
		for _, later := range []time.Duration{time.Minute, 3 * time.Minute, time.Hour} { // rows that have expired are deleted on the way
			env.Clock.Turn(later)
			if err := env.Cleanup(t.Context()); err != nil {
				t.Fatal(err)
			}
			again("later", env)
		}
		late := key.Get(started(t, env))
		slow := key.Get(started(t, env)) // for a process whose clock is half an hour behind
		if _, err := touch(env, authtest.Anyone(), slow); err != nil {
			t.Fatal(err)
		}
		env.Clock.Turn(30 * time.Minute)
		if err := env.Cleanup(t.Context()); err != nil {
			t.Fatal(err)
		}
		env.Clock.Turn(-30 * time.Minute)
		_, err := touch(env, authtest.Anyone(), slow)
		authtest.Refused(t, "where the clock is behind", err, auth.InvalidCredentials, "passkey")
		env.Clock.Turn(5 * time.Minute)
		_, err = touch(env, authtest.Anyone(), late)
		authtest.Refused(t, "late", err, auth.InvalidCredentials, "passkey")
	})
}

func TestAnAnswerOfAPasskeyIsUsedOnceAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		key, login := withPasskey(t, envs[0], ann)
		addPasskey(t, envs[0], login, authtest.NewPasskey(), auth.ConfirmPasskeyInput{SecondFactor: true})
		for _, count := range []uint32{0, 7} {
			key.Count = count
			answer := key.Get(started(t, envs[0]))
			letters := envs[0].Caused(func() {
				outcomes, errs := authtest.AtOnce(rivals, func(i int) (*auth.Outcome, error) { return touch(envs[i%2], authtest.Anyone(), answer) })
				n := 0
				for i, err := range errs {
					if err == nil && outcomes[i].Login != nil {
						n++
					} else {
						authtest.Refused(t, "a loser", err, auth.InvalidCredentials, "passkey")
					}
				}
				if n != 1 {
					t.Errorf("%d sessions began with one answer, want 1", n)
				}
			})
			notices(t, "rivals are no clones", letters)
		}
	})
}

// So is the answer that makes a passkey: at an account, and for an account to be.
func TestANewPasskeyIsMadeOnceAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		env := envs[0]
		login := env.Account(ann)
		options, err := env.AddPasskey(t.Context(), env.As(login.AccessToken))
		if err != nil {
			t.Fatal(err)
		}
		added := authtest.NewPasskey().Create(options)
		signed := authtest.NewPasskey().Create(beginSignUp(t, env, auth.StartPasskeySignUpInput{Username: ptr("bob")}))
		key, token, _ := pendingKey(t, env, "cea@example.org")
		asked, _ := confirmBy(env, auth.ConfirmInput{Token: token})
		confirmed := key.Get(asked.PasskeyOptions)
		for what, do := range map[string]func(e *authtest.Env) error{
			"adding": func(e *authtest.Env) error {
				_, err := e.ConfirmPasskey(t.Context(), e.As(login.AccessToken), auth.ConfirmPasskeyInput{Passkey: added})
				return err
			},
			"signing up": func(e *authtest.Env) error { _, err := signUpBy(e, authtest.Anyone(), signed); return err },
			"confirming": func(e *authtest.Env) error {
				_, err := confirmBy(e, auth.ConfirmInput{Token: token, Passkey: confirmed})
				return err
			},
		} {
			_, errs := authtest.AtOnce(rivals, func(i int) (any, error) { return nil, do(envs[i%2]) })
			n := 0
			for _, err := range errs {
				if err == nil {
					n++
				} else if !is(err, auth.InvalidCode) && !is(err, auth.InvalidToken) {
					t.Errorf("%s: a loser is answered %v", what, err)
				}
			}
			if n != 1 {
				t.Errorf("%s: %d won, want 1", what, n)
			}
		}
		if n := env.Store.Factor.Query().CountX(t.Context()); n != 3 {
			t.Errorf("%d passkeys were made, want 3", n)
		}
	})
}

// F04: one challenge, answered by different kinds at once.
func TestAChallengeIsAnsweredOnceByAnyKind(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		env := envs[0]
		a := withApp(t, env, ann)
		key := authtest.NewPasskey()
		addPasskey(t, env, a.login, key, auth.ConfirmPasskeyInput{})
		challenge, code := challengeFor(t, env, ann), a.next(env)
		answer := key.Get(challenge.PasskeyOptions)
		outcomes, errs := authtest.AtOnce(5, func(i int) (*auth.Outcome, error) {
			switch i {
			case 0:
				return answer1(envs[1], challenge.Token, code)
			case 1:
				return recoverBy(envs[0], authtest.Anyone(), challenge.Token, a.codes[0])
			}
			return answerBy(envs[i%2], challenge.Token, answer)
		})
		if n := wins(t, outcomes, errs); n != 1 {
			t.Errorf("%d sessions began with one challenge, want 1", n)
		}
	})
}

func answer1(env *authtest.Env, challenge, code string) (*auth.Outcome, error) {
	return answer(env, authtest.Anyone(), challenge, code)
}

// F12: a passkey opens the account that it belongs to, whatever it claims.
func TestAPasskeyOpensItsOwnAccountOnly(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		anns, login := withPasskey(t, env, ann)
		addPasskey(t, env, login, authtest.NewPasskey(), auth.ConfirmPasskeyInput{SecondFactor: true})
		bobs, _ := withPasskey(t, env, "bob@example.org")

		thief := bobs.Clone()
		thief.Handle = anns.Handle
		_, err := touch(env, authtest.Anyone(), thief.Get(started(t, env)))
		authtest.Refused(t, "Bob's passkey with Ann's handle", err, auth.InvalidCredentials, "passkey")
		thief = bobs.Clone()
		thief.ID = anns.ID
		_, err = touch(env, authtest.Anyone(), thief.Get(started(t, env)))
		authtest.Refused(t, "Bob's key under the id of Ann's", err, auth.InvalidCredentials, "passkey")
		thief = anns.Clone()
		thief.Handle = nil
		_, err = touch(env, authtest.Anyone(), thief.Get(started(t, env)))
		authtest.Refused(t, "without a handle", err, auth.InvalidCredentials, "passkey")
		challenge := challengeFor(t, env, ann)
		recorded := env.Recorded(login.User.ID, func() {
			for _, handle := range [][]byte{bobs.Handle, anns.Handle, nil} {
				thief = bobs.Clone()
				thief.Handle = handle
				_, err = answerBy(env, challenge.Token, thief.Get(challenge.PasskeyOptions))
				authtest.Refused(t, "Bob's passkey at Ann's challenge", err, auth.InvalidCode, "passkey")
			}
		})
		if want := slices.Repeat([]string{"challenge_answer INVALID_CODE anonymous"}, 3); !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		if got := touched(t, env, bobs); *got.User.Email != "bob@example.org" {
			t.Errorf("Bob's passkey opens %s", *got.User.Email)
		}
	})
}

// F13: an answer is good from pages that may ask, compared exactly.
func TestAPasskeyAnswersItsOwnPagesOnly(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		key, _ := withPasskey(t, env, ann)
		refused := func(what string, change func(client map[string]any)) {
			t.Helper()
			key.Client = change
			_, err := touch(env, authtest.Anyone(), key.Get(started(t, env)))
			authtest.Refused(t, what, err, auth.InvalidCredentials, "passkey")
			key.Client = nil
		}
		for _, origin := range []any{
			"https://app.example.org:8443", "http://app.example.org", "https://example.org", "https://evil.app.example.org", "https://app.example.org.evil.test",
			"https://app.example.org.", "https://app.example.org/", "https://APP.example.org", "https://app.example.org:443", "https://user@app.example.org", "null", "", nil,
			"android:apk-key-hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", []string{authtest.Origin},
		} {
			refused(fmt.Sprint(origin), func(c map[string]any) { c["origin"] = origin })
		}
		refused("within another page", func(c map[string]any) { c["crossOrigin"] = true })
		refused("within another page, which it names", func(c map[string]any) { c["crossOrigin"], c["topOrigin"] = true, "https://evil.test" })
		refused("within a page of the same origin, it says", func(c map[string]any) { c["crossOrigin"], c["topOrigin"] = true, authtest.Origin })
		refused("the top page alone", func(c map[string]any) { c["topOrigin"] = authtest.Origin })
		refused("of another ceremony", func(c map[string]any) { c["type"] = "webauthn.create" })
		refused("another challenge", func(c map[string]any) { c["challenge"] = "AAAA" })
		refused("no challenge", func(c map[string]any) { delete(c, "challenge") })
		touched(t, env, key)
	})
}

// F14: an answer is good for what it was asked for.
func TestAnAnswerIsGoodForOnePurpose(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		key, login := withPasskey(t, env, ann)
		addPasskey(t, env, login, authtest.NewPasskey(), auth.ConfirmPasskeyInput{SecondFactor: true})
		other := touched(t, env, key)
		creation := func() json.RawMessage {
			options, err := env.AddPasskey(t.Context(), env.As(login.AccessToken))
			if err != nil {
				t.Fatal(err)
			}
			return options
		}
		first, second := challengeFor(t, env, ann), challengeFor(t, env, ann)
		options := map[string]json.RawMessage{
			"login": started(t, env), "challenge": first.PasskeyOptions, "another challenge": second.PasskeyOptions,
			"presence": presence(t, env, login).PasskeyOptions, "another session's presence": presence(t, env, other).PasskeyOptions, "adding": creation(),
		}
		sinks := map[string]func(answer json.RawMessage) error{
			"login":     func(answer json.RawMessage) error { _, err := touch(env, authtest.Anyone(), answer); return err },
			"challenge": func(answer json.RawMessage) error { _, err := answerBy(env, first.Token, answer); return err },
			"presence":  func(answer json.RawMessage) error { _, err := prove(env, login, answer); return err },
		}
		for from, asked := range options {
			for at, sink := range sinks {
				if from == at {
					continue
				}
				if at == "challenge" {
					first = challengeFor(t, env, ann) // five wrong answers void one
					if from == "another challenge" {
						asked = challengeFor(t, env, ann).PasskeyOptions
					}
				}
				if err := sink(key.Get(asked)); !is(err, auth.InvalidCode) && !is(err, auth.InvalidCredentials) {
					t.Errorf("an answer for %s at %s: %v", from, at, err)
				}
			}
		}
		_, err := env.ConfirmPasskey(t.Context(), env.As(login.AccessToken), auth.ConfirmPasskeyInput{Passkey: authtest.NewPasskey().Create(options["login"])})
		authtest.Refused(t, "a new passkey for the challenge of a login", err, auth.InvalidCode, "passkey")
		first = challengeFor(t, env, ann)
		options["challenge"] = first.PasskeyOptions
		for at, sink := range sinks {
			if err := sink(key.Get(options[at])); err != nil {
				t.Errorf("an answer for %s at %[1]s: %v", at, err)
			}
		}
	})
}

// F15: what an authenticator must have done, and what a copy of it gives away.
func TestAPasskeyThatMisbehaves(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		key, login := authtest.NewPasskey(), env.Account(ann)
		key.Count = 5
		addPasskey(t, env, login, key, auth.ConfirmPasskeyInput{})
		refused := func(what string, k *authtest.Passkey) {
			t.Helper()
			_, err := touch(env, authtest.Anyone(), k.Get(started(t, env)))
			authtest.Refused(t, what, err, auth.InvalidCredentials, "passkey")
		}
		for what, break_ := range map[string]func(k *authtest.Passkey){
			"the user was absent":     func(k *authtest.Passkey) { k.Flags &^= authtest.UserPresent },
			"the user was unverified": func(k *authtest.Passkey) { k.Flags &^= authtest.UserVerified },
			"another key":             func(k *authtest.Passkey) { k.Rekey() },
			"another RP ID":           func(k *authtest.Passkey) { k.RPID = "app.example.org" },
			"backed up, not eligible": func(k *authtest.Passkey) { k.Flags |= authtest.BackedUp },
			"no signature": func(k *authtest.Passkey) {
				k.Response = func(r map[string]any) { delete(r["response"].(map[string]any), "signature") }
			},
			"no object": func(k *authtest.Passkey) { k.Response = func(r map[string]any) { r["response"] = 7 } },
			"long": func(k *authtest.Passkey) {
				k.Response = func(r map[string]any) { r["x"] = string(make([]byte, 20_000)) }
			},
		} {
			k := key.Clone()
			k.Count += 10
			break_(k)
			refused(what, k)
		}
		for _, junk := range []string{``, `null`, `{}`, `[]`, `"x"`, `7`} {
			_, err := touch(env, authtest.Anyone(), json.RawMessage(junk))
			authtest.Refused(t, junk, err, auth.InvalidCredentials, "passkey")
		}
		clone := key.Clone()
		touched(t, env, key)
		for what, count := range map[string]uint32{"lower": clone.Count - 1, "equal": clone.Count, "zero": 0} {
			t.Run(what, func(t *testing.T) {
				c := clone.Clone()
				c.Count = count
				refused("a count that is "+what, c)
			})
		}
		letters := env.Caused(func() { refused("a clone, again", clone) })
		notices(t, "the same clone on the same day", letters)
		if trail := env.Trail(login.User.ID); !slices.Contains(trail, "passkey_clone INVALID_CODE anonymous") {
			t.Errorf("recorded %q", trail)
		}
		if n := slices.Index(names(env.Letters(ann)), "passkey_refused to "+ann); n < 0 {
			t.Error("the owner is not told of a clone")
		}
		touched(t, env, key) // which has a higher count than its clone
	})
}

// F16: an authenticator that says later that it is copied still logs in.
func TestAPasskeyThatIsCopiedLater(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		key, login := withPasskey(t, env, ann)
		for _, flags := range []byte{authtest.Eligible, authtest.Eligible | authtest.BackedUp, 0} {
			key.Flags = authtest.UserPresent | authtest.UserVerified | flags
			got := touched(t, env, key)
			list, err := env.Factors(t.Context(), login.User)
			if err != nil || *list[0].Synced != (flags&authtest.BackedUp != 0) {
				t.Errorf("flags %x: %+v, %v", flags, list, err)
			}
			c := claimsOf(t, got.AccessToken)
			if (flags != 0) != slices.Contains(c.Methods, "swk") || slices.Contains(c.Methods, "pwd") || c.Level != "aal2" {
				t.Errorf("flags %x: amr is %v, acr %s", flags, c.Methods, c.Level)
			}
		}
	})
}
