package auth_test

import (
	"slices"
	"testing"

	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// A login without a second factor reads the account, counts the attempt and begins
// the session: three statements, of which two write. A second factor changes
// nothing of it. An answer is a transaction of four statements: while it runs, the
// account is locked. Before it stand the challenge and its account, the counts of
// wrong codes, that of this challenge, the apps, and what takes the counts back.
func TestWhatASecondFactorCosts(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	env := authtest.Uncached(t, storetest.Open(t, wire.URL))
	a := withApp(t, env, ann)
	env.Account("bob@example.org")
	of := func(what string, do func(), want ...string) {
		t.Helper()
		wire.Statements()
		do()
		if got := statementKinds(wire.Statements()); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", what, got, want)
		}
	}
	env.LogIn("bob@example.org") // prepares the statements
	of("a login", func() { env.LogIn("bob@example.org") }, "SELECT users", "WITH throttles", "WITH users")
	token, code := challenged(t, env, authtest.Anyone(), ann), a.next(env)
	of("an answer", func() {
		if _, err := answer(env, authtest.Anyone(), token, code); err != nil {
			t.Fatal(err)
		}
	}, "SELECT user_tokens", "SELECT users", "WITH throttles", "INSERT throttles", "SELECT factors", "UPDATE throttles",
		"BEGIN", "WITH users", "SELECT user_tokens", "INSERT user_tokens", "INSERT audit_events", "COMMIT")
}
