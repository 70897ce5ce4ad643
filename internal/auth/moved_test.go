package auth_test

import (
	"testing"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store"
)

// behind changes an account without the service: the tokens in its e-mails
// stay, which no operation would leave.
func behind(t testing.TB, env *authtest.Env, login *auth.Login, change func(*ent.UserUpdateOne)) {
	t.Helper()
	err := env.Store.InTx(t.Context(), func(tx *store.Tx) error {
		tx.Changed(login.User.ID)
		update := tx.User.UpdateOneID(login.User.ID)
		change(update)
		return update.Exec(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A reset token opens nothing if the account no longer has the address that it
// was sent to. Such a token is also voided; this check works even without that.
func TestResetAfterTheAddressMoved(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		token := requestReset(t, env, "ann@example.org")
		behind(t, env, ann, func(u *ent.UserUpdateOne) { u.SetEmail("ann@example.net").SetEmailKey("ann@example.net") })
		_, err := reset(env, token, newPassword)
		authtest.Refused(t, "ResetPassword()", err, auth.InvalidToken, "token")

		behind(t, env, ann, func(u *ent.UserUpdateOne) { u.ClearEmail().ClearEmailKey() })
		_, err = reset(env, token, newPassword)
		authtest.Refused(t, "ResetPassword() without an address", err, auth.InvalidToken, "token")
		alive(t, env, "the session", ann)
	})
}

// The same, if the address changes between the first read of the token and the
// transaction.
func TestResetWhileTheAddressMoves(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		token := requestReset(t, env, "ann@example.org")
		between := interleave(env, func() {
			behind(t, env, ann, func(u *ent.UserUpdateOne) { u.SetEmail("ann@example.net").SetEmailKey("ann@example.net") })
		})
		_, err := reset(between, token, newPassword)
		authtest.Refused(t, "ResetPassword()", err, auth.InvalidToken, "token")
		alive(t, env, "the session", ann)
	})
}

// A token for a change of address confirms only the address that it was sent
// to.
func TestConfirmAfterThePendingAddressMoved(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		token := changeAddress(t, env, ann, "ann@example.net")
		for what, change := range map[string]func(*ent.UserUpdateOne){
			"another is pending": func(u *ent.UserUpdateOne) { u.SetPendingEmail("eve@example.net").SetPendingEmailKey("eve@example.net") },
			"none is pending":    func(u *ent.UserUpdateOne) { u.ClearPendingEmail().ClearPendingEmailKey() },
		} {
			behind(t, env, ann, change)
			_, err := confirm(env, token, authtest.Password)
			authtest.Refused(t, what+": Confirm()", err, auth.InvalidToken, "token")
			if u := env.Store.User.GetX(t.Context(), ann.User.ID); *u.EmailKey != "ann@example.org" {
				t.Errorf("%s: the address is %s", what, *u.EmailKey)
			}
		}
	})
}
