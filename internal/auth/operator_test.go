package auth_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
)

func TestAccount(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		update(t, env, ann, auth.UpdateAccountInput{Username: ptr("Ann")})
		for _, name := range []string{ann.User.ID.String(), "ann@example.org", " ANN@Example.ORG", "ann", "ANN"} {
			if u, err := env.Service.Account(t.Context(), authtest.Operator(), name); err != nil || u.ID != ann.User.ID {
				t.Errorf("Account(%q) = %v, %v, want ann", name, u, err)
			}
		}
		for _, name := range []string{"", "bea", "bea@example.org", uuid.NewString(), "urn:uuid:" + ann.User.ID.String(), "%", "a b"} {
			_, err := env.Service.Account(t.Context(), authtest.Operator(), name)
			authtest.Refused(t, "Account("+name+")", err, auth.NotFound)
		}
		// A name that looks like an id is still a name.
		hex := "0123456789abcdef0123456789abcdef"
		update(t, env, ann, auth.UpdateAccountInput{Username: &hex})
		if u, err := env.Service.Account(t.Context(), authtest.Operator(), hex); err != nil || u.ID != ann.User.ID {
			t.Errorf("Account() by 32 digits = %v, %v, want ann", u, err)
		}
		// But a user cannot mislead the operator with a name that is another
		// account's id.
		bea := env.Account("bea@example.org")
		update(t, env, bea, auth.UpdateAccountInput{Username: ptr(ann.User.ID.String())})
		if u, err := env.Service.Account(t.Context(), authtest.Operator(), ann.User.ID.String()); err != nil || u.ID != ann.User.ID {
			t.Errorf("Account() by id = %v, %v, want whose id it is", u, err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for _, name := range []string{ann.User.ID.String(), "ann@example.org"} {
			if _, err := env.Service.Account(gone, authtest.Operator(), name); err == nil || errors.Is(err, auth.ErrNotFound) {
				t.Errorf("Account() without a database = %v, want a fault", err)
			}
		}
	})
}

func TestDisableAccount(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann, other := env.Account("ann@example.org"), env.LogIn("ann@example.org")
		api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
		token, change := requestReset(t, env, "ann@example.org"), changeAddress(t, env, ann, "ann@example.net")
		operate := func(what string, do func(context.Context, auth.Caller, uuid.UUID) error, want ...string) {
			t.Helper()
			recorded := env.Recorded(ann.User.ID, func() {
				notices(t, what, env.Caused(func() {
					if err := do(t.Context(), authtest.Operator(), ann.User.ID); err != nil {
						t.Errorf("%s = %v", what, err)
					}
				}))
			})
			if !slices.Equal(recorded, want) {
				t.Errorf("%s: recorded %q, want %q", what, recorded, want)
			}
		}
		operate("DisableAccount()", env.DisableAccount, "session_revoke ok operator", "session_revoke ok operator", "account_disable ok operator")
		dead(t, env, "a session", ann)
		dead(t, env, "another session", other)
		recorded := env.Recorded(ann.User.ID, func() {
			_, err := logIn(env, "ann@example.org", authtest.Password)
			authtest.Refused(t, "Login() with the right password", err, auth.Disabled)
			_, err = logIn(env, "ann@example.org", "wrong")
			authtest.Refused(t, "Login() with a wrong one", err, auth.InvalidCredentials)
		})
		if want := []string{"login DISABLED anonymous", "login INVALID_CREDENTIALS anonymous"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		if c := env.As(api.Secret); c.Refused != auth.ReasonRevoked {
			t.Errorf("the API token is %q, want REVOKED", c.Refused)
		}
		operate("DisableAccount() again", env.DisableAccount, "account_disable ok operator")

		env.Clock.Turn(time.Minute)
		operate("EnableAccount()", env.EnableAccount, "account_enable ok operator")
		dead(t, env, "a session from before", ann)
		_, err := reset(env, token, newPassword)
		authtest.Refused(t, "a reset token from before", err, auth.InvalidToken, "token")
		_, err = confirm(env, change, authtest.Password)
		authtest.Refused(t, "a change of address from before", err, auth.InvalidToken, "token")
		if c := env.As(api.Secret); c.Anonymous() {
			t.Errorf("the API token is %q, want it to work again", c.Refused)
		}
		login := env.LogIn("ann@example.org")
		if login.User.PendingEmail != nil || login.User.DisabledAt != nil {
			t.Errorf("the account is %v, want it open and no address pending", login.User)
		}
	})
}

// A login has verified the password while the account is being disabled. It
// must not succeed.
func TestDisableWhileLoggingIn(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		for range 5 {
			logins, errs := authtest.AtOnce(10, func(i int) (*auth.Outcome, error) {
				if i == 5 {
					return nil, env.DisableAccount(context.Background(), authtest.Operator(), ann.User.ID)
				}
				return logIn(env, "ann@example.org", authtest.Password)
			})
			for i, err := range errs {
				if i == 5 && err != nil {
					t.Fatalf("DisableAccount() = %v", err)
				}
				if err != nil {
					authtest.Refused(t, "Login()", err, auth.Disabled)
				} else if i != 5 {
					dead(t, env, "a session from before", logins[i].Login)
				}
			}
			if n := len(sessionsOf(t, env, ann)); n != 0 {
				t.Fatalf("a disabled account has %d sessions", n)
			}
			if err := env.EnableAccount(t.Context(), authtest.Operator(), ann.User.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestRemoveAccount(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		letters := env.Caused(func() {
			if err := env.RemoveAccount(t.Context(), authtest.Operator(), ann.User.ID); err != nil {
				t.Fatalf("RemoveAccount() = %v", err)
			}
		})
		notices(t, "RemoveAccount()", letters, "account_deleted to ann@example.org")
		if letters[0].Content.IP != "" {
			t.Errorf("the notice tells the address %s, want none: the operator did it", letters[0].Content.IP)
		}
		if trail := env.Trail(ann.User.ID); !slices.Equal(trail, []string{"confirm ok anonymous", "account_delete ok operator"}) {
			t.Errorf("recorded %q", trail)
		}
		dead(t, env, "the session", ann)
		for what, do := range map[string]func(context.Context, auth.Caller, uuid.UUID) error{
			"RemoveAccount()": env.RemoveAccount, "DisableAccount()": env.DisableAccount, "EnableAccount()": env.EnableAccount,
		} {
			authtest.Refused(t, what+" of nobody", do(t.Context(), authtest.Operator(), ann.User.ID), auth.NotFound)
		}
	})
}

// Only an operator may do an operator's work.
func TestOperatorsAlone(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		for _, c := range []auth.Caller{authtest.Anyone(), env.As(ann.AccessToken), {}} {
			for what, do := range map[string]func() error{
				"Account()":  func() error { _, err := env.Service.Account(t.Context(), c, "ann@example.org"); return err },
				"Accounts()": func() error { _, _, err := env.Accounts(t.Context(), c, auth.AccountFilter{}); return err },
				"CreateAccount()": func() error {
					_, err := env.CreateAccount(t.Context(), c, auth.CreateAccountInput{Email: ptr("new@example.org")})
					return err
				},
				"DisableAccount()": func() error { return env.DisableAccount(t.Context(), c, ann.User.ID) },
				"EnableAccount()":  func() error { return env.EnableAccount(t.Context(), c, ann.User.ID) },
				"RemoveAccount()":  func() error { return env.RemoveAccount(t.Context(), c, ann.User.ID) },
				"EndSessions()":    func() error { _, err := env.EndSessions(t.Context(), c, ann.User.ID); return err },
				"EndSession()":     func() error { return env.EndSession(t.Context(), c, ann.User.ID, ann.Session.ID) },
				"RotateKeys()":     func() error { return env.RotateKeys(t.Context(), c, true) },
			} {
				authtest.Refused(t, what, do(), auth.Forbidden)
			}
		}
		alive(t, env, "the session", ann)
	})
}

// The work of an operator is recorded with where it came from.
func TestWhereAnOperatorWorkedFrom(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		c := authtest.Stranger("203.0.113.9").AsOperator()
		c.RequestID = "from-a-console"
		if err := env.DisableAccount(t.Context(), c, ann.User.ID); err != nil {
			t.Fatal(err)
		}
		events, err := env.Events(t.Context(), auth.EventFilter{User: ann.User.ID, Event: "account_disable"})
		if err != nil || len(events) != 1 || *events[0].IPAddress != "203.0.113.9" || *events[0].RequestID != "from-a-console" || events[0].Actor != "operator" {
			t.Errorf("Events() = %v, %v, want who and from where", events, err)
		}
	})
}

func TestEndSessions(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		bea := env.Account("bea@example.org")
		ann, two, three := env.Account("ann@example.org"), env.LogIn("ann@example.org"), env.LogIn("ann@example.org")
		authtest.Refused(t, "EndSession() of another's", env.EndSession(t.Context(), authtest.Operator(), ann.User.ID, bea.Session.ID), auth.NotFound)
		authtest.Refused(t, "EndSession() of none", env.EndSession(t.Context(), authtest.Operator(), ann.User.ID, uuid.Nil), auth.NotFound)
		recorded := env.Recorded(ann.User.ID, func() {
			if err := env.EndSession(t.Context(), authtest.Operator(), ann.User.ID, two.Session.ID); err != nil {
				t.Errorf("EndSession() = %v", err)
			}
		})
		if want := []string{"session_revoke ok operator"}; !slices.Equal(recorded, want) {
			t.Errorf("recorded %q, want %q", recorded, want)
		}
		dead(t, env, "the one", two)
		authtest.Refused(t, "EndSession() of one that has ended", env.EndSession(t.Context(), authtest.Operator(), ann.User.ID, two.Session.ID), auth.NotFound)
		ann = alive(t, env, "another", ann)
		for what, want := range map[uuid.UUID]int{ann.User.ID: 2, uuid.New(): 0} {
			if n, err := env.EndSessions(t.Context(), authtest.Operator(), what); err != nil || n != want {
				t.Errorf("EndSessions() = %d, %v, want %d", n, err, want)
			}
		}
		dead(t, env, "one of all", ann)
		dead(t, env, "one of all", three)
		alive(t, env, "another account's", bea)
	})
}
