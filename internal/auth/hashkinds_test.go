package auth_test

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/password"
)

// kindsOf lists the kinds of hashes that a new process knows.
func kindsOf(t testing.TB, env *authtest.Env) []string {
	t.Helper()
	ids := env.Store.HashKind.Query().IDsX(t.Context())
	slices.Sort(ids)
	return ids
}

// Every process knows the kinds of hashes, from the moment that one process
// meets them. They are forgotten a day after the last account has left them.
func TestHashKinds(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		present := password.InsecureForTests().String()
		if got := kindsOf(t, env); !slices.Equal(got, []string{present}) {
			t.Fatalf("at first the kinds are %q, want the present one", got)
		}
		ann := env.Account("ann@example.org")
		plain, err := bcrypt.GenerateFromPassword([]byte(authtest.Password), 4)
		if err != nil {
			t.Fatal(err)
		}
		behind(t, env, ann, func(u *ent.UserUpdateOne) { u.SetPasswordHash(string(plain)) })
		if _, err := logIn(env, "ann@example.org", "wrong"); err == nil {
			t.Fatal("a wrong password logs in")
		}
		refresh := func() {
			t.Helper()
			if err := env.RefreshKinds(t.Context()); err != nil {
				t.Fatalf("RefreshKinds() = %v", err)
			}
		}
		refresh()
		both := []string{present, "bcrypt:4"}
		if got := kindsOf(t, env); !slices.Equal(got, both) {
			t.Errorf("after the first of a kind they are %q, want %q", got, both)
		}
		hasher, err := password.New(password.Options{Scheme: password.InsecureForTests()})
		if err != nil {
			t.Fatal(err)
		}
		env.Process(env.Store, func(o *auth.Options) { o.Passwords = hasher })
		if len(hasher.Kinds()) != 2 {
			t.Errorf("another process knows %q at its start, want both", hasher.Kinds())
		}

		env.Clock.Turn(25 * time.Hour)
		refresh()
		if got := kindsOf(t, env); !slices.Equal(got, both) {
			t.Errorf("while an account has it, the kinds are %q", got)
		}
		env.LogIn("ann@example.org") // the login hashes it again
		refresh()
		if got := kindsOf(t, env); !slices.Equal(got, both) {
			t.Errorf("within the day the kinds are %q: the accounts are looked at too often", got)
		}
		env.Clock.Turn(25 * time.Hour)
		refresh()
		if got := kindsOf(t, env); !slices.Equal(got, []string{present}) {
			t.Errorf("once no account has it, the kinds are %q", got)
		}
	})
}
