package auth_test

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// TestAKeptCallerCostsNoQuery holds while heartbeats arrive in time. On a busy
// machine the cache is sometimes off, and rightly so.
func TestAKeptCallerCostsNoQuery(t *testing.T) {
	wire := storetest.NewWire(t, storetest.PostgresURL(t))
	first := authtest.Uncached(t, storetest.Open(t, wire.URL), func(s *auth.Settings) { s.AccessTTL = 24 * time.Hour })
	ann := first.Account("ann@example.org")
	token := issue(t, first, ann, auth.IssueAPITokenInput{Name: "backup", Scopes: readAccount})
	env := first.Process(storetest.Open(t, wire.URL), authtest.Cached)
	for _, bearer := range []string{ann.AccessToken, token.Secret} {
		costs := func() []string {
			asked(wire)
			for range 10 {
				if c := env.As(bearer); c.User.ID != ann.User.ID {
					t.Fatalf("a kept caller is refused: %s", c.Refused)
				}
			}
			return asked(wire)
		}
		// sometimes tries until ten questions cost so many statements.
		sometimes := func(want int, prepare func()) {
			t.Helper()
			var got []string
			for range 100 {
				prepare()
				if got = costs(); len(got) == want {
					return
				}
			}
			t.Fatalf("%d statements for ten questions, want %d: %q", len(got), want, got)
		}
		read := func() {
			env.Clock.Turn(30 * time.Second)
			env.As(bearer)
		}
		sometimes(0, read)
		sometimes(0, func() { read(); env.Clock.Turn(29 * time.Second) })
		sometimes(1, func() { read(); env.Clock.Turn(30 * time.Second) })
		sometimes(1, func() {
			read()
			other := env.LogIn("ann@example.org")
			logout(t, env, "another of the account", authtest.Anyone(), auth.LogoutInput{RefreshToken: other.RefreshToken}, other)
		})
	}
}

// A kept session ends in time. It continues when a refresh has moved its end,
// although the cache is not told of a refresh.
func TestKeptSessionsEndInTime(t *testing.T) {
	short := func(s *auth.Settings) { s.RefreshTTL = 20 * time.Second }
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		env := authtest.Uncached(t, s, short).Process(s, authtest.Cached, func(o *auth.Options) { short(&o.Settings) })
		ends, goesOn := env.Account("ann@example.org"), env.LogIn("ann@example.org")
		env.As(ends.AccessToken)
		env.As(goesOn.AccessToken)
		env.Clock.Turn(15 * time.Second)
		next := refreshed(t, env, goesOn)
		if c := env.As(ends.AccessToken); c.Anonymous() {
			t.Errorf("before its end a session is refused: %s", c.Refused)
		}
		env.Clock.Turn(5 * time.Second)
		if c := env.As(ends.AccessToken); c.Refused != auth.ReasonExpired {
			t.Errorf("at its end a session is resolved to %v (%q), want EXPIRED", c.User, c.Refused)
		}
		if c := env.As(next.AccessToken); c.Anonymous() {
			t.Errorf("a session whose end a refresh has moved is refused: %s", c.Refused)
		}
	})
}

// The connection breaks during the commit. It is unknown whether the session
// has ended, so the kept entry is not trusted either.
func TestNothingIsKeptWhenACommitIsLost(t *testing.T) {
	for name, ran := range map[string]bool{"it took effect": true, "it did not": false} {
		t.Run(name, func(t *testing.T) {
			url := storetest.PostgresURL(t)
			wire := storetest.NewWire(t, url)
			first := authtest.Uncached(t, storetest.Open(t, url))
			ann := first.Account("ann@example.org")
			env := first.Process(storetest.Open(t, wire.URL), authtest.Cached)
			c := env.As(ann.AccessToken)
			wire.Lose("COMMIT", ran)
			if _, err := env.Logout(t.Context(), c, auth.LogoutInput{}); err == nil || wire.Lost() != 1 {
				t.Fatalf("Logout() = %v, %d connections lost, want a fault", err, wire.Lost())
			}
			asked(wire)
			c = env.As(ann.AccessToken)
			if len(asked(wire)) == 0 {
				t.Error("what was kept before is believed without asking")
			}
			if c.Anonymous() != ran {
				t.Errorf("the session is resolved to %v (%q), ended: %t", c.User, c.Refused, ran)
			}
		})
	}
}

// A request has asked who holds its token. While the answer is on its way,
// another replica ends the session. The answer must not be kept.
func TestARevocationDuringARead(t *testing.T) {
	url := storetest.PostgresURL(t)
	way := pgtest.Server(t).NewProxy(t, url)
	a := authtest.Uncached(t, storetest.Open(t, url))
	a.Account("ann@example.org")
	direct := func(o *auth.Options) { o.ListenURL = url }
	// Without prepared statements, a statement is one message and one answer.
	s, err := store.Open(t.Context(), store.Options{URL: way.URL, MaxConns: 10, Unprepared: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	b := a.Process(s, authtest.Cached, direct)
	ann, read := readUnderWay(t, a, b, way)
	logout(t, a, "on the other replica", a.As(ann.AccessToken), auth.LogoutInput{}, ann)
	time.Sleep(onOthers) // by now b has heard of it
	way.Resume()
	if got := <-read; got.err != nil || got.c.Anonymous() {
		t.Fatalf("the read that began before = %q, %v, want what was true then", got.c.Refused, got.err)
	}
	b.AwaitCache()
	for range 100 {
		if c := b.As(ann.AccessToken); !c.Anonymous() {
			t.Fatal("what a read saw before the session ended is believed after it")
		}
	}
}

// resolved is what Resolve returned.
type resolved struct {
	c   auth.Caller
	err error
}

// readUnderWay makes b ask who holds a new session, and delays the answer. If b
// loses its trust in the meantime, as on a busy machine, it asks for the keys
// first, and the attempt is repeated.
func readUnderWay(t *testing.T, a, b *authtest.Env, way *pgtest.Proxy) (*auth.Login, <-chan resolved) {
	t.Helper()
	const begun = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle' AND query LIKE 'SELECT u.id%' AND query_start > $1`
	for began := time.Now(); time.Since(began) < storetest.Patience; {
		ann := a.LogIn("ann@example.org")
		var since time.Time
		if err := a.Store.Reader().QueryRowContext(t.Context(), `SELECT clock_timestamp()`).Scan(&since); err != nil {
			t.Fatal(err)
		}
		b.AwaitCache()
		way.StallAnswers()
		read := make(chan resolved, 1)
		go func() {
			c, err := b.Resolve(context.Background(), authtest.Anyone(), ann.AccessToken)
			read <- resolved{c, err}
		}()
		for tried := time.Now(); time.Since(tried) < 2*time.Second; {
			var n int
			if err := a.Store.Reader().QueryRowContext(t.Context(), begun, since).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n > 0 {
				return ann, read
			}
		}
		way.Resume()
		<-read
	}
	t.Fatal("the read does not begin")
	return nil, nil
}

// Another process uses the same file, as the operator's commands do beside a
// server.
func TestRevokedByAnotherProcessOnSQLite(t *testing.T) {
	url := storetest.SQLiteURL(t)
	commands := authtest.Uncached(t, storetest.Open(t, url))
	server := commands.Process(storetest.Open(t, url), authtest.Cached)
	for range 20 {
		ann := commands.Account("ann@example.org")
		if c := server.As(ann.AccessToken); c.Anonymous() {
			t.Fatalf("the session is refused: %s", c.Refused)
		}
		if err := commands.RemoveAccount(t.Context(), authtest.Operator(), ann.User.ID); err != nil {
			t.Fatal(err)
		}
		for gone := time.Now(); ; time.Sleep(time.Millisecond) {
			asked := time.Since(gone)
			if server.As(ann.AccessToken).Anonymous() {
				break
			}
			if asked > 200*time.Millisecond {
				t.Fatalf("the account's session was accepted after %v", asked)
			}
		}
		dead(t, server, "after an account was deleted by a command", ann)
	}
}

// A write of this process drops only the entries of the user that it changed.
func TestOwnChangesDropOneUserAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		env := authtest.Uncached(t, s).Process(s, authtest.Cached)
		ann, bea := env.Account("ann@example.org"), env.Account("bea@example.org")
		spared := 0
		for range 20 { // on a slow machine the trust may lapse meanwhile, and everybody is read again
			env.AwaitCache()
			kept := env.As(ann.AccessToken).User // the value that the cache keeps
			login := env.LogIn("bea@example.org")
			if err := env.EndSession(t.Context(), authtest.Operator(), bea.User.ID, login.Session.ID); err != nil {
				t.Fatal(err)
			}
			if env.As(ann.AccessToken).User == kept {
				spared++
			}
		}
		if spared == 0 {
			t.Error("a bystander is read again each time")
		}
	})
}

// Run ends with its context and leaves nothing running.
func TestRunEndsWithItsContext(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			env := authtest.Uncached(t, s)
			kept := auth.Options{}
			env.Process(s, func(o *auth.Options) { kept = *o })
			kept.CacheCallers = true
			service, err := auth.New(t.Context(), kept)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() { service.Run(ctx) })
			for !service.KeepsCallers() {
				runtime.Gosched()
			}
			cancel()
			running.Wait()
			if service.KeepsCallers() {
				t.Error("callers are kept after Run")
			}
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			for _, part := range []string{"store.(*Watch)", "signing.(*Keys)", "pq.(*ListenerConn)"} {
				if strings.Contains(string(stacks), part) {
					t.Errorf("%s still runs", part)
				}
			}
		})
	}
}

// asked lists the statements that a wire saw, except heartbeats.
func asked(wire *storetest.Wire) []string {
	var list []string
	for _, statement := range wire.Statements() {
		if !strings.Contains(statement, "pg_notify") {
			list = append(list, statement)
		}
	}
	return list
}
