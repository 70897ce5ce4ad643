package auth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/auditevent"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/mail"
)

func TestConfirm(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		if err := signUp(env, authtest.Anyone(), "Ann@Example.org", authtest.Password); err != nil {
			t.Fatalf("SignUp() = %v", err)
		}
		token := env.Token(mail.Confirm, "ann@example.org")
		env.Clock.Turn(time.Hour)
		c := authtest.Stranger("203.0.113.5")
		var login *auth.Outcome
		letters := env.Caused(func() {
			var err error
			login, err = env.Confirm(t.Context(), c, auth.ConfirmInput{Token: token, Password: new(authtest.Password),
				Session: &auth.SessionInput{Delivery: auth.InCookie, DeviceName: ptr("laptop")}})
			if err != nil {
				t.Fatalf("Confirm() = %v", err)
			}
		})
		u := login.User
		if *u.Email != "Ann@Example.org" || *u.EmailKey != "ann@example.org" || u.Username != nil || !u.ConfirmedAt.Equal(env.Clock.Now()) {
			t.Errorf("the account is %v, want the address as typed, confirmed now", u)
		}
		if s := login.Session; *s.DeviceName != "laptop" || *s.IPAddress != "203.0.113.5" || !s.Current {
			t.Errorf("the session is %+v", s)
		}
		if login.RefreshToken != nil || sessionCookie(t, c).Value == "" {
			t.Error("the refresh token is not in the cookie alone")
		}
		if me, err := env.Me(env.As(login.AccessToken)); err != nil || me.ID != u.ID {
			t.Errorf("Me() = %v, %v, want the new account", me, err)
		}
		notices(t, "a confirmation", letters)
		if want := []string{"confirm ok anonymous"}; !slices.Equal(env.Trail(u.ID), want) {
			t.Errorf("recorded %q, want %q", env.Trail(u.ID), want)
		}
		_, err := confirm(env, token, authtest.Password)
		authtest.Refused(t, "Confirm() again", err, auth.InvalidToken, "token")
		env.LogIn("ann@example.org")
	})
}

func TestConfirmRefuses(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: []string{auth.ScopeAccountRead}})
		token := signedUp(t, env, "bob@example.org", authtest.Password)
		for what, junk := range map[string]string{
			"junk":                  "junk",
			"one that never was":    strings.Repeat("A", 43),
			"a reset token":         requestReset(t, env, "ann@example.org"),
			"a refresh token":       *ann.RefreshToken,
			"an access token":       ann.AccessToken,
			"an API token":          api.Secret,
			"a line break inside":   token[:20] + "\n" + token[20:],
			"padding":               token + "=",
			"another letter case":   strings.ToUpper(token),
			"the last sign changed": token[:42] + string(token[42]^1),
		} {
			_, err := confirm(env, junk, authtest.Password)
			authtest.Refused(t, "Confirm() with "+what, err, auth.InvalidToken, "token")
		}
		for _, test := range []struct {
			in   auth.ConfirmInput
			want string
		}{
			{auth.ConfirmInput{}, "REQUIRED at token"},
			{auth.ConfirmInput{Token: token, Password: new("")}, "REQUIRED at password"},
			{auth.ConfirmInput{Token: token, NewPassword: new("")}, "REQUIRED at newPassword"},
			{auth.ConfirmInput{Token: token, ConfirmKey: new("")}, "REQUIRED at confirmKey"},
			{auth.ConfirmInput{Token: token, ConfirmKey: new("a"), Password: new("b")}, "INVALID at confirmKey"},
			{auth.ConfirmInput{Token: token, NewPassword: new("a"), Password: new("b")}, "INVALID at newPassword"},
			{auth.ConfirmInput{Token: token, NewPassword: new("a"), ConfirmKey: new("b")}, "INVALID at confirmKey"},
			{auth.ConfirmInput{Token: token, NewPassword: new("short")}, "PASSWORD_TOO_SHORT at newPassword"},
			{auth.ConfirmInput{Token: token, NewPassword: new("bob@example.org")}, "PASSWORD_TOO_COMMON at newPassword"},
			{auth.ConfirmInput{Token: token, ConfirmKey: new("junk")}, "INVALID_CREDENTIALS at confirmKey"},
			{auth.ConfirmInput{Password: new(authtest.Password)}, "REQUIRED at token"},
			{auth.ConfirmInput{Token: token}, "REQUIRED at password"},
			{auth.ConfirmInput{Token: token, Session: &auth.SessionInput{DeviceName: ptr("a\nb")}}, "INVALID at session.deviceName"},
		} {
			if _, err := env.Confirm(t.Context(), authtest.Anyone(), test.in); err == nil || err.Error() != test.want {
				t.Errorf("Confirm() = %v, want %s", err, test.want)
			}
		}
		if _, err := confirm(env, token, authtest.Password); err != nil {
			t.Errorf("Confirm() after all refusals = %v", err)
		}
	})
}

// A wrong password leaves the token valid. It counts only for that token.
func TestConfirmWithAWrongPassword(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		first, second := signedUp(t, env, "ann@example.org", authtest.Password), signedUp(t, env, "ann@example.org", authtest.Password)
		recorded := env.Recorded(uuid.Nil, func() {
			for i, wrong := range []string{"wrong", authtest.Password + " ", strings.Repeat("long ", 1000)} {
				_, err := confirm(env, first, wrong)
				authtest.Refused(t, fmt.Sprintf("Confirm() with wrong password %d", i), err, auth.InvalidCredentials, "password")
			}
		})
		if want := slices.Repeat([]string{"confirm INVALID_CREDENTIALS anonymous"}, 3); !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		if event := env.Store.AuditEvent.Query().Order(auditevent.ByID(sql.OrderDesc())).FirstX(t.Context()); event.TokenID == nil || event.UserID != nil {
			t.Errorf("recorded %v, want the token and no account", event)
		}
		// One attempt is left.
		if _, err := confirm(env, first, "wrong"); !errors.Is(err, &auth.Error{Code: auth.InvalidCredentials}) {
			t.Errorf("Confirm() = %v", err)
		}
		_, err := confirm(env, first, authtest.Password)
		authtest.Refused(t, "Confirm() after four wrong passwords", err, auth.RateLimited)
		if one := (*auth.Error)(nil); !errors.As(err, &one) || one.RetryAfter != 15*time.Minute {
			t.Errorf("Confirm() = %v, want to be told to wait 15 minutes", err)
		}
		env.Clock.Turn(15 * time.Minute)
		if _, err := confirm(env, first, authtest.Password); err != nil {
			t.Errorf("Confirm() once attempts are forgotten = %v", err)
		}
		_, err = confirm(env, second, authtest.Password)
		authtest.Refused(t, "Confirm() by the other token", err, auth.InvalidToken, "token")
	}, func(s *auth.Settings) { s.Limits.Login.Count = 4 })
}

func TestConfirmAfterGuessesAtAnotherToken(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		planted, own := signedUp(t, env, "ann@example.org", "the attacker's words"), signedUp(t, env, "ann@example.org", authtest.Password)
		for range 3 {
			_, _ = confirm(env, planted, "wrong")
		}
		_, err := confirm(env, planted, "wrong")
		authtest.Refused(t, "Confirm() of a token whose attempts are used up", err, auth.RateLimited)
		if _, err := confirm(env, own, authtest.Password); err != nil {
			t.Errorf("Confirm() by another token of the address = %v", err)
		}
	}, func(s *auth.Settings) { s.Limits.Login.Count = 3 })
}

// TestConfirmSourceLimit: an invalid token costs no hash, but it counts for the
// place, as wrong passwords do. A right proof does not count.
func TestConfirmSourceLimit(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		token := signedUp(t, env, "ann@example.org", authtest.Password)
		c := authtest.Stranger("203.0.113.5")
		for i := range 10 {
			_, err := env.Confirm(t.Context(), c, auth.ConfirmInput{Token: "junk", Password: new(authtest.Password)})
			authtest.Refused(t, fmt.Sprintf("Confirm() %d", i), err, auth.InvalidToken, "token")
		}
		_, err := env.Confirm(t.Context(), c, auth.ConfirmInput{Token: token, Password: new(authtest.Password)})
		authtest.Refused(t, "Confirm() after ten pieces of junk", err, auth.RateLimited)
		if _, err := confirm(env, token, authtest.Password); err != nil {
			t.Errorf("Confirm() from elsewhere = %v", err)
		}
		d := authtest.Stranger("203.0.113.6")
		for i := range 12 {
			token := signedUp(t, env, fmt.Sprintf("ann%d@example.org", i), authtest.Password)
			if _, err := env.Confirm(t.Context(), d, auth.ConfirmInput{Token: token, Password: new(authtest.Password)}); err != nil {
				t.Fatalf("Confirm() %d = %v: what was right must not be counted", i, err)
			}
		}
	}, func(s *auth.Settings) { s.Limits.Login.Count = 1 })
}

// The acting user comes only from the credential, and the new account only from
// the token.
func TestConfirmLoggedInAsAnother(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		token := signedUp(t, env, "bob@example.org", newPassword)
		_, err := env.Confirm(t.Context(), env.As(ann.AccessToken), auth.ConfirmInput{Token: token, Password: new(authtest.Password)})
		authtest.Refused(t, "Confirm() with the caller's password", err, auth.InvalidCredentials, "password")
		bob, err := env.Confirm(t.Context(), env.As(ann.AccessToken), auth.ConfirmInput{Token: token, Password: new(newPassword)})
		if err != nil {
			t.Fatalf("Confirm() = %v", err)
		}
		if bob.User.ID == ann.User.ID || *bob.User.EmailKey != "bob@example.org" {
			t.Errorf("Confirm() = %v, want an account of its own", bob.User)
		}
		if got := len(sessionsOf(t, env, bob.Login)); got != 1 {
			t.Errorf("the new account has %d sessions, want one", got)
		}
		if got := len(sessionsOf(t, env, ann)); got != 1 {
			t.Errorf("the caller's account has %d sessions, want its one", got)
		}
		alive(t, env, "the caller's session", ann)
		alive(t, env, "the new session", bob.Login)
	})
}

// TestConfirmWithATokenThatIsGoneMeanwhile: the account was deleted right after
// the token made it, so the address is free again. But the token is used.
func TestConfirmWithATokenThatIsGoneMeanwhile(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		token := signedUp(t, env, "ann@example.org", authtest.Password)
		slow := interleave(env, func() {
			login, err := confirm(env, token, authtest.Password)
			if err == nil {
				err = env.RemoveAccount(t.Context(), authtest.Operator(), login.User.ID)
			}
			if err != nil {
				t.Error(err)
			}
		})
		_, err := confirm(slow, token, authtest.Password)
		authtest.Refused(t, "Confirm()", err, auth.InvalidToken, "token")
		if n := env.Store.User.Query().CountX(t.Context()); n != 0 {
			t.Errorf("there are %d accounts, want none", n)
		}
		other := signedUp(t, env, "bob@example.org", authtest.Password)
		_, err = confirm(interleave(env, func() { env.Clock.Turn(env.ConfirmTTL) }), other, authtest.Password)
		authtest.Refused(t, "Confirm() of a token that expires meanwhile", err, auth.InvalidToken, "token")
	})
}

func TestConfirmAtOnce(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) { confirmAtOnce(t, env) })
	t.Run("two replicas", func(t *testing.T) {
		t.Parallel()
		a, b := authtest.Replicas(t)
		confirmAtOnce(t, a, b)
	})
}

// confirmAtOnce lets fifty clients redeem one token, at each replica in turn.
func confirmAtOnce(t *testing.T, envs ...*authtest.Env) {
	t.Helper()
	const rounds, clients = 5, 50
	for round := range rounds {
		address := fmt.Sprintf("ann%d@example.org", round)
		token := signedUp(t, envs[0], address, authtest.Password)
		logins, errs := authtest.AtOnce(clients, func(i int) (*auth.Outcome, error) {
			return confirm(envs[i%len(envs)], token, authtest.Password)
		})
		var winners []*auth.Login
		for i, err := range errs {
			if err == nil {
				winners = append(winners, logins[i].Login)
			} else {
				authtest.Refused(t, "Confirm() of a loser", err, auth.InvalidToken, "token")
			}
		}
		if len(winners) != 1 {
			t.Fatalf("round %d: %d clients confirmed with one token, want one", round, len(winners))
		}
		alive(t, envs[0], "the winner", winners[0])
		if got := len(sessionsOf(t, envs[0], winners[0])); got != 1 {
			t.Errorf("round %d: the account has %d sessions, want the winner's", round, got)
		}
	}
}

// TestConfirmRivalsAtOnce: of several sign-ups for one address that are
// confirmed at once, one makes the account.
func TestConfirmRivalsAtOnce(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		const rounds, rivals = 3, 20
		for round := range rounds {
			address := fmt.Sprintf("ann%d@example.org", round)
			var tokens, chosen [rivals]string
			for i := range rivals {
				chosen[i] = fmt.Sprintf("%d. choice of words", i)
				tokens[i] = signedUp(t, env, address, chosen[i])
			}
			_, errs := authtest.AtOnce(rivals, func(i int) (*auth.Outcome, error) { return confirm(env, tokens[i], chosen[i]) })
			winners := 0
			for i, err := range errs {
				_, loginErr := logIn(env, address, chosen[i])
				if err == nil {
					winners++
					if loginErr != nil {
						t.Errorf("the winner's password: Login() = %v", loginErr)
					}
					continue
				}
				authtest.Refused(t, "Confirm() of a rival", err, auth.InvalidToken, "token")
				authtest.Refused(t, "a rival's password: Login()", loginErr, auth.InvalidCredentials)
			}
			if winners != 1 {
				t.Errorf("%d rivals won, want one", winners)
			}
		}
	})
}

// TestConfirmWhileOthersSignUp: sign-ups for the address continue at the same
// time. None of them fails with a fault, and none of their tokens works once
// the account exists.
func TestConfirmWhileOthersSignUp(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		token := signedUp(t, env, "ann@example.org", authtest.Password)
		_, errs := authtest.AtOnce(40, func(i int) (any, error) {
			if i == 20 {
				_, err := env.Confirm(context.Background(), authtest.Anyone(), auth.ConfirmInput{Token: token, Password: new(authtest.Password)})
				return nil, err
			}
			return nil, signUp(env, authtest.Anyone(), "ann@example.org", newPassword)
		})
		for i, err := range errs {
			if err != nil {
				t.Errorf("request %d = %v", i, err)
			}
		}
		for _, l := range env.Letters("ann@example.org") {
			if l.Name != mail.Confirm {
				continue
			}
			_, err := confirm(env, l.Token, newPassword)
			authtest.Refused(t, "Confirm() by another letter", err, auth.InvalidToken, "token")
		}
		_, err := logIn(env, "ann@example.org", newPassword)
		authtest.Refused(t, "Login() with another sign-up's password", err, auth.InvalidCredentials)
	})
}
