package auth_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/ent/user"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store"
)

// TestAHolderIsWhole: a bearer is read with the whole user, as ent reads it. If
// the statement written by hand lacked a column, that column would be empty for
// every caller, and no error would say so.
func TestAHolderIsWhole(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		behind(t, env, ann, func(u *ent.UserUpdateOne) {
			u.SetEmail("Ann@Example.org").SetUsername("Ann").SetUsernameKey("ann").
				SetPendingEmail("Ann@Example.net").SetPendingEmailKey("ann@example.net").
				SetSecondFactor(true).SetRoles("editor").SetLocale("de").SetProfile(`{"plan":"FREE"}`).SetFactorsChangedAt(env.Clock.Now()).SetUpdatedAt(env.Clock.Now().Add(time.Second))
		})
		want := env.Store.User.GetX(t.Context(), ann.User.ID)
		got := env.As(ann.AccessToken).User
		compareUsers(t, got, want, user.FieldDisabledAt)

		// Here the caller is read by a rotation.
		next := refreshed(t, env, ann)
		compareUsers(t, next.User, want, user.FieldDisabledAt)
	})
}

// compareUsers compares everything that is stored of a user. It also checks
// that nothing is empty: a comparison of empty values proves nothing.
func compareUsers(t *testing.T, got, want *ent.User, empty ...string) {
	t.Helper()
	g, w := reflect.ValueOf(got).Elem(), reflect.ValueOf(want).Elem()
	fields := 0
	for i := range w.NumField() {
		f := w.Type().Field(i)
		column := strings.Split(f.Tag.Get("json"), ",")[0]
		if f.Name == "PasswordHash" {
			column = user.FieldPasswordHash // its tag hides it
		}
		if !slices.Contains(user.Columns, column) {
			continue
		}
		fields++
		if !equal(g.Field(i), w.Field(i)) {
			t.Errorf("%s is %v, want %v", f.Name, g.Field(i), w.Field(i))
		}
		if w.Field(i).IsZero() && !slices.Contains(empty, column) {
			t.Errorf("%s is empty: the test does not test it", f.Name)
		}
	}
	if fields != len(user.Columns) {
		t.Errorf("%d of %d columns were compared", fields, len(user.Columns))
	}
}

// equal compares two values as stored. Times are compared as instants.
func equal(a, b reflect.Value) bool {
	if x, ok := a.Interface().(time.Time); ok {
		return x.Equal(b.Interface().(time.Time))
	}
	if x, ok := a.Interface().(*time.Time); ok && x != nil {
		y := b.Interface().(*time.Time)
		return y != nil && x.Equal(*y)
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// The holder of a disabled account says that it is disabled. This is the one
// column that the test above leaves empty.
func TestAHolderThatIsDisabled(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		err := env.Store.InTx(t.Context(), func(tx *store.Tx) error { // no operation disables an account and leaves its sessions
			tx.Changed(ann.User.ID)
			return tx.User.UpdateOneID(ann.User.ID).SetDisabledAt(env.Clock.Now()).Exec(t.Context())
		})
		if err != nil {
			t.Fatal(err)
		}
		if c := env.As(ann.AccessToken); c.Refused != auth.ReasonRevoked {
			t.Errorf("Resolve() = %q, want REVOKED", c.Refused)
		}
	})
}
