package auth_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func oneLetter(s *auth.Settings) { s.Limits.Mail.Count = 1 } // a thousand in all

// requests that lead to an e-mail only where there is an account.
func requests(t testing.TB, env *authtest.Env) map[string]func(address string) {
	return map[string]func(string){
		mail.LoginCode: func(address string) { askCode(t, env, address) },
		mail.ResetPassword: func(address string) {
			if err := env.RequestPasswordReset(t.Context(), authtest.Anyone(), auth.RequestPasswordResetInput{Email: address}); err != nil {
				t.Fatal(err)
			}
		},
	}
}

// left leaves so many e-mails of the budget of all.
func left(t testing.TB, env *authtest.Env, n int) {
	t.Helper()
	if _, err := env.Store.Writer().ExecContext(t.Context(), fmt.Sprintf("UPDATE throttles SET attempts = %d WHERE id LIKE 'all_letters:%%'", 1000-n)); err != nil {
		t.Fatal(err)
	}
}

// Whether an e-mail is given back shows nothing, nor does the end of them.
func TestTheBudgetOfAllEmailsTellsNothing(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	env := authtest.Uncached(t, storetest.Open(t, wire.URL), oneLetter)
	for i := range 3 {
		env.Account(fmt.Sprintf("ann%d@example.org", i))
	}
	for kind, ask := range requests(t, env) {
		see := func(address string) []string {
			wire.Statements()
			ask(address)
			return statementKinds(wire.Statements())
		}
		if known, nobody := see("ann0@example.org"), see(kind+"@example.org"); !slices.Equal(known, nobody) {
			t.Errorf("%s: about an account:\n%q\nabout nobody:\n%q", kind, known, nobody)
		}
	}
	left(t, env, 0)
	for kind, ask := range requests(t, env) {
		see := func(address string) []string {
			wire.Statements()
			ask(address)
			return statementKinds(wire.Statements())
		}
		known, nobody := see("ann1@example.org"), see("other-"+kind+"@example.org")
		if !slices.Equal(known, nobody) {
			t.Errorf("%s, with none left: about an account:\n%q\nabout nobody:\n%q", kind, known, nobody)
		}
		if letters := env.Letters("ann1@example.org"); letters[len(letters)-1].Name == kind {
			t.Errorf("%s: an e-mail beyond the limit", kind)
		}
	}
}
