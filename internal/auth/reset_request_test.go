package auth_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func TestRequestPasswordReset(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		ask := func(c auth.Caller, address string) error {
			return env.RequestPasswordReset(t.Context(), c, auth.RequestPasswordResetInput{Email: address})
		}
		t.Run("sends a letter to the stored address", func(t *testing.T) {
			var letters []authtest.Letter
			recorded := env.Recorded(ann.User.ID, func() {
				letters = env.Caused(func() {
					if err := ask(authtest.Stranger("203.0.113.5"), " ANN@Example.ORG"); err != nil {
						t.Fatalf("RequestPasswordReset() = %v", err)
					}
				})
			})
			notices(t, "a request", letters, "reset_password to ann@example.org")
			if l := letters[0].Content; l.IP != "203.0.113.5" || l.UserAgent != "test" || !l.ExpiresAt.Equal(env.Clock.Now().Add(env.ResetTTL)) {
				t.Errorf("the letter tells %+v, want from where and until when", l)
			}
			if want := []string{"reset_request ok anonymous"}; !slices.Equal(recorded, want) {
				t.Errorf("recorded %q, want %q", recorded, want)
			}
		})
		t.Run("tells strangers nothing, and does the same work", func(t *testing.T) {
			env.Account("shut@example.org")
			shut, err := env.Service.Account(t.Context(), authtest.Operator(), "shut@example.org")
			if err != nil {
				t.Fatal(err)
			}
			if err := env.DisableAccount(t.Context(), authtest.Operator(), shut.ID); err != nil {
				t.Fatal(err)
			}
			work := func(address string) (rows [3]int, letters []string) {
				before := rowsIn(t, env.Store)
				letters = names(env.Caused(func() {
					if err := ask(authtest.Anyone(), address); err != nil {
						t.Errorf("RequestPasswordReset(%s) = %v", address, err)
					}
				}))
				for i, n := range rowsIn(t, env.Store) {
					rows[i] = n - before[i]
				}
				return rows, letters
			}
			known, _ := work("ann@example.org")
			for _, address := range []string{"nobody@example.org", "shut@example.org"} {
				if rows, letters := work(address); rows != known || len(letters) != 0 {
					t.Errorf("%s: %v rows and letters %q, want %v rows as for a known address and no letter", address, rows, letters, known)
				}
			}
		})
		t.Run("refuses what is no address", func(t *testing.T) {
			for address, code := range map[string]auth.Code{
				"": auth.Required, "ann": auth.Invalid, "ann@localhost": auth.Invalid, strings.Repeat("a", 300) + "@example.org": auth.TooLong,
			} {
				authtest.Refused(t, "RequestPasswordReset()", ask(authtest.Anyone(), address), code, "email")
			}
		})
	})
}

func TestRequestPasswordResetLimits(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		env.Account("ann@example.org")
		ask := func(ip, address string) error {
			return env.RequestPasswordReset(t.Context(), authtest.Stranger(ip), auth.RequestPasswordResetInput{Email: address})
		}
		t.Run("letters to one address, silently", func(t *testing.T) {
			first := requestReset(t, env, "ann@example.org")
			sent := len(env.Caused(func() {
				for i := range 15 {
					if err := ask(fmt.Sprintf("192.0.2.%d", 10+i), "ann@example.org"); err != nil {
						t.Fatalf("RequestPasswordReset() = %v", err)
					}
				}
			}))
			if sent != 4 {
				t.Errorf("%d more letters were sent, want 4: five in all", sent)
			}
			if _, err := reset(env, first, newPassword); err != nil {
				t.Errorf("ResetPassword() with the first letter's token = %v", err)
			}
			env.Clock.Turn(time.Hour)
			if n := len(env.Caused(func() { requestReset(t, env, "ann@example.org") })); n != 1 {
				t.Errorf("an hour later %d letters are sent, want 1", n)
			}
		})
		t.Run("requests from one place", func(t *testing.T) {
			for i := range 20 {
				if err := ask("198.51.100.1", fmt.Sprintf("nobody%d@example.org", i)); err != nil {
					t.Fatalf("RequestPasswordReset() %d = %v", i, err)
				}
			}
			before := rowsIn(t, env.Store)
			err := ask("198.51.100.1", "ann@example.org")
			authtest.Refused(t, "the request beyond the limit", err, auth.RateLimited)
			if one := (*auth.Error)(nil); errors.As(err, &one) && one.RetryAfter <= 0 {
				t.Error("the refusal does not say when to try again")
			}
			if rowsIn(t, env.Store) != before {
				t.Error("a refused request writes")
			}
			if err := ask("198.51.100.2", "ann@example.org"); err != nil {
				t.Errorf("from another place: RequestPasswordReset() = %v", err)
			}
		})
	}, func(s *auth.Settings) { s.Limits.Mail.Count, s.Limits.SignUp.Count = 5, 20 })
}

// The account may be deleted while a reset e-mail is requested. The answer is
// the same.
func TestRequestPasswordResetWhileTheAccountGoes(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		for range 10 {
			ann := env.Account("ann@example.org")
			c := env.As(ann.AccessToken)
			_, errs := authtest.AtOnce(10, func(i int) (any, error) {
				if i == 5 {
					return env.DeleteAccount(context.Background(), c)
				}
				return nil, env.RequestPasswordReset(context.Background(), authtest.Anyone(), auth.RequestPasswordResetInput{Email: "ann@example.org"})
			})
			if err := errors.Join(errs...); err != nil {
				t.Fatalf("RequestPasswordReset() and DeleteAccount() at once = %v", err)
			}
		}
	})
}

// Requests for one address wait for each other, whether it has an account or
// not. Otherwise many at once would reveal by their time whether it has one.
func TestResetRequestsForAnAddressWait(t *testing.T) {
	s := storetest.Open(t, storetest.PostgresURL(t))
	env := authtest.On(t, s)
	env.Account("ann@example.org")
	for _, address := range []string{"ann@example.org", "nobody@example.org"} {
		err := s.InTx(t.Context(), func(tx *store.Tx) error {
			if err := tx.LockText(t.Context(), address); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			if err := env.RequestPasswordReset(ctx, authtest.Anyone(), auth.RequestPasswordResetInput{Email: address}); err == nil {
				t.Errorf("a request for %s does not wait for the one before it", address)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// rowsIn counts tokens, e-mails and events.
func rowsIn(t testing.TB, s *store.Store) [3]int {
	t.Helper()
	ctx := t.Context()
	return [3]int{s.UserToken.Query().CountX(ctx), s.OutboxMessage.Query().CountX(ctx), s.AuditEvent.Query().CountX(ctx)}
}
