package auth_test

import (
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// lastUse is when a login's session was last used, as its owner sees it.
func lastUse(t testing.TB, env *authtest.Env, login *auth.Login) time.Time {
	t.Helper()
	for _, s := range sessionsOf(t, env, login) {
		if s.ID == login.Session.ID {
			return s.LastUsedAt
		}
	}
	t.Fatal("the session is not in the list")
	return time.Time{}
}

func TestLastUse(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		api := issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
		env.Clock.Turn(5 * time.Minute)
		used := env.Clock.Now()
		for _, bearer := range []string{ann.AccessToken, api.Secret} {
			if _, err := env.Resolve(t.Context(), authtest.Stranger("198.51.100.77"), bearer); err != nil {
				t.Fatal(err)
			}
		}
		if got := apiTokens(t, env, ann)[0]; got.LastUsedAt != nil {
			t.Errorf("a read wrote that it was used at %v", got.LastUsedAt)
		}
		env.Clock.Turn(time.Second)
		env.Flush()
		if got := apiTokens(t, env, ann)[0]; got.LastUsedAt == nil || !got.LastUsedAt.Equal(used) || got.LastUsedAt.Location() != time.UTC {
			t.Errorf("the API token was last used at %v, want %v", got.LastUsedAt, used)
		}
		s := sessionsOf(t, env, ann)[0]
		if !s.LastUsedAt.Equal(used) || *s.IPAddress != "198.51.100.77" {
			t.Errorf("the session was last used at %v from %s, want %v from the caller's address", s.LastUsedAt, *s.IPAddress, used)
		}
		alive(t, env, "the session", ann)
	})
}

// The list shows the last use to within a minute, whenever a token is used and
// uses are written.
func TestLastUseIsWithinAMinute(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		used := env.Clock.Now()
		for second := range 10 * 60 {
			env.Clock.Turn(time.Second)
			if second%7 == 0 {
				env.As(ann.AccessToken)
				used = env.Clock.Now()
			}
			if second%15 == 14 { // as often as Run does
				env.Flush()
			}
			if got := env.Store.UserToken.GetX(t.Context(), ann.Session.ID).LastUsedAt; used.Sub(*got) > time.Minute {
				t.Fatalf("in second %d last use is shown %v too early", second, used.Sub(*got))
			}
		}
	})
}

func TestLastUseNeverMovesBack(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		other := plain(env)
		env.Clock.Turn(2 * time.Minute)
		env.As(ann.AccessToken) // noted by this process, and written later
		env.Clock.Turn(2 * time.Minute)
		other.As(ann.AccessToken)
		want := env.Clock.Now()
		other.Flush()
		env.Flush()
		if got := lastUse(t, env, ann); !got.Equal(want) {
			t.Errorf("last use is %v, want %v", got, want)
		}
		env.Clock.Turn(2 * time.Minute)
		env.As(ann.AccessToken)
		env.Clock.Turn(time.Second)
		ann = refreshed(t, env, ann)
		env.Flush()
		if got := lastUse(t, env, ann); !got.Equal(env.Clock.Now()) {
			t.Errorf("after a refresh last use is %v, want %v", got, env.Clock.Now())
		}
	})
}

func TestLastUseOfManyAndOfNone(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		var logins []*auth.Login
		for i := range 3 {
			logins = append(logins, env.Account(fmt.Sprintf("ann%d@example.org", i)))
			for range 69 {
				logins = append(logins, env.LogIn(fmt.Sprintf("ann%d@example.org", i)))
			}
		}
		env, r := record(env)
		env.Clock.Turn(5 * time.Minute)
		for _, login := range logins {
			env.As(login.AccessToken)
		}
		// One ends before its last use is written.
		logout(t, env, "one", env.As(logins[0].AccessToken), auth.LogoutInput{}, logins[0])
		r.sent = nil
		env.Flush()
		if n := len(r.of("UPDATE")); n != len(logins) {
			t.Errorf("%d uses were written, want %d", n, len(logins))
		}
		for _, login := range logins[1:] {
			if got := env.Store.UserToken.GetX(t.Context(), login.Session.ID).LastUsedAt; !got.Equal(env.Clock.Now()) {
				t.Fatalf("last use is %v, want now", got)
			}
		}
		r.sent = nil
		env.Flush()
		if len(r.sent) != 0 {
			t.Errorf("with nothing to write %v was sent", r.sent)
		}
	})
}

// A short outage of the database loses no use.
func TestLastUseSurvivesAnOutage(t *testing.T) {
	authtest.Each(t, func(t *testing.T, env *authtest.Env) {
		ann := env.Account("ann@example.org")
		env, r := record(env)
		env.Clock.Turn(5 * time.Minute)
		used := env.Clock.Now()
		env.As(ann.AccessToken)
		r.before = func(statement) error { return errors.New("away") }
		env.Flush()
		r.before = nil
		env.Clock.Turn(time.Minute)
		env.Flush()
		if got := lastUse(t, env, ann); !got.Equal(used) {
			t.Errorf("last use is %v, want %v", got, used)
		}
	})
}

// A read never writes. On PostgreSQL a connection that may not write does all
// reads; on SQLite the file does not change.
func TestReadingWritesNothing(t *testing.T) {
	read := func(t *testing.T, env *authtest.Env, ann *auth.Login, api string) {
		t.Helper()
		ctx := t.Context()
		env.Clock.Turn(5 * time.Minute)
		exchanged, err := env.Exchange(ctx, env.As(api), api)
		if err != nil {
			t.Fatalf("Exchange() = %v", err)
		}
		for _, bearer := range []string{ann.AccessToken, api, exchanged.Token} {
			c := env.As(bearer)
			if u, err := env.Me(c); err != nil || u == nil {
				t.Errorf("Me() = %v, %v", u, err)
			}
			if _, err := env.Sessions(ctx, c, c.User); err != nil {
				t.Errorf("Sessions() = %v", err)
			}
			if _, err := env.APITokens(ctx, c.User); err != nil {
				t.Errorf("APITokens() = %v", err)
			}
		}
		env.As("junk")
		if _, err := env.Service.Account(ctx, authtest.Operator(), "ann@example.org"); err != nil {
			t.Errorf("Account() = %v", err)
		}
		if _, err := env.Events(ctx, auth.EventFilter{}); err != nil {
			t.Errorf("Events() = %v", err)
		}
		if _, err := env.SigningKeys(ctx); err != nil {
			t.Errorf("SigningKeys() = %v", err)
		}
	}
	prepare := func(t *testing.T, env *authtest.Env) (*auth.Login, string) {
		ann := env.Account("ann@example.org")
		return ann, issue(t, env, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount}).Secret
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		plain := storetest.PostgresURL(t)
		env := authtest.On(t, storetest.Open(t, plain))
		ann, api := prepare(t, env)
		u, err := url.Parse(plain)
		if err != nil {
			t.Fatal("the database's URL is none")
		}
		q := u.Query()
		q.Set("default_transaction_read_only", "on")
		u.RawQuery = q.Encode()
		reader := env.Process(storetest.Open(t, u.String()), uncached)
		read(t, reader, ann, api)
		if _, err := logIn(reader, "ann@example.org", authtest.Password); err == nil {
			t.Error("the connection may write: the test shows nothing")
		}
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		env := plain(authtest.On(t, storetest.SQLite(t)))
		ann, api := prepare(t, env)
		conn, err := env.Store.Reader().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		version := func() (n int) {
			if err := conn.QueryRowContext(t.Context(), "PRAGMA data_version").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := version()
		read(t, env, ann, api)
		if version() != before {
			t.Error("a read changed the file")
		}
		env.LogIn("ann@example.org")
		if version() == before {
			t.Error("a write goes unseen: the test shows nothing")
		}
	})
}
