package auth_test

import (
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// A login page with autofill asks at every view, and a sign-up form as well: neither
// reaches the database.
func TestOptionsCostNoStatement(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	env := authtest.Uncached(t, storetest.Open(t, wire.URL))
	wire.Statements()
	started(t, env)
	beginSignUp(t, env, auth.StartPasskeySignUpInput{Email: ptr(ann)})
	if sent := wire.Statements(); len(sent) > 0 {
		t.Errorf("sent %q, want nothing", sent)
	}
}
