package auth_test

import (
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/passkey"
)

// The domain of passkeys may change, or go, while a sign-up waits. Its passkey would
// never log in, so it is as no proof: the owner of the address chooses a password.
func TestTheDomainChangesWhileASignUpWaits(t *testing.T) {
	for name, party := range map[string]*passkey.Party{
		"another": {ID: "other.example", Name: "Example", Allowed: func(string) bool { return true }},
		"none":    nil,
	} {
		t.Run(name, func(t *testing.T) {
			authtest.Each(t, func(t *testing.T, env *authtest.Env) {
				key, token, browser := pendingKey(t, env, ann)
				outcome, err := confirmBy(env, auth.ConfirmInput{Token: token})
				authtest.Refused(t, "before the change", err, auth.Required, "passkey")
				moved := env.Process(env.Store, func(o *auth.Options) {
					o.Party, o.Settings.Passkeys = party, party != nil
				})
				_, err = confirmBy(moved, auth.ConfirmInput{Token: token})
				authtest.Refused(t, "no proof", err, auth.Required, "password")
				_, err = confirmBy(moved, auth.ConfirmInput{Token: token, ConfirmKey: &browser})
				authtest.Refused(t, "the key of the browser", err, auth.Required, "password")
				c := authtest.Anyone()
				c.Browser.Confirm = browser
				_, err = moved.Confirm(t.Context(), c, auth.ConfirmInput{Token: token})
				authtest.Refused(t, "the cookie", err, auth.Required, "password")
				_, err = confirmBy(moved, auth.ConfirmInput{Token: token, Passkey: key.Get(outcome.PasskeyOptions)})
				authtest.Refused(t, "the passkey", err, auth.InvalidCredentials, "passkey")
				done, err := confirmBy(moved, auth.ConfirmInput{Token: token, NewPassword: ptr(newPassword)})
				if err != nil {
					t.Fatalf("a new password: Confirm() = %v", err)
				}
				if list, err := moved.Factors(t.Context(), done.User); err != nil || len(list) > 0 {
					t.Errorf("the account has %v, %v, want no passkey", list, err)
				}
			})
		})
	}
}

// What a passkey must prove is decided by the account as it is when the proof counts.
func TestPresenceIsJudgedByTheAccountAsItIs(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login, key := env.Account(ann), authtest.NewPasskey()
		addPasskey(t, env, login, key, auth.ConfirmPasskeyInput{SecondFactor: true})
		before := env.As(login.AccessToken)
		options := presence(t, env, login).PasskeyOptions
		key.Flags &^= authtest.UserVerified
		if _, err := env.SetSecondFactor(t.Context(), env.As(login.AccessToken), auth.SetSecondFactorInput{}); err != nil {
			t.Fatal(err)
		}
		_, err := env.Reauthenticate(t.Context(), before, auth.ReauthenticateInput{Passkey: key.Get(options)})
		authtest.Refused(t, "a passkey that has not verified its user", err, auth.InvalidCode, "passkey")
	})
}

// Usernames may be switched off between the two steps of a sign-up.
func TestUsernamesGoWhileASignUpIsUnderWay(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		answer := authtest.NewPasskey().Create(beginSignUp(t, env, auth.StartPasskeySignUpInput{Username: ptr("annie")}))
		off := env.Replica(env.Store, func(s *auth.Settings) { s.Usernames = false })
		_, err := signUpBy(off, authtest.Anyone(), answer)
		authtest.Refused(t, "SignUpWithPasskey()", err, auth.NotOffered, "username")
	})
}
