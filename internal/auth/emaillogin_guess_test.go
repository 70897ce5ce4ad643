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

func noLimits(s *auth.Settings) { s.Limits = auth.Limits{} }

// guessCodes answers with wrong codes, five to each challenge.
func guessCodes(t testing.TB, env *authtest.Env, address string, challenges int) {
	t.Helper()
	for range challenges {
		challenge := askCode(t, env, address)
		for range 5 {
			_, err := byCode(env, challenge, "00000000")
			authtest.Refused(t, "a wrong code", err, auth.InvalidCode, "emailCode")
		}
	}
}

// rightCode asks for a code and answers with it.
func rightCode(t testing.TB, env *authtest.Env, c auth.Caller) error {
	t.Helper()
	challenge := askCode(t, env, ann)
	code := env.Token(mail.LoginCode, ann)
	_, err := env.AnswerChallenge(t.Context(), c, auth.AnswerChallengeInput{Challenge: challenge, EmailCode: &code})
	return err
}

// Codes can be asked for again and again. However many that are, fifty are looked at in
// a day and a hundred in a row, also where the operator has switched all limits off.
// Nobody sees that they are not looked at any more, but the owner is told.
func TestGuessesAtMailedCodesEnd(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account(ann)
		known := device(t, env, ann)
		guessCodes(t, env, ann, 9)
		if err := rightCode(t, env, authtest.Anyone()); err != nil {
			t.Fatalf("the right code after 45: AnswerChallenge() = %v", err)
		}
		env.Clock.Turn(25 * time.Hour)
		notice := func(what string, letters []authtest.Letter, want int) {
			t.Helper()
			letters = slices.DeleteFunc(letters, func(l authtest.Letter) bool { return l.Name != mail.LoginCodeGuessed })
			if len(letters) != want {
				t.Errorf("%s: %d notices, want %d", what, len(letters), want)
			}
		}
		for range 2 {
			letters := env.Caused(func() {
				guessCodes(t, env, ann, 12)
				authtest.Refused(t, "the right code after fifty in a day", rightCode(t, env, authtest.Anyone()), auth.InvalidCode, "emailCode")
			})
			notice("fifty in a day", letters, 1)
			env.Clock.Turn(25 * time.Hour)
		}
		letters := env.Caused(func() {
			authtest.Refused(t, "the right code after a hundred in a row", rightCode(t, env, authtest.Anyone()), auth.InvalidCode, "emailCode")
		})
		notice("a hundred in a row", letters, 1)
		if err := rightCode(t, env, known); err != nil {
			t.Errorf("in a known browser: AnswerChallenge() = %v", err)
		}
		authtest.Refused(t, "in another one", rightCode(t, env, authtest.Anyone()), auth.InvalidCode, "emailCode")
		if _, err := reset(env, requestReset(t, env, ann), newPassword); err != nil {
			t.Fatal(err)
		}
		if err := rightCode(t, env, authtest.Anyone()); err != nil {
			t.Errorf("after a reset: AnswerChallenge() = %v", err)
		}
	}, noLimits)
}

// The owner's known browser has an end as well.
func TestGuessesAtMailedCodesFromAKnownBrowserEnd(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account(ann)
		known := device(t, env, ann)
		for range 10 {
			challenge := askCode(t, env, ann)
			for range 5 {
				_, err := env.AnswerChallenge(t.Context(), known, auth.AnswerChallengeInput{Challenge: challenge, EmailCode: ptr("00000000")})
				authtest.Refused(t, "a wrong code", err, auth.InvalidCode, "emailCode")
			}
		}
		authtest.Refused(t, "the right code after fifty", rightCode(t, env, known), auth.InvalidCode, "emailCode")
		if err := rightCode(t, env, authtest.Anyone()); err != nil {
			t.Errorf("in another browser: AnswerChallenge() = %v", err)
		}
	}, noLimits)
}

// What strangers see of it is the same for every address, before and after.
func TestGuessesAtMailedCodesTellNothing(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	env := authtest.Uncached(t, storetest.Open(t, wire.URL), noLimits)
	env.Account(ann)
	see := func(address string) (seen []string) {
		for range 21 {
			wire.Statements()
			guessCodes(t, env, address, 1)
			seen = append(seen, statementKinds(wire.Statements())...)
			env.Clock.Turn(time.Hour)
		}
		return seen
	}
	known := see(ann)
	if got := see("nobody@example.org"); !slices.Equal(got, known) {
		t.Errorf("about nobody:\n%q\nabout an account:\n%q", got, known)
	}
}
