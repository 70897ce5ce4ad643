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

// TestAHolderIsWhole: who a bearer is read as is the whole user, as ent reads
// it. A column that the hand-written statement leaves out would be silently
// empty for every caller.
func TestAHolderIsWhole(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		behind(t, env, ann, func(u *ent.UserUpdateOne) {
			u.SetEmail("Ann@Example.org").SetUsername("Ann").SetUsernameKey("ann").
				SetPendingEmail("Ann@Example.net").SetPendingEmailKey("ann@example.net").SetUpdatedAt(env.Clock.Now().Add(time.Second))
		})
		want := env.Store.User.GetX(t.Context(), ann.User.ID)
		got := env.As(ann.AccessToken).User
		compareUsers(t, got, want, user.FieldDisabledAt)

		// The caller that a rotation reads.
		next := refreshed(t, env, ann)
		compareUsers(t, next.User, want, user.FieldDisabledAt)
	})
}

// compareUsers compares all that is stored of a user, and that it is not empty,
// so that a comparison of nothing with nothing proves nothing.
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

// equal compares two values as stored: times as moments.
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

// A disabled account's holder says so: the one column the test above leaves
// empty.
func TestAHolderThatIsDisabled(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		err := env.Store.InTx(t.Context(), func(tx *store.Tx) error { // the sessions stay, as no operation leaves them
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
