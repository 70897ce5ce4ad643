package auth_test

import (
	"context"
	"encoding/base32"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/totp"
)

// app is an authenticator app, and what its owner keeps beside it.
type app struct {
	id    string
	key   []byte
	codes []string // recovery codes
	login *auth.Login
}

// withApp makes an account with an authenticator app.
func withApp(t testing.TB, env *authtest.Env, address string) *app {
	t.Helper()
	return addApp(t, env, env.Account(address))
}

// addApp adds one to a login's account. Its first code is used up.
func addApp(t testing.TB, env *authtest.Env, login *auth.Login) *app {
	t.Helper()
	c := env.As(login.AccessToken)
	added, err := env.AddTotp(t.Context(), c)
	if err != nil {
		t.Fatalf("AddTotp() = %v", err)
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(added.Secret)
	if err != nil {
		t.Fatal(err)
	}
	a := &app{key: key, login: login}
	done, err := env.ConfirmTotp(t.Context(), c, auth.ConfirmTotpInput{ID: added.ID.String(), Code: a.code(env), Name: "phone"})
	if err != nil {
		t.Fatalf("ConfirmTotp() = %v", err)
	}
	a.id, a.codes = done.Factor.ID.String(), done.RecoveryCodes
	return a
}

// code is what the app shows.
func (a *app) code(env *authtest.Env) string { return totp.Code(a.key, totp.Step(env.Clock.Now())) }

// next is a code that was not used: it turns the clock to it.
func (a *app) next(env *authtest.Env) string {
	env.Clock.Turn(30 * time.Second)
	return a.code(env)
}

// resetFactors is what the operator does for somebody who has lost them.
func resetFactors(ctx context.Context, env *authtest.Env, c auth.Caller, id uuid.UUID, which auth.FactorReset) error {
	_, err := env.ResetFactors(ctx, c, id, which, false)
	return err
}

// challenged logs in as far as the password leads.
func challenged(t testing.TB, env *authtest.Env, c auth.Caller, address string) string {
	t.Helper()
	outcome, err := env.Login(t.Context(), c, auth.LoginInput{Email: &address, Password: authtest.Password})
	if err != nil || outcome.Challenge == nil || outcome.Login != nil {
		t.Fatalf("Login(%s) = %v, %v, want a challenge", address, outcome, err)
	}
	return outcome.Challenge.Token
}

// answer answers a challenge with a code of the app.
func answer(env *authtest.Env, c auth.Caller, challenge, code string) (*auth.Outcome, error) {
	return env.AnswerChallenge(context.Background(), c, auth.AnswerChallengeInput{Challenge: challenge, TotpCode: &code})
}

// recover answers one with a recovery code.
func recoverBy(env *authtest.Env, c auth.Caller, challenge, code string) (*auth.Outcome, error) {
	return env.AnswerChallenge(context.Background(), c, auth.AnswerChallengeInput{Challenge: challenge, RecoveryCode: &code})
}

// twoSteps logs in with password and code.
func twoSteps(t testing.TB, env *authtest.Env, a *app, address string) *auth.Login {
	t.Helper()
	outcome, err := answer(env, authtest.Anyone(), challenged(t, env, authtest.Anyone(), address), a.next(env))
	if err != nil || outcome.Login == nil {
		t.Fatalf("AnswerChallenge() = %v", err)
	}
	return outcome.Login
}

func trust30Days(s *auth.Settings) { s.TrustedDeviceTTL = 30 * 24 * time.Hour }

// trusting is a browser that is trusted.
func trusting(t testing.TB, env *authtest.Env, a *app, address string) auth.Caller {
	t.Helper()
	c, token, code := authtest.Anyone(), challenged(t, env, authtest.Anyone(), address), a.next(env)
	in := auth.AnswerChallengeInput{Challenge: token, TotpCode: &code, TrustDevice: true}
	if _, err := env.AnswerChallenge(t.Context(), c, in); err != nil {
		t.Fatalf("AnswerChallenge() = %v", err)
	}
	return returning(c)
}
