package auth_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// askCode has a code sent, and returns the challenge that goes with it.
func askCode(t testing.TB, env *authtest.Env, address string) string {
	t.Helper()
	challenge, err := env.StartEmailLogin(t.Context(), authtest.Anyone(), auth.StartEmailLoginInput{Email: address})
	if err != nil || !slices.Equal(challenge.Methods, []auth.ProofKind{auth.ByEmailCode}) || challenge.ExpiresIn != 600 {
		t.Fatalf("StartEmailLogin(%s) = %v, %v", address, challenge, err)
	}
	return challenge.Token
}

// byCode answers a challenge with a code from an e-mail.
func byCode(env *authtest.Env, challenge, code string) (*auth.Outcome, error) {
	return env.AnswerChallenge(context.Background(), authtest.Anyone(), auth.AnswerChallengeInput{Challenge: challenge, EmailCode: &code})
}

func otherCode(code string) string {
	if code == "12345678" {
		return "87654321"
	}
	return "12345678"
}

func TestEmailLogin(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account(ann)
		withoutPassword(t, env, login)
		challenge := askCode(t, env, ann)
		code := env.Token(mail.LoginCode, ann)
		if len(code) != 8 || strings.Trim(code, "0123456789") != "" {
			t.Fatalf("the code is %q", code)
		}
		var outcome *auth.Outcome
		recorded := env.Recorded(login.User.ID, func() {
			var err error
			if outcome, err = byCode(env, challenge, " "+code[:4]+" "+code[4:]); err != nil || outcome.Login == nil {
				t.Fatalf("AnswerChallenge() = %v, %v", outcome, err)
			}
		})
		if want := []string{"challenge_answer ok anonymous"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		if s := outcome.Session; s.SecondFactor || !slices.Equal(s.Methods, []auth.ProofKind{auth.ByEmailCode}) {
			t.Errorf("the session is %+v", s)
		}
		_, err := byCode(env, challenge, code)
		authtest.Refused(t, "again", err, auth.InvalidToken, "challenge")
	})
}

// F22: a code opens nothing without the challenge of the browser that asked.
func TestACodeIsBoundToWhoAsked(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account(ann)
		env.Account("bob@example.org")
		anns := askCode(t, env, ann)
		code := env.Token(mail.LoginCode, ann)
		bobs := askCode(t, env, "bob@example.org")
		_, err := byCode(env, bobs, code)
		authtest.Refused(t, "at another's challenge", err, auth.InvalidCode, "emailCode")
		again := askCode(t, env, ann)
		_, err = byCode(env, again, code)
		authtest.Refused(t, "at a challenge of another browser", err, auth.InvalidCode, "emailCode")
		_, err = byCode(env, code, code)
		authtest.Refused(t, "without a challenge", err, auth.InvalidToken, "challenge")
		if _, err := byCode(env, anns, code); err != nil {
			t.Errorf("where it was asked for: AnswerChallenge() = %v, want that later requests do not void it", err)
		}
		_, err = byCode(env, again, env.Token(mail.LoginCode, ann))
		authtest.Refused(t, "another code after one was used", err, auth.InvalidToken, "challenge")
	})
}

func TestACodeDies(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, env *authtest.Env, login *auth.Login){
		"late":       func(_ *testing.T, env *authtest.Env, _ *auth.Login) { env.Clock.Turn(env.EmailCodeTTL) },
		"five wrong": nil,
		"new password": func(t *testing.T, env *authtest.Env, l *auth.Login) {
			update(t, env, l, auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
		},
		"moved address": func(t *testing.T, env *authtest.Env, l *auth.Login) {
			if _, err := confirm(env, changeAddress(t, env, l, "ann@example.net"), authtest.Password); err != nil {
				t.Fatal(err)
			}
		},
		"moved behind the service's back": func(t *testing.T, env *authtest.Env, l *auth.Login) {
			env.Store.User.UpdateOneID(l.User.ID).SetEmailKey("ann@example.com").ExecX(t.Context())
		},
		"disabled": func(t *testing.T, env *authtest.Env, l *auth.Login) {
			if err := env.DisableAccount(t.Context(), authtest.Operator(), l.User.ID); err != nil {
				t.Fatal(err)
			}
		},
		"deleted": func(t *testing.T, env *authtest.Env, l *auth.Login) {
			if _, err := env.DeleteAccount(t.Context(), env.As(l.AccessToken)); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				login := env.Account(ann)
				challenge := askCode(t, env, ann)
				code := env.Token(mail.LoginCode, ann)
				if end == nil {
					for range 5 {
						_, err := byCode(env, challenge, otherCode(code))
						authtest.Refused(t, "a wrong code", err, auth.InvalidCode, "emailCode")
					}
				} else {
					end(t, env, login)
				}
				_, err := byCode(env, challenge, code)
				authtest.Refused(t, "the code", err, auth.InvalidToken, "challenge")
			})
		})
	}
}

// A code from an e-mail is no second factor, and does not stand in for one.
func TestACodeIsNoSecondFactor(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		outcome, err := byCode(env, askCode(t, env, ann), env.Token(mail.LoginCode, ann))
		if err != nil || outcome.Login != nil || slices.Contains(outcome.Challenge.Methods, auth.ByEmailCode) {
			t.Fatalf("AnswerChallenge() = %v, %v, want another challenge", outcome, err)
		}
		_, err = byCode(env, outcome.Challenge.Token, "12345678")
		authtest.Refused(t, "a code at the challenge for the factor", err, auth.InvalidToken, "challenge")
		outcome, err = answer(env, authtest.Anyone(), outcome.Challenge.Token, a.next(env))
		if err != nil || outcome.Session.SecondFactor || claimsOf(t, outcome.AccessToken).Level != "aal1" {
			t.Fatalf("AnswerChallenge() = %v, %v, want one factor", outcome, err)
		}
		if !env.Recent(env.As(outcome.AccessToken)) {
			t.Error("the code of the app is no recent proof")
		}
		_, err = answer(env, authtest.Anyone(), askCode(t, env, ann), a.next(env))
		authtest.Refused(t, "an app's code at the challenge for a mailed one", err, auth.InvalidToken, "challenge")
		c := env.As(outcome.AccessToken)
		if start, err := env.StartReauthentication(t.Context(), c, auth.StartReauthenticationInput{SendCode: true}); err != nil || slices.Contains(start.Methods, auth.ByEmailCode) {
			t.Errorf("StartReauthentication() = %v, %v", start, err)
		}
		_, err = env.Reauthenticate(t.Context(), c, auth.ReauthenticateInput{EmailCode: ptr("12345678")})
		authtest.Refused(t, "presence by a mailed code", err, auth.SecondFactorNeeded)
	})
}

func TestPresenceByEmailCode(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account(ann)
		other := env.LogIn(ann)
		env.Clock.Turn(env.RecentTTL + 1e9)
		login, other = refreshed(t, env, login), refreshed(t, env, other)
		c := env.As(login.AccessToken)
		start, err := env.StartReauthentication(t.Context(), c, auth.StartReauthenticationInput{SendCode: true})
		if err != nil || !slices.Equal(start.Methods, []auth.ProofKind{auth.ByPassword, auth.ByEmailCode}) {
			t.Fatalf("StartReauthentication() = %v, %v", start, err)
		}
		code := env.Token(mail.LoginCode, ann)
		prove := func(c auth.Caller, code string) error {
			_, err := env.Reauthenticate(t.Context(), c, auth.ReauthenticateInput{EmailCode: &code})
			return err
		}
		authtest.Refused(t, "in another session", prove(env.As(other.AccessToken), code), auth.InvalidCode, "emailCode")
		authtest.Refused(t, "a wrong one", prove(c, otherCode(code)), auth.InvalidCode, "emailCode")
		if err := prove(c, code); err != nil || !env.Recent(env.As(login.AccessToken)) {
			t.Errorf("Reauthenticate() = %v", err)
		}
		authtest.Refused(t, "again", prove(c, code), auth.InvalidCode, "emailCode")
	})
}

// One code begins one session, however many answer at once.
func TestACodeIsRedeemedOnceAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, envs [2]*authtest.Env) {
		envs[0].Account(ann)
		challenge := askCode(t, envs[0], ann)
		code := envs[0].Token(mail.LoginCode, ann)
		outcomes, errs := authtest.AtOnce(rivals, func(i int) (*auth.Outcome, error) { return byCode(envs[i%2], challenge, code) })
		if n := wins(t, outcomes, errs); n != 1 {
			t.Errorf("%d sessions began with one code, want 1", n)
		}
	})
}

// Beyond the limit on e-mails there is no code that could be guessed at.
func TestACodeThatIsNotSentOpensNothing(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account(ann)
		askCode(t, env, ann)
		challenge := askCode(t, env, ann)
		if n := env.Store.UserToken.Query().Where(usertoken.PurposeEQ(usertoken.PurposeEmailLogin), usertoken.UserIDNotNil()).CountX(t.Context()); n != 1 {
			t.Errorf("%d codes belong to the account, want the one that was sent", n)
		}
		_, err := byCode(env, challenge, env.Token(mail.LoginCode, ann))
		authtest.Refused(t, "the code that was sent before", err, auth.InvalidCode, "emailCode")
	}, func(s *auth.Settings) { s.Limits.Mail.Count = 1 })
}

// F21: what strangers see of it is the same for every address.
func TestEmailLoginTellsNothing(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	env := authtest.Uncached(t, storetest.Open(t, wire.URL), func(s *auth.Settings) { s.Limits.Mail.Count = 3 })
	env.Account(ann)
	withApp(t, env, "factor@example.org")
	shut := env.Account("shut@example.org")
	if err := env.DisableAccount(t.Context(), authtest.Operator(), shut.User.ID); err != nil {
		t.Fatal(err)
	}
	signedUp(t, env, "pending@example.org", authtest.Password)
	see := func(address string) (seen []string) {
		wire.Statements()
		var challenge string
		for range 5 { // beyond the limit on e-mails
			challenge = askCode(t, env, address)
			seen = append(seen, statementKinds(wire.Statements())...)
		}
		for range 6 {
			_, err := byCode(env, challenge, "00000000")
			seen = append(append(seen, statementKinds(wire.Statements())...), err.Error())
		}
		return seen
	}
	known := see(ann)
	for _, address := range []string{"nobody@example.org", "factor@example.org", "shut@example.org", "pending@example.org"} {
		if got := see(address); !slices.Equal(got, known) {
			t.Errorf("about %s:\n%q\nabout an account:\n%q", address, got, known)
		}
	}
	for _, address := range []string{"nobody@example.org", "shut@example.org", "pending@example.org"} {
		if names := names(env.Letters(address)); slices.Contains(names, "login_code to "+address) {
			t.Errorf("a code went to %s", address)
		}
	}
}

func TestEmailLoginThatIsOff(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account(ann)
		challenge := askCode(t, env, ann)
		code := env.Token(mail.LoginCode, ann)
		off := env.Replica(env.Store, func(s *auth.Settings) { s.EmailLogin = false })
		_, err := off.StartEmailLogin(t.Context(), authtest.Anyone(), auth.StartEmailLoginInput{Email: ann})
		authtest.Refused(t, "StartEmailLogin()", err, auth.NotOffered)
		_, err = byCode(off, challenge, code)
		authtest.Refused(t, "AnswerChallenge()", err, auth.NotOffered)
		letters := env.Caused(func() {
			start, err := off.StartReauthentication(t.Context(), off.As(login.AccessToken), auth.StartReauthenticationInput{SendCode: true})
			if err != nil || slices.Contains(start.Methods, auth.ByEmailCode) {
				t.Errorf("StartReauthentication() = %v, %v", start, err)
			}
		})
		notices(t, "off", letters)
	})
}
