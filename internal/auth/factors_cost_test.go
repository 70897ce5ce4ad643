package auth_test

import (
	"slices"
	"testing"

	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// What a login costs without a second factor is what it always did, and an answer
// adds two statements to it: one uses the code up, and one the challenge.
func TestWhatASecondFactorCosts(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	env := authtest.Uncached(t, storetest.Open(t, wire.URL))
	a := withApp(t, env, ann)
	env.Account("bob@example.org")
	inTx := func(do func()) []string {
		wire.Statements()
		do()
		kinds := statementKinds(wire.Statements())
		begin := slices.Index(kinds, "BEGIN")
		return kinds[begin:]
	}
	plain := inTx(func() { env.LogIn("bob@example.org") })
	token, code := challenged(t, env, authtest.Anyone(), ann), a.next(env)
	answered := inTx(func() {
		if _, err := answer(env, authtest.Anyone(), token, code); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("login %q\nanswer %q", plain, answered)
	if len(answered)-len(plain) != 2 {
		t.Errorf("an answer has %d statements in its transaction, a login %d: want two more", len(answered), len(plain))
	}
}
