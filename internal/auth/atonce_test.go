package auth_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/usertoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// rowsOf reads every column of a user's rows as text, the newest last. What differs
// from login to login is only compared for being there.
func rowsOf(t *testing.T, env *authtest.Env, table string, user uuid.UUID) []map[string]string {
	t.Helper()
	rows, err := env.Store.Writer().QueryContext(t.Context(), "SELECT * FROM "+table+" WHERE user_id = $1 ORDER BY id", user)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // read to the end
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, column := range columns {
			row[column] = fmt.Sprintf("%s", values[i])
			if slices.Contains([]string{"id", "digest", "session_id"}, column) {
				row[column] = fmt.Sprint(values[i] != nil)
			}
		}
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestASessionBegunAtOnceIsOneLikeAnyOther: the statement writes what the
// transaction writes, in every column, and gives back the same.
func TestASessionBegunAtOnceIsOneLikeAnyOther(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	env := authtest.Uncached(t, storetest.Open(t, wire.URL))
	user := env.Account(ann).User
	c := authtest.Stranger("192.0.2.7")
	c.UserAgent, c.RequestID = "Firefox", "request"
	device := "Laptop"
	logIn := func() (*auth.Outcome, int) {
		wire.Statements()
		got, err := env.Login(t.Context(), c, auth.LoginInput{Email: new(ann), Password: authtest.Password, Session: &auth.SessionInput{DeviceName: &device}})
		if err != nil {
			t.Fatal(err)
		}
		return got, len(wire.Statements())
	}
	_, err := env.Login(t.Context(), c, auth.LoginInput{Email: new(ann), Password: "wrong wrong wrong"})
	authtest.Refused(t, "Login", err, auth.InvalidCredentials)
	logIn() // prepares the statements
	quick, statements := logIn()
	if statements != 3 {
		t.Fatalf("a login took %d statements, want 3", statements)
	}
	release := holdAccount(t, env, user.ID)
	slowly := make(chan *auth.Outcome)
	go func() {
		got, _ := logIn()
		slowly <- got
	}()
	release()
	slow := <-slowly
	for _, table := range []string{"user_tokens", "audit_events"} {
		rows := rowsOf(t, env, table, user.ID)
		last := rows[len(rows)-2:]
		if !maps.Equal(last[0], last[1]) {
			t.Errorf("%s:\n%v at once,\n%v in a transaction", table, last[0], last[1])
		}
	}
	if quick.Session.DeviceName == nil || *quick.Session.DeviceName != device || !quick.Session.CreatedAt.Equal(slow.Session.CreatedAt) ||
		quick.User.ID != slow.User.ID || *quick.User.Email != *slow.User.Email {
		t.Errorf("answers: %+v at once, %+v in a transaction", quick.Session, slow.Session)
	}
	var counted int
	err = env.Store.Writer().QueryRowContext(t.Context(), "SELECT sum(attempts) FROM throttles WHERE id SIMILAR TO 'login_(source|name|account):%'").Scan(&counted)
	if err != nil || counted != 3 {
		t.Errorf("%d attempts are counted, want the three of the wrong password; %v", counted, err)
	}
}

const waitingSQL = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

// holdAccount locks an account as another transaction does, until it is released.
func holdAccount(t *testing.T, env *authtest.Env, user uuid.UUID) (release func()) {
	t.Helper()
	held, let, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- env.Store.InTx(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
			if _, err := tx.LockUser(t.Context(), user); err != nil {
				return err
			}
			close(held)
			<-let
			return nil
		})
	}()
	<-held
	return func() {
		// The login is at the account when a second transaction waits for it.
		for range 500 {
			var waiting int
			if err := env.Store.Writer().QueryRowContext(t.Context(), waitingSQL).Scan(&waiting); err != nil || waiting > 0 {
				break
			}
		}
		close(let)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestNoSessionBeginsAtOnceAfterAChange: what changed between the right password
// and the session decides, as in a transaction.
func TestNoSessionBeginsAtOnceAfterAChange(t *testing.T) {
	for name, change := range map[string]string{
		"password": "UPDATE users SET credentials_changed_at = credentials_changed_at + interval '1 second' WHERE id = $1",
		"disabled": "UPDATE users SET disabled_at = now() WHERE id = $1",
		"factor":   "UPDATE users SET second_factor = true WHERE id = $1",
		"deleted":  "DELETE FROM users WHERE id = $1",
	} {
		t.Run(name, func(t *testing.T) {
			env := authtest.Uncached(t, storetest.Postgres(t))
			user := env.Account(ann).User
			before := len(rowsOf(t, env, "user_tokens", user.ID))
			seen, err := env.Store.User.Get(t.Context(), user.ID)
			if err != nil {
				t.Fatal(err)
			}
			if began, err := env.BeginAtOnce(t.Context(), authtest.Anyone(), seen); err != nil || !began {
				t.Fatalf("BeginAtOnce() = %t, %v before the change", began, err)
			}
			if _, err := env.Store.Writer().ExecContext(t.Context(), change, user.ID); err != nil {
				t.Fatal(err)
			}
			began, err := env.BeginAtOnce(t.Context(), authtest.Anyone(), seen)
			if err != nil || began {
				t.Errorf("BeginAtOnce() = %t, %v", began, err)
			}
			if rows := len(rowsOf(t, env, "user_tokens", user.ID)); rows > before+1 {
				t.Errorf("there are %d sessions more", rows-before)
			}
		})
	}
}

// TestManySessionsDoNotBeginAtOnce: near the limit the transaction counts exactly.
func TestManySessionsDoNotBeginAtOnce(t *testing.T) {
	env := authtest.Uncached(t, storetest.Postgres(t))
	user := env.Account(ann).User
	now := env.Clock.Now()
	for range auth.MaxSessions - 2 {
		refresh := secret.NewRefresh(uuid.Must(uuid.NewV7()))
		env.Store.UserToken.Create().SetID(refresh.SessionID).SetPurpose(usertoken.PurposeSession).SetUserID(user.ID).SetDigest(refresh.Digest()).
			SetCreatedAt(now).SetRotatedAt(now).SetLastUsedAt(now).SetAuthenticatedAt(now).SetExpiresAt(now.AddDate(0, 0, 1)).SetEndsAt(now.AddDate(1, 0, 0)).SaveX(t.Context())
	}
	_, errs := authtest.AtOnce(20, func(int) (*auth.Outcome, error) {
		return env.Login(t.Context(), authtest.Anyone(), auth.LoginInput{Email: new(ann), Password: authtest.Password})
	})
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if rows := len(rowsOf(t, env, "user_tokens", user.ID)); rows != auth.MaxSessions {
		t.Errorf("there are %d sessions, want %d", rows, auth.MaxSessions)
	}
	trail := env.Trail(user.ID)
	if evicted := strings.Count(strings.Join(trail, "\n"), "session_evict"); evicted != 19 {
		t.Errorf("%d sessions were evicted, want 19", evicted)
	}
}
