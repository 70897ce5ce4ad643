package auth_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// withPasskey makes an account with a passkey that logs in.
func withPasskey(t testing.TB, env *authtest.Env, address string) (*authtest.Passkey, *auth.Login) {
	t.Helper()
	key, login := authtest.NewPasskey(), env.Account(address)
	addPasskey(t, env, login, key, auth.ConfirmPasskeyInput{})
	return key, login
}

// addPasskey adds one to a login's account.
func addPasskey(t testing.TB, env *authtest.Env, login *auth.Login, key *authtest.Passkey, in auth.ConfirmPasskeyInput) *auth.ConfirmedPasskey {
	t.Helper()
	done, err := tryPasskey(t, env, login, key, in)
	if err != nil {
		t.Fatalf("ConfirmPasskey() = %v", err)
	}
	return done
}

func tryPasskey(t testing.TB, env *authtest.Env, login *auth.Login, key *authtest.Passkey, in auth.ConfirmPasskeyInput) (*auth.ConfirmedPasskey, error) {
	t.Helper()
	c := env.As(login.AccessToken)
	options, err := env.AddPasskey(t.Context(), c)
	if err != nil {
		t.Fatalf("AddPasskey() = %v", err)
	}
	in.Passkey = key.Create(options)
	return env.ConfirmPasskey(t.Context(), c, in)
}

// started is the options of a login.
func started(t testing.TB, env *authtest.Env) json.RawMessage {
	t.Helper()
	options, err := env.StartPasskeyLogin(t.Context(), authtest.Anyone())
	if err != nil {
		t.Fatalf("StartPasskeyLogin() = %v", err)
	}
	return options
}

// touch logs in with a passkey's answer.
func touch(env *authtest.Env, c auth.Caller, answer json.RawMessage) (*auth.Outcome, error) {
	return env.LoginWithPasskey(context.Background(), c, auth.LoginWithPasskeyInput{Passkey: answer})
}

// touched is touch with a new challenge, and it must succeed.
func touched(t testing.TB, env *authtest.Env, key *authtest.Passkey) *auth.Login {
	t.Helper()
	outcome, err := touch(env, authtest.Anyone(), key.Get(started(t, env)))
	if err != nil || outcome.Login == nil {
		t.Fatalf("LoginWithPasskey() = %v, %v", outcome, err)
	}
	return outcome.Login
}

// challengeFor logs in as far as the password leads, and returns the whole challenge.
func challengeFor(t testing.TB, env *authtest.Env, address string) *auth.Challenge {
	t.Helper()
	outcome, err := logIn(env, address, authtest.Password)
	if err != nil || outcome.Challenge == nil {
		t.Fatalf("Login(%s) = %v, %v, want a challenge", address, outcome, err)
	}
	return outcome.Challenge
}

// answerBy answers a challenge with a passkey's answer.
func answerBy(env *authtest.Env, challenge string, answer json.RawMessage) (*auth.Outcome, error) {
	return env.AnswerChallenge(context.Background(), authtest.Anyone(), auth.AnswerChallengeInput{Challenge: challenge, Passkey: answer})
}

// presence is the options to prove presence in a login's session.
func presence(t testing.TB, env *authtest.Env, login *auth.Login) *auth.Reauthentication {
	t.Helper()
	start, err := env.StartReauthentication(t.Context(), env.As(login.AccessToken), auth.StartReauthenticationInput{})
	if err != nil {
		t.Fatalf("StartReauthentication() = %v", err)
	}
	return start
}

// prove proves presence with a passkey's answer.
func prove(env *authtest.Env, login *auth.Login, answer json.RawMessage) (*auth.Session, error) {
	return env.Reauthenticate(context.Background(), env.As(login.AccessToken), auth.ReauthenticateInput{Passkey: answer})
}
