package auth_test

import (
	"slices"
	"testing"

	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// A login without a second factor reads the account, counts the attempt and begins
// the session: three statements, of which two write. A second factor changes
// nothing of it; an answer is a transaction.
func TestWhatASecondFactorCosts(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	env := authtest.Uncached(t, storetest.Open(t, wire.URL))
	a := withApp(t, env, ann)
	env.Account("bob@example.org")
	of := func(do func()) []string {
		wire.Statements()
		do()
		return statementKinds(wire.Statements())
	}
	env.LogIn("bob@example.org") // prepares the statements
	plain := of(func() { env.LogIn("bob@example.org") })
	if want := []string{"SELECT users", "WITH throttles", "WITH users"}; !slices.Equal(plain, want) {
		t.Errorf("a login is %q, want %q", plain, want)
	}
	token, code := challenged(t, env, authtest.Anyone(), ann), a.next(env)
	answered := of(func() {
		if _, err := answer(env, authtest.Anyone(), token, code); err != nil {
			t.Fatal(err)
		}
	})
	if inTx := answered[slices.Index(answered, "BEGIN"):]; len(inTx) > 8 {
		t.Errorf("an answer's transaction is %q", inTx)
	}
}
