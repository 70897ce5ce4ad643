package auth_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func TestChangeAddress(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		const before, after = "ann@example.org", "ann@example.net"
		ann, other := env.Account(before), env.LogIn(before)
		var letters []authtest.Letter
		recorded := env.Recorded(ann.User.ID, func() {
			letters = env.Caused(func() {
				u := update(t, env, ann, auth.UpdateAccountInput{Email: ptr(" Ann@Example.net")})
				if *u.Email != before || *u.PendingEmail != "Ann@Example.net" {
					t.Errorf("UpdateAccount() = %v, want the new address pending, as typed", u)
				}
			})
		})
		notices(t, "asking for a change", letters, "change_email to "+after, "email_changing to "+before)
		if letters[1].Content.Email != "Ann@Example.net" {
			t.Errorf("the notice tells %q, want the new address", letters[1].Content.Email)
		}
		if want := []string{"email_change_request ok session"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}

		// Until then only the old address works.
		_, err := logIn(env, after, authtest.Password)
		authtest.Refused(t, "Login() by the pending address", err, auth.InvalidCredentials)
		letters = env.Caused(func() {
			if err := env.RequestPasswordReset(t.Context(), authtest.Anyone(), auth.RequestPasswordResetInput{Email: after}); err != nil {
				t.Errorf("RequestPasswordReset() = %v", err)
			}
		})
		notices(t, "a reset of the pending address", letters)
		resetToken := requestReset(t, env, before)
		if _, err = logIn(env, before, authtest.Password); err != nil {
			t.Errorf("Login() by the old address = %v", err)
		}

		token := env.Token(mail.ChangeEmail, after)
		_, err = confirm(env, token, "wrong")
		authtest.Refused(t, "Confirm() with a wrong password", err, auth.InvalidCredentials, "password")
		other = alive(t, env, "another session until then", other)
		var login *auth.Outcome
		recorded = env.Recorded(ann.User.ID, func() {
			letters = env.Caused(func() {
				if login, err = confirm(env, token, authtest.Password); err != nil {
					t.Fatalf("Confirm() = %v", err)
				}
			})
		})
		notices(t, "the change", letters, "email_changed to "+before)
		if letters[0].Content.Email != "Ann@Example.net" {
			t.Errorf("the notice tells %q, want the new address", letters[0].Content.Email)
		}
		if want := []string{"session_revoke ok anonymous", "session_revoke ok anonymous", "email_change ok anonymous"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		if u := login.User; *u.Email != "Ann@Example.net" || u.PendingEmail != nil || !u.ConfirmedAt.Equal(env.Clock.Now()) {
			t.Errorf("Confirm() = %v, want the new address, confirmed now", u)
		}
		dead(t, env, "a session that did not ask", other)
		alive(t, env, "the session that asked", ann)
		alive(t, env, "the session that began", login.Login)

		// From then on only the new one does.
		_, err = logIn(env, before, authtest.Password)
		authtest.Refused(t, "Login() by the old address", err, auth.InvalidCredentials)
		_, err = reset(env, resetToken, newPassword)
		authtest.Refused(t, "ResetPassword() with a letter to the old address", err, auth.InvalidToken, "token")
		_, err = confirm(env, token, authtest.Password)
		authtest.Refused(t, "Confirm() again", err, auth.InvalidToken, "token")
		if _, err := logIn(env, after, authtest.Password); err != nil {
			t.Errorf("Login() by the new address = %v", err)
		}
		requestReset(t, env, after)
	})
}

func TestChangeAddressTokens(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		t.Run("of two changes the later counts", func(t *testing.T) {
			ann := env.Account("ann@example.org")
			first, second := changeAddress(t, env, ann, "ann1@example.net"), changeAddress(t, env, ann, "ann2@example.net")
			_, err := confirm(env, first, authtest.Password)
			authtest.Refused(t, "Confirm() of the earlier", err, auth.InvalidToken, "token")
			if login, err := confirm(env, second, authtest.Password); err != nil || *login.User.Email != "ann2@example.net" {
				t.Errorf("Confirm() of the later = %v, %v", login, err)
			}
		})
		t.Run("asked for twice, the later letter counts", func(t *testing.T) {
			ann := env.Account("ann@example.com")
			first, second := changeAddress(t, env, ann, "ann3@example.net"), changeAddress(t, env, ann, "ann3@example.net")
			_, err := confirm(env, first, authtest.Password)
			authtest.Refused(t, "Confirm() of the earlier", err, auth.InvalidToken, "token")
			if _, err := confirm(env, second, authtest.Password); err != nil {
				t.Errorf("Confirm() of the later = %v", err)
			}
		})
		t.Run("the present address calls it off", func(t *testing.T) {
			bea := env.Account("bea@example.org")
			token := changeAddress(t, env, bea, "bea@example.net")
			var letters []authtest.Letter
			recorded := env.Recorded(bea.User.ID, func() {
				letters = env.Caused(func() {
					for range 2 { // the second time there is nothing to cancel
						if u := update(t, env, bea, auth.UpdateAccountInput{Email: ptr("BEA@example.org")}); u.PendingEmail != nil || *u.Email != "bea@example.org" {
							t.Errorf("UpdateAccount() = %v, want no pending address", u)
						}
					}
				})
			})
			notices(t, "calling off", letters)
			if want := []string{"email_change_stop ok session"}; !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
			_, err := confirm(env, token, authtest.Password)
			authtest.Refused(t, "Confirm() of what was called off", err, auth.InvalidToken, "token")
			if _, err := logIn(env, "bea@example.org", authtest.Password); err != nil {
				t.Errorf("Login() = %v", err)
			}
		})
		t.Run("expires", func(t *testing.T) {
			cem := env.Account("cem@example.org")
			token := changeAddress(t, env, cem, "cem@example.net")
			env.Clock.Turn(env.ConfirmTTL)
			_, err := confirm(env, token, authtest.Password)
			authtest.Refused(t, "Confirm() after its time", err, auth.InvalidToken, "token")
		})
		t.Run("from a session that has ended ends all others", func(t *testing.T) {
			dan, other := env.Account("dan@example.org"), env.LogIn("dan@example.org")
			token := changeAddress(t, env, dan, "dan@example.net")
			logout(t, env, "the one that asked", env.As(dan.AccessToken), auth.LogoutInput{}, dan)
			if _, err := confirm(env, token, authtest.Password); err != nil {
				t.Fatalf("Confirm() = %v", err)
			}
			dead(t, env, "another session", other)
		})
		t.Run("logged in as another, it is the token's account that changes", func(t *testing.T) {
			eve, fay := env.Account("eve@example.org"), env.Account("fay@example.org")
			token := changeAddress(t, env, fay, "fay@example.net")
			in := auth.ConfirmInput{Token: token, Password: new(authtest.Password)}
			if login, err := env.Confirm(t.Context(), env.As(eve.AccessToken), in); err != nil || login.User.ID != fay.User.ID {
				t.Errorf("Confirm() = %v, %v, want fay's", login, err)
			}
			if next := alive(t, env, "eve's session", eve); *next.User.Email != "eve@example.org" {
				t.Errorf("eve's address is %s", *next.User.Email)
			}
		})
	})
}

// Only the owner of an address learns that it has an account.
func TestChangeToATakenAddress(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("owner@example.org")
		work := func(address, to string) (rows [3]int, letters []string, u *ent.User) {
			login := env.Account(address)
			before := rowsIn(t, env.Store)
			letters = names(env.Caused(func() { u = update(t, env, login, auth.UpdateAccountInput{Email: &to}) }))
			for i, n := range rowsIn(t, env.Store) {
				rows[i] = n - before[i]
			}
			return rows, letters, u
		}
		freeRows, _, free := work("ann@example.org", "free@example.org")
		rows, letters, taken := work("bea@example.org", "Owner@example.org")
		if rows != freeRows {
			t.Errorf("a taken address makes %v rows, a free one %v", rows, freeRows)
		}
		if want := []string{"already_registered to owner@example.org", "email_changing to bea@example.org"}; !slices.Equal(letters, want) {
			t.Errorf("letters %q, want %q", letters, want)
		}
		if *free.PendingEmail != "free@example.org" || *taken.PendingEmail != "Owner@example.org" {
			t.Errorf("pending are %q and %q, want both as typed", *free.PendingEmail, *taken.PendingEmail)
		}
		if _, err := logIn(env, "owner@example.org", authtest.Password); err != nil {
			t.Errorf("the owner's Login() = %v", err)
		}
	})
}

func TestAddressTakenMeanwhile(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, bea := env.Account("ann@example.org"), env.Account("bea@example.org")
		t.Run("by another account's change", func(t *testing.T) {
			anns, beas := changeAddress(t, env, ann, "new@example.net"), changeAddress(t, env, bea, "new@example.net")
			if _, err := confirm(env, beas, authtest.Password); err != nil {
				t.Fatalf("Confirm() of the first = %v", err)
			}
			_, err := confirm(env, anns, authtest.Password)
			authtest.Refused(t, "Confirm() of the second", err, auth.InvalidToken, "token")
		})
		t.Run("by a sign-up", func(t *testing.T) {
			token := changeAddress(t, env, ann, "sign-up@example.net")
			env.Account("sign-up@example.net")
			_, err := confirm(env, token, authtest.Password)
			authtest.Refused(t, "Confirm()", err, auth.InvalidToken, "token")
		})
		alive(t, env, "the session that asked", ann)
		if _, err := logIn(env, "ann@example.org", authtest.Password); err != nil {
			t.Errorf("Login() by the address that stayed = %v", err)
		}
	})
}

func TestFirstAddressOfAUsername(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, err := env.SignUp(t.Context(), authtest.Anyone(), auth.SignUpInput{Username: ptr("ann"), Password: authtest.Password})
		if err != nil {
			t.Fatalf("SignUp() = %v", err)
		}
		letters := env.Caused(func() { changeAddress(t, env, ann.Login, "ann@example.org") })
		notices(t, "asking for it", letters, "change_email to ann@example.org")
		if _, err = confirm(env, letters[0].Token, authtest.Password); err != nil {
			t.Fatalf("Confirm() = %v", err)
		}
		if _, err := reset(env, requestReset(t, env, "ann@example.org"), newPassword); err != nil {
			t.Errorf("ResetPassword() = %v", err)
		}
	})
}

func TestChangeAddressLetterLimit(t *testing.T) {
	const budget, share = 5, 3
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		sent := func(places ...string) int {
			letters := env.Caused(func() {
				for _, place := range places {
					c := env.As(ann.AccessToken)
					c.IP = netip.MustParseAddr(place)
					_, err := env.UpdateAccount(t.Context(), c, auth.UpdateAccountInput{CurrentPassword: ptr(authtest.Password), Email: ptr("victim@example.net")})
					if err != nil {
						t.Errorf("UpdateAccount() = %v", err)
					}
				}
			})
			return len(slices.DeleteFunc(letters, func(l authtest.Letter) bool { return l.To != "victim@example.net" }))
		}
		if got := sent(slices.Repeat([]string{"203.0.113.1"}, 8)...); got != share {
			t.Errorf("one place causes %d letters to a stranger's address, want %d", got, share)
		}
		if got := sent("203.0.113.2", "203.0.113.3", "203.0.113.4"); got != budget-share {
			t.Errorf("other places cause %d more, want %d", got, budget-share)
		}
		env.Clock.Turn(time.Hour)
		ann = refreshed(t, env, ann)
		if _, err := confirm(env, changeAddress(t, env, ann, "victim@example.net"), authtest.Password); err != nil {
			t.Errorf("an hour later: Confirm() = %v", err)
		}
	}, func(s *auth.Settings) { s.Limits.Mail.Count = budget })
}

// The e-mail may have gone to a mistyped address. A person who reads it there
// may guess the account's password no more often than at a login.
func TestConfirmAddressWithAWrongPassword(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		token := changeAddress(t, env, env.Account("ann@example.org"), "ann@example.net")
		for range 3 {
			_, err := confirm(env, token, "wrong")
			authtest.Refused(t, "Confirm() with a wrong password", err, auth.InvalidCredentials, "password")
		}
		_, err := confirm(env, token, authtest.Password)
		authtest.Refused(t, "Confirm() after three wrong passwords", err, auth.RateLimited)
	}, func(s *auth.Settings) { s.Limits.Login.Count = 3 })
}

// A change of address is confirmed once, even if many try at once.
func TestConfirmAddressAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { confirmAddressAtOnce(t, authtest.On(t, s)) })
	t.Run("two replicas", func(t *testing.T) {
		t.Parallel()
		a, b := authtest.Replicas(t)
		confirmAddressAtOnce(t, a, b)
	})
}

func confirmAddressAtOnce(t *testing.T, envs ...*authtest.Env) {
	login := envs[0].Account("ann@example.org")
	addresses := []string{"ann@example.net", "ann@example.org"}
	for round := range raceRounds {
		token := changeAddress(t, envs[0], login, addresses[round%2])
		logins, errs := authtest.AtOnce(raceClients, func(i int) (*auth.Outcome, error) {
			return confirm(envs[i%len(envs)], token, authtest.Password)
		})
		winners := 0
		for i, err := range errs {
			if err == nil {
				winners++
				login = logins[i].Login
				continue
			}
			authtest.Refused(t, "a loser's Confirm()", err, auth.InvalidToken, "token")
		}
		if winners != 1 {
			t.Fatalf("round %d: %d won, want 1", round, winners)
		}
		if c := envs[0].As(login.AccessToken); c.Anonymous() || *c.User.Email != addresses[round%2] {
			t.Fatalf("round %d: the winner's session is of %v", round, c.User)
		}
	}
}
