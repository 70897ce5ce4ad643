package auth_test

import (
	"errors"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

// The acting account comes only from the credential. No id, address or token in
// an input makes a call act on another account.
func TestNobodyActsOnAnothersAccount(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, bea := env.Account("ann@example.org"), env.Account("bea@example.org")
		update(t, env, bea, auth.UpdateAccountInput{Username: ptr("bea")})
		beas := issue(t, env, bea, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
		c := env.As(ann.AccessToken)
		before, trail := env.Store.User.GetX(t.Context(), bea.User.ID), len(env.Trail(bea.User.ID))

		letters := env.Caused(func() {
			for what, id := range map[string]string{
				"account": bea.User.ID.String(), "session": bea.Session.ID.String(), "API token": beas.Token.ID.String(), "secret": beas.Secret,
			} {
				_, err := env.RevokeSession(t.Context(), c, auth.RevokeSessionInput{ID: id})
				authtest.Refused(t, "RevokeSession() of another's "+what, err, auth.NotFound, "id")
				_, err = env.RevokeAPIToken(t.Context(), c, auth.RevokeAPITokenInput{ID: id})
				authtest.Refused(t, "RevokeAPIToken() of another's "+what, err, auth.NotFound, "id")
				_, err = refresh(env, id)
				authtest.Refused(t, "Refresh() of another's "+what, err, auth.InvalidToken, "refreshToken")
				logout(t, env, "another's "+what, c, auth.LogoutInput{Scope: auth.LogoutAll, RefreshToken: &id})
			}
			_, err := env.UpdateAccount(t.Context(), c, auth.UpdateAccountInput{CurrentPassword: ptr(authtest.Password), Username: ptr("bea")})
			authtest.Refused(t, "UpdateAccount() to another's username", err, auth.Taken, "username")
		})
		notices(t, "all that", letters)

		if after := env.Store.User.GetX(t.Context(), bea.User.ID); after.String() != before.String() || len(env.Trail(bea.User.ID)) != trail {
			t.Errorf("the other's account is %v, was %v", after, before)
		}
		alive(t, env, "the other's session", bea)
		if c := env.As(beas.Secret); c.Anonymous() {
			t.Errorf("the other's API token is refused: %s", c.Refused)
		}
		if n := len(sessionsOf(t, env, ann)); n != 1 {
			t.Errorf("the caller has %d sessions left, want 1", n)
		}
	})
}

// A request whose session ends while it runs changes nothing.
func TestAnEndedSessionChangesNothing(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		owner, thief := env.Account("ann@example.org"), env.LogIn("ann@example.org")
		api := issue(t, env, owner, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
		c := env.As(thief.AccessToken)
		logout(t, env, "the owner", env.As(owner.AccessToken), auth.LogoutInput{Scope: auth.LogoutOthers}, thief)
		before := rowsIn(t, env.Store)
		ctx := t.Context()
		for what, call := range map[string]func() error{
			"RevokeSession": func() error {
				_, err := env.RevokeSession(ctx, c, auth.RevokeSessionInput{ID: owner.Session.ID.String()})
				return err
			},
			"RevokeAPIToken": func() error {
				_, err := env.RevokeAPIToken(ctx, c, auth.RevokeAPITokenInput{ID: api.Token.ID.String()})
				return err
			},
			"IssueAPIToken": func() error {
				_, err := env.IssueAPIToken(ctx, c, auth.IssueAPITokenInput{Name: "mine", Scopes: readAccount})
				return err
			},
			"UpdateAccount": func() error {
				_, err := env.UpdateAccount(ctx, c, auth.UpdateAccountInput{CurrentPassword: ptr(authtest.Password), NewPassword: ptr(newPassword)})
				return err
			},
			"Reauthenticate": func() error {
				_, err := env.Reauthenticate(ctx, c, auth.ReauthenticateInput{Password: ptr(authtest.Password)})
				return err
			},
			"DeleteAccount": func() error { _, err := env.DeleteAccount(ctx, c); return err },
		} {
			err := call()
			authtest.Refused(t, what+"() by an ended session", err, auth.Unauthenticated)
			if one := (*auth.Error)(nil); errors.As(err, &one) && one.Reason != auth.ReasonRevoked {
				t.Errorf("%s() says %s, want REVOKED", what, one.Reason)
			}
		}
		for _, scope := range []auth.LogoutScope{auth.LogoutCurrent, auth.LogoutOthers, auth.LogoutAll} {
			logout(t, env, "an ended session, "+string(scope), c, auth.LogoutInput{Scope: scope})
		}
		if after := rowsIn(t, env.Store); after != before {
			t.Errorf("there are %v rows, before %v", after, before)
		}
		alive(t, env, "the owner", owner)
	})
}
