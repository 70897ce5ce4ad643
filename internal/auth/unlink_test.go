package auth_test

import (
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/oidctest"
)

// O24: one way in always stays, and nobody unlinks another's.
func TestUnlinkIdentity(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		made := env.LoggedInBy(at, bea())
		unlink := func(login *auth.Login, id string) error {
			_, err := env.UnlinkIdentity(t.Context(), env.As(login.AccessToken), auth.UnlinkIdentityInput{ID: id})
			return err
		}
		first := made.Identity.ID.String()
		authtest.Refused(t, "the last way in", unlink(made.Login, first), auth.LastWayIn)
		second := bea()
		second.Subject = "bea-at-home"
		linked, err := env.Linked(at, made.Login, second)
		if err != nil {
			t.Fatal(err)
		}
		stranger := env.Account("mallory@example.org")
		authtest.Refused(t, "another's", unlink(stranger, first), auth.NotFound, "id")
		authtest.Refused(t, "no id", unlink(stranger, "x"), auth.NotFound, "id")
		other := env.LoggedInBy(at, bea())
		if err := unlink(made.Login, first); err != nil {
			t.Fatalf("UnlinkIdentity() = %v", err)
		}
		dead(t, env, "another session after unlinking", other.Login)
		authtest.Refused(t, "the last way in", unlink(made.Login, linked.Identity.ID.String()), auth.LastWayIn)
		if again := env.LoggedInBy(at, bea()); again.User.ID == made.User.ID {
			t.Error("an unlinked identity still logs in")
		}
		refreshed(t, env, made.Login)
	}, nil)
}

func TestTwoUnlinkingsAtOnceLeaveOne(t *testing.T) {
	authtest.EachProvider(t, func(t *testing.T, env *authtest.Env, at *oidctest.Provider) {
		made := env.LoggedInBy(at, bea())
		second := bea()
		second.Subject = "bea-at-home"
		linked, err := env.Linked(at, made.Login, second)
		if err != nil {
			t.Fatal(err)
		}
		ids := []string{made.Identity.ID.String(), linked.Identity.ID.String()}
		c := env.As(made.AccessToken)
		_, errs := authtest.AtOnce(2, func(i int) (*auth.LinkedIdentity, error) {
			return env.UnlinkIdentity(t.Context(), c, auth.UnlinkIdentityInput{ID: ids[i]})
		})
		refused := 0
		for _, err := range errs {
			if is(err, auth.LastWayIn) {
				refused++
			} else if err != nil {
				t.Errorf("UnlinkIdentity() = %v", err)
			}
		}
		if n := env.Store.Identity.Query().CountX(t.Context()); n != 1 || refused != 1 {
			t.Errorf("%d identities are left, %d were refused", n, refused)
		}
	}, nil)
}
