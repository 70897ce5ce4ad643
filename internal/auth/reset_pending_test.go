package auth_test

import (
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func askReset(t testing.TB, env *authtest.Env, address string) []authtest.Letter {
	t.Helper()
	return env.Caused(func() {
		if err := env.RequestPasswordReset(t.Context(), authtest.Anyone(), auth.RequestPasswordResetInput{Email: address}); err != nil {
			t.Errorf("RequestPasswordReset(%s) = %v", address, err)
		}
	})
}

// A reset request for a pending sign-up sends its confirmation again.
func TestResetRequestOfAPendingSignUp(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		begin(t, env, "ann@example.org", "an older sign-up's", auth.InBody)
		env.Clock.Turn(time.Minute)
		newest := begin(t, env, "ann@example.org", authtest.Password, auth.InBody)
		env.Clock.Turn(time.Hour)
		letters := askReset(t, env, "ann@example.org")
		if len(letters) != 1 || letters[0].Name != mail.Confirm || letters[0].Token == newest.token {
			t.Fatalf("the request causes %q, want a confirmation with a token of its own", names(letters))
		}
		if want := env.Clock.Now().Add(env.ConfirmTTL - time.Hour); !letters[0].Content.ExpiresAt.Equal(want) {
			t.Errorf("it ends at %v, want %v, when the sign-up does", letters[0].Content.ExpiresAt, want)
		}
		for range 3 { // each time the token that was sent again
			letters = askReset(t, env, "ann@example.org")
		}
		if _, err := env.Confirm(t.Context(), authtest.Anyone(), auth.ConfirmInput{Token: letters[0].Token, ConfirmKey: &newest.key}); err != nil {
			t.Errorf("with the key of the newest sign-up: Confirm() = %v", err)
		}
		env.LogIn("ann@example.org")
		_, err := confirm(env, newest.token, authtest.Password)
		authtest.Refused(t, "the first letter, afterwards", err, auth.InvalidToken, "token")
		if letters := askReset(t, env, "ann@example.org"); len(letters) != 1 || letters[0].Name != mail.ResetPassword {
			t.Errorf("of the account, a request causes %q, want a reset", names(letters))
		}
	})
}

// That token ends when the sign-up does. A sign-up for a taken address causes
// none.
func TestResetRequestCausesNoConfirmation(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		old := signedUp(t, env, "ann@example.org", authtest.Password)
		env.Clock.Turn(env.ConfirmTTL - time.Minute)
		again := askReset(t, env, "ann@example.org")[0].Token
		env.Clock.Turn(time.Minute)
		for what, token := range map[string]string{"the sign-up's letter": old, "the one sent again": again} {
			_, err := confirm(env, token, authtest.Password)
			authtest.Refused(t, what+", after its end", err, auth.InvalidToken, "token")
		}
		if letters := askReset(t, env, "ann@example.org"); len(letters) != 0 {
			t.Errorf("after the sign-up's end a request causes %q", names(letters))
		}

		bob := env.Account("bob@example.org")
		if err := signUp(env, authtest.Anyone(), "bob@example.org", newPassword); err != nil {
			t.Fatal(err)
		}
		if letters := askReset(t, env, "bob@example.org"); !slices.Equal(names(letters), []string{mail.ResetPassword + " to bob@example.org"}) {
			t.Errorf("of a taken address, a request causes %q", names(letters))
		}
		if err := env.DisableAccount(t.Context(), authtest.Operator(), bob.User.ID); err != nil {
			t.Fatal(err)
		}
		if letters := askReset(t, env, "bob@example.org"); len(letters) != 0 {
			t.Errorf("of a disabled account, a request causes %q", names(letters))
		}
	})
}

// The database does the same work for an account, a pending sign-up and an
// unknown address.
func TestResetRequestsDoTheSameWork(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	env := authtest.Uncached(t, storetest.Open(t, wire.URL))
	env.Account("ann@example.org")
	signedUp(t, env, "pending@example.org", authtest.Password)
	var first []string
	for i, address := range []string{"ann@example.org", "pending@example.org", "nobody@example.org"} {
		wire.Statements()
		askReset(t, env, address)
		ran := slices.DeleteFunc(statementKinds(wire.Statements()), func(kind string) bool { return kind == "SELECT outbox_messages" }) // without the test's own
		if i == 0 {
			first = ran
		}
		if !slices.Equal(ran, first) {
			t.Errorf("about %s there were\n%q\nabout an account\n%q", address, ran, first)
		}
	}
}
