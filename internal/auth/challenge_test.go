package auth_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

const ann = "ann@example.org"

func TestLoginInTwoSteps(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		outcome, err := env.Login(t.Context(), authtest.Anyone(), auth.LoginInput{
			Email: ptr(ann), Password: authtest.Password, Session: &auth.SessionInput{Delivery: auth.InCookie, DeviceName: ptr("laptop")},
		})
		if err != nil || outcome.Login != nil || outcome.Challenge.ExpiresIn != 600 ||
			!slices.Equal(outcome.Challenge.Methods, []auth.ProofKind{auth.ByTotp, auth.ByRecoveryCode}) {
			t.Fatalf("Login() = %v, %v, want a challenge alone", outcome, err)
		}
		c := authtest.Anyone()
		recorded := env.Recorded(a.login.User.ID, func() {
			outcome, err = answer(env, c, outcome.Challenge.Token, a.next(env))
		})
		if err != nil {
			t.Fatalf("AnswerChallenge() = %v", err)
		}
		if want := []string{"challenge_answer ok anonymous"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		s := outcome.Session
		if outcome.RefreshToken != nil || *s.DeviceName != "laptop" || !s.SecondFactor || !slices.Equal(s.Methods, []auth.ProofKind{auth.ByPassword, auth.ByTotp}) {
			t.Errorf("the session is %+v, want as it was asked for at login, by two factors", s)
		}
		if c = returning(c); c.Browser.Session == "" || c.Browser.Device == "" {
			t.Error("the cookies are not set")
		}
		if !env.Recent(env.As(outcome.AccessToken)) {
			t.Error("an answer is no proof of presence")
		}
	})
}

func TestAnswerChallengeRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		first := a.code(env)
		token := challenged(t, env, authtest.Anyone(), ann)
		anyone := authtest.Anyone()
		_, err := answer(env, anyone, token, first)
		authtest.Refused(t, "the code that confirmed the app", err, auth.InvalidCode, "totpCode")
		_, err = answer(env, anyone, "junk", a.next(env))
		authtest.Refused(t, "junk", err, auth.InvalidToken, "challenge")
		_, err = env.AnswerChallenge(t.Context(), anyone, auth.AnswerChallengeInput{Challenge: token})
		authtest.Refused(t, "no code", err, auth.Required, "totpCode")
		_, err = env.AnswerChallenge(t.Context(), anyone, auth.AnswerChallengeInput{Challenge: token, TotpCode: ptr("1"), RecoveryCode: ptr("2")})
		authtest.Refused(t, "two codes", err, auth.Invalid, "recoveryCode")
		_, err = answer(env, anyone, token, " ")
		authtest.Refused(t, "a blank code", err, auth.Required, "totpCode")

		good := a.code(env)
		if _, err := answer(env, anyone, token, good); err != nil {
			t.Errorf("after refusals: AnswerChallenge() = %v", err)
		}
		_, err = answer(env, anyone, token, a.next(env))
		authtest.Refused(t, "a challenge used twice", err, auth.InvalidToken, "challenge")
		_, err = answer(env, anyone, challenged(t, env, anyone, ann), good)
		authtest.Refused(t, "a code used twice", err, auth.InvalidCode, "totpCode")

		late := challenged(t, env, anyone, ann)
		env.Clock.Turn(env.ChallengeTTL)
		_, err = answer(env, anyone, late, a.next(env))
		authtest.Refused(t, "late", err, auth.InvalidToken, "challenge")
	})
}

// F06, and what an attacker tries with many challenges.
func TestWrongAnswersVoidAChallenge(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		token := challenged(t, env, authtest.Anyone(), ann)
		for range 5 {
			_, err := answer(env, authtest.Anyone(), token, "000000")
			authtest.Refused(t, "a wrong code", err, auth.InvalidCode, "totpCode")
		}
		_, err := answer(env, authtest.Anyone(), token, a.next(env))
		authtest.Refused(t, "the sixth answer, right", err, auth.InvalidToken, "challenge")
		var tokens []string
		for range 6 {
			tokens = append(tokens, challenged(t, env, authtest.Anyone(), ann))
		}
		_, err = answer(env, authtest.Anyone(), tokens[0], a.next(env))
		authtest.Refused(t, "the oldest of six", err, auth.InvalidToken, "challenge")
		if _, err := answer(env, authtest.Anyone(), tokens[1], a.code(env)); err != nil {
			t.Errorf("the second of six: AnswerChallenge() = %v", err)
		}
	})
}

// A stranger who knows the password begins challenges from many places. The one of the
// owner, at another place, stays.
func TestManyChallengesDoNotVoidTheOwners(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		owners := challenged(t, env, authtest.Stranger("2001:db8:7::1"), ann)
		for i := range 70 { // many addresses of one network, and a few more networks
			for _, ip := range []string{"2001:db8::%d", "2001:db8:0:%d::1", "::ffff:192.0.2.%d"} {
				if strings.HasPrefix(ip, "2001:db8::") || i%8 == 0 {
					challenged(t, env, authtest.Stranger(fmt.Sprintf(ip, i+1)), ann)
				}
			}
		}
		one := authtest.Stranger("198.51.100.1")
		for range 2 * 50 {
			challenged(t, env, one, ann)
		}
		n := env.Store.UserToken.Query().Where(usertoken.PurposeEQ(usertoken.PurposeChallenge)).CountX(t.Context())
		if n > 50 {
			t.Errorf("the account has %d challenges, want 50 at most", n)
		}
		if _, err := answer(env, authtest.Stranger("2001:db8:7::2"), owners, a.next(env)); err != nil {
			t.Errorf("the owner's: AnswerChallenge() = %v", err)
		}
	})
}

// What is full makes room at the place that has most challenges.
func TestThePlaceWithMostChallengesMakesRoom(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		first := challenged(t, env, authtest.Stranger("2001:db8:7::1"), ann)
		for i := range 24 {
			for range 5 {
				challenged(t, env, authtest.Stranger(fmt.Sprintf("192.0.2.%d", i)), ann)
			}
		}
		n := env.Store.UserToken.Query().Where(usertoken.PurposeEQ(usertoken.PurposeChallenge)).CountX(t.Context())
		if n != 50 {
			t.Errorf("the account has %d challenges, want 50", n)
		}
		if _, err := answer(env, authtest.Anyone(), first, a.next(env)); err != nil {
			t.Errorf("the only one of its place: AnswerChallenge() = %v", err)
		}
	})
}

// A challenge that is void takes no attempt of the account.
func TestAVoidChallengeCountsNothing(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		token := challenged(t, env, authtest.Anyone(), ann)
		for range 5 {
			_, err := answer(env, authtest.Anyone(), token, "000000")
			authtest.Refused(t, "a wrong code", err, auth.InvalidCode, "totpCode")
		}
		if n := env.Store.UserToken.Query().Where(usertoken.PurposeEQ(usertoken.PurposeChallenge)).CountX(t.Context()); n != 0 {
			t.Errorf("%d challenges are left, want that the fifth wrong code voids it", n)
		}
		for range 9 {
			_, err := answer(env, authtest.Anyone(), token, a.next(env))
			authtest.Refused(t, "an answer to what is void", err, auth.InvalidToken, "challenge")
		}
		if _, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), ann), a.next(env)); err != nil {
			t.Errorf("the sixth code that is looked at: AnswerChallenge() = %v", err)
		}
	}, func(s *auth.Settings) { s.Limits.Factor.Count = 6 })
}

// F09: what makes the password void makes its challenges void.
func TestAChallengeDiesWithThePassword(t *testing.T) {
	ends := map[string]func(t *testing.T, env *authtest.Env, a *app){
		"changed": func(t *testing.T, env *authtest.Env, a *app) {
			update(t, env, a.login, auth.UpdateAccountInput{NewPassword: ptr(newPassword)})
		},
		"reset": func(t *testing.T, env *authtest.Env, a *app) {
			outcome, err := reset(env, requestReset(t, env, ann), newPassword)
			if err != nil || outcome.Challenge == nil {
				t.Fatalf("ResetPassword() = %v, %v", outcome, err)
			}
			if _, err := answer(env, authtest.Anyone(), outcome.Challenge.Token, a.next(env)); err != nil {
				t.Fatal(err)
			}
		},
		"disabled": func(t *testing.T, env *authtest.Env, a *app) {
			if err := env.DisableAccount(t.Context(), authtest.Operator(), a.login.User.ID); err != nil {
				t.Fatal(err)
			}
		},
		"deleted": func(t *testing.T, env *authtest.Env, a *app) {
			if _, err := env.DeleteAccount(t.Context(), env.As(a.login.AccessToken)); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				a := withApp(t, env, ann)
				token := challenged(t, env, authtest.Anyone(), ann)
				end(t, env, a)
				_, err := answer(env, authtest.Anyone(), token, a.next(env))
				authtest.Refused(t, "AnswerChallenge()", err, auth.InvalidToken, "challenge")
				_, err = recoverBy(env, authtest.Anyone(), token, a.codes[0])
				authtest.Refused(t, "AnswerChallenge() by recovery code", err, auth.InvalidToken, "challenge")
			})
		})
	}
}

// F08: a reset changes nothing until the factor is given.
func TestResetWithASecondFactor(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		session := twoSteps(t, env, a, ann)
		letter := requestReset(t, env, ann)
		letters := env.Caused(func() {
			outcome, err := reset(env, letter, "what a stranger chose")
			if err != nil || outcome.Login != nil || outcome.Challenge == nil {
				t.Fatalf("ResetPassword() = %v, %v, want a challenge alone", outcome, err)
			}
		})
		notices(t, "a reset that waits", letters)
		alive(t, env, "a session", session)
		challenged(t, env, authtest.Anyone(), ann) // the password is the old one

		outcome, err := reset(env, letter, newPassword)
		if err != nil {
			t.Fatalf("the letter again: ResetPassword() = %v", err)
		}
		if outcome, err = recoverBy(env, authtest.Anyone(), outcome.Challenge.Token, a.codes[0]); err != nil {
			t.Fatalf("AnswerChallenge() = %v", err)
		}
		if !outcome.Session.SecondFactor {
			t.Error("the session is not by two factors")
		}
		_, err = logIn(env, ann, authtest.Password)
		authtest.Refused(t, "the old password", err, auth.InvalidCredentials)
		if outcome, err := logIn(env, ann, newPassword); err != nil || outcome.Challenge == nil {
			t.Errorf("the new password: Login() = %v, %v", outcome, err)
		}
		_, err = reset(env, letter, "yet another password")
		authtest.Refused(t, "the letter, used", err, auth.InvalidToken, "token")
		if n, err := env.RecoveryCodesLeft(t.Context(), outcome.User); err != nil || *n != 9 {
			t.Errorf("%d recovery codes are left, %v, want 9: they are for such a day", *n, err)
		}
	})
}

// F07: a change of address by password leads to the factor as well.
func TestConfirmWithASecondFactor(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		a := withApp(t, env, ann)
		token := changeAddress(t, env, a.login, "ann@example.net")
		var outcome *auth.Outcome
		var err error
		recorded := env.Recorded(a.login.User.ID, func() { outcome, err = confirm(env, token, authtest.Password) })
		if want := []string{"email_change ok anonymous", "challenge ok anonymous"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		if err != nil || outcome.Login != nil || outcome.Challenge == nil {
			t.Fatalf("Confirm() = %v, %v, want a challenge", outcome, err)
		}
		if outcome, err = answer(env, authtest.Anyone(), outcome.Challenge.Token, a.next(env)); err != nil || *outcome.User.Email != "ann@example.net" {
			t.Errorf("AnswerChallenge() = %v, %v", outcome, err)
		}
	})
}
