package auth_test

import (
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// A session of the account confirms its new address, and continues unchanged.
func TestConfirmAnAddressBySession(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		asked, here, other := env.Account("ann@example.org"), env.LogIn("ann@example.org"), env.LogIn("ann@example.org")
		token := changeAddress(t, env, asked, "ann@example.net")
		var outcome *auth.Outcome
		recorded := env.Recorded(asked.User.ID, func() {
			var err error
			if outcome, err = env.Confirm(t.Context(), env.As(here.AccessToken), auth.ConfirmInput{Token: token, Email: new("ann@example.net")}); err != nil {
				t.Fatalf("Confirm() = %v", err)
			}
		})
		if outcome.Session.ID != here.Session.ID || outcome.RefreshToken != nil || *outcome.User.Email != "ann@example.net" {
			t.Errorf("Confirm() = %v, want the session that confirmed, without a new refresh token", outcome.Login)
		}
		if c := env.As(outcome.AccessToken); c.SessionID != here.Session.ID {
			t.Errorf("the access token is of %v (%q), want the session", c.SessionID, c.Refused)
		}
		if len(recorded) != 2 || recorded[0] != "session_revoke ok session" || recorded[1] != "email_change ok session" {
			t.Errorf("recorded %q", recorded)
		}
		alive(t, env, "the session that asked", asked)
		alive(t, env, "the session that confirmed", here)
		dead(t, env, "another session", other)
		if n := len(sessionsOf(t, env, env.LogIn("ann@example.net"))); n != 3 {
			t.Errorf("%d sessions, want the two and the one that asks", n)
		}
	})
}

// A person who has only the e-mail opens nothing.
func TestConfirmAnAddressWithoutProof(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, eve := env.Account("ann@example.org"), env.Account("eve@example.org")
		api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
		ended := env.LogIn("ann@example.org")
		endedCaller := env.As(ended.AccessToken)
		logout(t, env, "before", authtest.Anyone(), auth.LogoutInput{RefreshToken: ended.RefreshToken}, ended)
		token := changeAddress(t, env, ann, "ann@example.net")
		key := begin(t, env, "bob@example.org", authtest.Password, auth.InBody).key

		withCookies := authtest.Anyone()
		withCookies.Browser = &auth.Browser{Session: *ann.RefreshToken, Confirm: key}
		for what, c := range map[string]auth.Caller{
			"nothing": authtest.Anyone(), "another's session": env.As(eve.AccessToken), "an API token": env.As(api.Secret),
			"cookies": withCookies, "a bearer that is none": env.As("junk"),
		} {
			_, err := env.Confirm(t.Context(), c, auth.ConfirmInput{Token: token})
			authtest.Refused(t, "with "+what+": Confirm()", err, auth.Required, "password")
		}
		_, err := env.Confirm(t.Context(), endedCaller, auth.ConfirmInput{Token: token})
		authtest.Refused(t, "with a session that ended meanwhile: Confirm()", err, auth.Unauthenticated)
		_, err = env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: token, NewPassword: new(newPassword)})
		authtest.Refused(t, "with a new password: Confirm()", err, auth.Invalid, "newPassword")
		_, err = env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: token, ConfirmKey: &key})
		authtest.Refused(t, "with a sign-up's key: Confirm()", err, auth.Invalid, "confirmKey")

		withoutPassword(t, env, ann)
		_, err = env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: token})
		authtest.Refused(t, "of an account without a password: Confirm()", err, auth.Unauthenticated)
		if _, err := env.Confirm(t.Context(), env.As(ann.AccessToken), auth.ConfirmInput{Token: token}); err != nil {
			t.Errorf("with its session, after all that: Confirm() = %v", err)
		}
	})
}

// Two presses at once move the address once.
func TestConfirmAnAddressBySessionAtOnce(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		token, c := changeAddress(t, env, ann, "ann@example.net"), env.As(ann.AccessToken)
		_, errs := authtest.AtOnce(10, func(int) (*auth.Outcome, error) {
			return env.Confirm(t.Context(), c, auth.ConfirmInput{Token: token})
		})
		moved := 0
		for _, err := range errs {
			if err == nil {
				moved++
			} else {
				authtest.Refused(t, "Confirm()", err, auth.InvalidToken, "token")
			}
		}
		if moved != 1 {
			t.Errorf("%d of 10 moved the address, want one", moved)
		}
		alive(t, env, "the session", ann)
	})
}
