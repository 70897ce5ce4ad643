package auth_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

// askedByStrangers has codes sent to an address until no more may be.
func askedByStrangers(t *testing.T, env *authtest.Env, address string) {
	t.Helper()
	for i := range 9 {
		in := auth.StartEmailLoginInput{Email: address}
		if _, err := env.StartEmailLogin(t.Context(), authtest.Stranger(fmt.Sprintf("198.51.100.%d", i)), in); err != nil {
			t.Fatal(err)
		}
	}
}

func sendCode(t *testing.T, env *authtest.Env, login *auth.Login) error {
	t.Helper()
	_, err := env.StartReauthentication(t.Context(), env.As(login.AccessToken), auth.StartReauthenticationInput{SendCode: true})
	return err
}

// Strangers who ask for codes do not keep them from the owner: not in the owner's
// session, and not in a browser that has logged in before.
func TestStrangersUseUpNoCodesOfTheOwner(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login := env.Account(ann)
		known := device(t, env, ann)
		askedByStrangers(t, env, ann)
		letters := env.Caused(func() { askCode(t, env, ann) })
		notices(t, "one more stranger", letters)
		letters = env.Caused(func() {
			if err := sendCode(t, env, login); err != nil {
				t.Errorf("in a session: StartReauthentication() = %v", err)
			}
		})
		notices(t, "in a session", letters, "login_code to "+ann)
		code := env.Token(mail.LoginCode, ann)
		if _, err := env.Reauthenticate(t.Context(), env.As(login.AccessToken), auth.ReauthenticateInput{EmailCode: &code}); err != nil {
			t.Errorf("Reauthenticate() = %v", err)
		}
		letters = env.Caused(func() {
			if _, err := env.StartEmailLogin(t.Context(), known, auth.StartEmailLoginInput{Email: ann}); err != nil {
				t.Error(err)
			}
		})
		notices(t, "in a known browser", letters, "login_code to "+ann)
	}, func(s *auth.Settings) { s.Limits.Mail.Count = 3 })
}

// Beyond the limit the owner of a session is told so, and nothing is stored.
func TestCodesInASessionAreLimited(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		login, other := env.Account(ann), env.LogIn(ann)
		stored := func() int {
			return env.Store.UserToken.Query().Where(usertoken.PurposeEQ(usertoken.PurposeEmailLogin)).CountX(t.Context())
		}
		for range 3 {
			if err := sendCode(t, env, login); err != nil {
				t.Fatal(err)
			}
		}
		before := stored()
		recorded := env.Recorded(login.User.ID, func() {
			for _, l := range []*auth.Login{login, other} {
				authtest.Refused(t, "one more code", sendCode(t, env, l), auth.RateLimited)
			}
		})
		if stored() != before || len(recorded) > 0 {
			t.Errorf("%d codes are stored, want %d; recorded %q", stored(), before, recorded)
		}
	}, func(s *auth.Settings) { s.Limits.Mail.Count = 3 })
}

// What is asked for made-up addresses takes nothing of what all accounts together may
// be sent.
func TestMadeUpAddressesUseUpNoLetters(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account(ann)
		shut := env.Account("shut@example.org")
		if err := env.DisableAccount(t.Context(), authtest.Operator(), shut.User.ID); err != nil {
			t.Fatal(err)
		}
		signedUp(t, env, "pending@example.org", authtest.Password)
		counted := func(ask func()) []int { // of the two counts of all e-mails
			before := allLetters(t, env)
			ask()
			after := allLetters(t, env)
			for id := range after {
				after[id] -= before[id]
			}
			var list []int
			for _, n := range after {
				list = append(list, n)
			}
			slices.Sort(list)
			return list
		}
		reset := func(address string) {
			if err := env.RequestPasswordReset(t.Context(), authtest.Anyone(), auth.RequestPasswordResetInput{Email: address}); err != nil {
				t.Fatal(err)
			}
		}
		got := counted(func() {
			askCode(t, env, ann)
			reset(ann)
			reset("pending@example.org")
			for _, address := range []string{"nobody@example.org", "shut@example.org"} {
				for range 3 {
					askCode(t, env, address)
					reset(address)
				}
			}
		})
		if want := []int{3, 12}; !slices.Equal(got, want) {
			t.Errorf("counted %v, want %v", got, want)
		}
	})
}

// allLetters are the counts of e-mails of all kinds.
func allLetters(t *testing.T, env *authtest.Env) map[string]int {
	t.Helper()
	rows, err := env.Store.Writer().QueryContext(t.Context(), "SELECT id, attempts FROM throttles WHERE id LIKE 'all_letters:%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			t.Fatal(err)
		}
		counts[id] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return counts
}
