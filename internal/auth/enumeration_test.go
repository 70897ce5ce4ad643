package auth_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// statementKinds describes each statement by what it does to which table. Rows
// may leave out different columns, but the order of reads and writes must be
// the same.
func statementKinds(statements []string) []string {
	var list []string
	for _, text := range statements {
		fields := strings.Fields(text)
		kind := fields[0]
		for i, field := range fields[:max(0, len(fields)-1)] {
			if field == "FROM" || field == "INTO" || field == "UPDATE" {
				kind += " " + strings.Trim(fields[i+1], `"`)
				break
			}
		}
		list = append(list, kind)
	}
	return list
}

// TestTheSameWorkWhetherAnAccountExists counts the statements that reach the
// database. An answer that takes longer for an account would reveal it.
func TestTheSameWorkWhetherAnAccountExists(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	env := authtest.Uncached(t, storetest.Open(t, wire.URL), tenLogins)
	ann := env.Account("ann@example.org")
	update(t, env, ann, auth.UpdateAccountInput{Username: ptr("ann")})
	env.Account("tried@example.org")
	shut := env.Account("shut@example.org")
	if err := env.DisableAccount(t.Context(), authtest.Operator(), shut.User.ID); err != nil {
		t.Fatal(err)
	}
	signedUp(t, env, "pending@example.org", authtest.Password)
	withoutPassword(t, env, env.Account("none@example.org"))

	login := func(in auth.LoginInput, code auth.Code) func() {
		return func() {
			t.Helper()
			if _, err := env.Login(t.Context(), authtest.Anyone(), in); !is(err, code) {
				t.Errorf("Login() = %v, want %s", err, code)
			}
		}
	}
	wrong := func(address string) func() {
		return login(auth.LoginInput{Email: &address, Password: "wrong"}, auth.InvalidCredentials)
	}
	begin := func(address string) func() {
		return func() {
			t.Helper()
			if err := signUp(env, authtest.Anyone(), address, newPassword); err != nil {
				t.Errorf("SignUp(%s) = %v", address, err)
			}
		}
	}
	beginKey := func(address string) func() {
		return func() {
			t.Helper()
			pendingAnswer := authtest.NewPasskey().Create(beginSignUp(t, env, auth.StartPasskeySignUpInput{Email: &address}))
			if outcome, err := signUpBy(env, authtest.Anyone(), pendingAnswer); err != nil || len(*outcome.ConfirmKey) != 43 {
				t.Errorf("SignUpWithPasskey(%s) = %v, %v", address, outcome, err)
			}
		}
	}
	locked := func(address string) func() {
		for range 10 {
			wrong(address)()
		}
		return login(auth.LoginInput{Email: &address, Password: "wrong"}, auth.RateLimited)
	}
	long := strings.Repeat("x", 200)
	for what, group := range map[string][]func(){
		"a wrong password": {wrong("ann@example.org"), wrong("nobody@example.org"), wrong("pending@example.org"), wrong("shut@example.org"), wrong("none@example.org")},
		"a wrong password with a username": {
			login(auth.LoginInput{Username: ptr("ann"), Password: "wrong"}, auth.InvalidCredentials),
			login(auth.LoginInput{Username: ptr("nobody"), Password: "wrong"}, auth.InvalidCredentials),
		},
		"an overlong password": {
			login(auth.LoginInput{Email: ptr("ann@example.org"), Password: long}, auth.InvalidCredentials),
			login(auth.LoginInput{Email: ptr("nobody@example.org"), Password: long}, auth.InvalidCredentials),
		},
		"a sign-up":                       {begin("free@example.org"), begin("ann@example.org"), begin("pending@example.org"), begin("shut@example.org")},
		"a sign-up with a passkey":        {beginKey("free2@example.org"), beginKey("ann@example.org"), beginKey("pending@example.org"), beginKey("shut@example.org")},
		"the first of too many passwords": {locked("tried@example.org"), locked("no-one@example.org")},
	} {
		var first []string
		for i, do := range group {
			wire.Statements()
			do()
			ran := statementKinds(wire.Statements())
			if i == 0 {
				first = ran
				t.Logf("%s: %s", what, strings.Join(ran, ", "))
			}
			if !slices.Equal(ran, first) {
				t.Errorf("%s: case %d ran\n%s\nand case 0\n%s", what, i, strings.Join(ran, "\n"), strings.Join(first, "\n"))
			}
		}
	}
}

// TestTheSameAnswerWhetherAnAccountExists compares every character, and the
// waiting times.
func TestTheSameAnswerWhetherAnAccountExists(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		withoutPassword(t, env, env.Account("none@example.org"))
		signedUp(t, env, "pending@example.org", authtest.Password)
		answers := func(address string) (all []string) {
			say := func(answer any, err error) { all = append(all, fmt.Sprintf("%v %#v", answer, err)) }
			for range 13 { // beyond the limit
				_, err := logIn(env, address, "wrong")
				say(nil, err)
			}
			for range 8 { // beyond the limit on e-mails
				login, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Email: &address, Password: newPassword})
				if login.ConfirmKey == nil || len(*login.ConfirmKey) != 43 {
					t.Errorf("SignUp(%s) = %v, want a key for the browser", address, login)
				}
				say(login.Login, err)
				say(nil, env.RequestPasswordReset(t.Context(), authtest.Anyone(), auth.RequestPasswordResetInput{Email: address}))
			}
			return all
		}
		known := answers("ann@example.org")
		for _, address := range []string{"nobody@example.org", "pending@example.org", "none@example.org"} {
			if got := answers(address); !slices.Equal(got, known) {
				t.Errorf("about %s:\n%v\nabout an account:\n%v", address, got, known)
			}
		}
	}, tenLogins, func(s *auth.Settings) { s.Limits.Mail.Count = 5 })
}
