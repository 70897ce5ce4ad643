package hostile

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// withAdmin gives the program an operator's listener.
func (s *site) withAdmin() *client {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	defer l.Close()
	s.set("ADMIN_LISTEN=" + l.Addr().String())
	return &client{s.t, l.Addr().String(), agent}
}

var goroutineCount = regexp.MustCompile(`goroutine profile: total (\d+)`)

// goroutines counts those of the program.
func (c *client) goroutines() int {
	c.t.Helper()
	m := goroutineCount.FindStringSubmatch(c.word("/debug/pprof/goroutine?debug=1"))
	if m == nil {
		c.t.Fatal("the operator's listener tells no number of goroutines")
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

// A table that is locked stands for slow queries: all connections wait, and
// two hundred requests wait for a connection.
func TestSlowDatabase(t *testing.T) {
	long(t)
	t.Parallel()
	s := newSite(t, storetest.PostgresURL(t), "DATABASE_POOL=5", "CALLER_CACHE=false")
	s.unlimited()
	admin := s.withAdmin()
	p := s.start()
	token := p.users(1, "user")[0]
	agent.CloseIdleConnections()
	before := admin.goroutines()

	tx, err := s.open().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), `LOCK TABLE user_tokens IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	var all tally
	atOnce(200, 200, func(int) {
		began := time.Now()
		a, err := p.ask(context.Background(), meQuery, nil, bearer(token)...)
		all.note(began, a, err)
	})
	all.check(t, "with a table locked", "OVERLOADED")
	if p.word("/healthz") != "ok\n" {
		t.Error("/healthz fails with the database: a restart would not help")
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	p.await(within(5*time.Second), "me does not work again", func() bool {
		a, err := p.ask(t.Context(), meQuery, nil, bearer(token)...)
		return err == nil && a.me().Username == "user0"
	})
	agent.CloseIdleConnections()
	if !p.becomes(within(30*time.Second), func() bool { return admin.goroutines() <= before*6/5+2 }) {
		t.Errorf("%d goroutines, before it was %d", admin.goroutines(), before)
	}
}

// The way to the database breaks off again and again, then falls silent.
func TestDatabaseOutage(t *testing.T) {
	long(t)
	t.Parallel()
	cluster := pgtest.Server(t)
	proxy := cluster.NewProxy(t, storetest.PostgresURL(t))
	s := newSite(t, proxy.URL)
	s.unlimited()
	admin := s.withAdmin()
	p := s.start()
	token := p.users(1, "user")[0]
	proved := p.login("user0").RefreshToken
	before := admin.goroutines()

	// Mixed load: callers from memory and not, writes, sign-ups that must be there afterwards.
	var mu sync.Mutex
	var acknowledged []string
	load := func(ctx context.Context, y *tally) {
		steadily(ctx, 50, func(i int) {
			began := time.Now()
			var a *answer
			var err error
			switch i % 5 {
			case 0:
				name := fmt.Sprintf("load%d_%d", began.UnixMilli(), i)
				a, err = p.ask(context.Background(), signUp, input{"username": name, "password": password})
				if err == nil && a.code() == "" {
					mu.Lock()
					acknowledged = append(acknowledged, name)
					mu.Unlock()
				}
			case 1:
				a, err = p.ask(context.Background(), refresh, input{"refreshToken": proved})
				if err == nil && a.code() == "" {
					mu.Lock()
					proved = a.payload().Auth.RefreshToken
					mu.Unlock()
				}
			case 2:
				a, err = p.ask(context.Background(), askReset, input{"email": "nobody@example.org"})
			default:
				a, err = p.ask(context.Background(), meQuery, nil, bearer(token)...)
			}
			y.note(began, a, err)
		})
	}
	during := func(what string, d time.Duration, do func()) {
		var y tally
		ctx, stop := context.WithTimeout(t.Context(), d)
		defer stop()
		done := make(chan struct{})
		go func() { do(); close(done) }()
		load(ctx, &y)
		<-done
		y.check(t, what, "done", "INTERNAL_SERVER_ERROR", "INVALID_TOKEN", "OVERLOADED")
	}
	healed := func(what string) {
		t.Helper()
		p.await(within(5*time.Second), what+": the program does not heal", func() bool {
			a, err := p.ask(t.Context(), askReset, input{"email": "nobody@example.org"})
			return err == nil && a.code() == "" && p.word("/readyz") == "ready\n"
		})
	}
	during("in calm weather", time.Second, func() {})
	during("with connections that break off", 3*time.Second, func() {
		for range 5 {
			time.Sleep(500 * time.Millisecond)
			proxy.Cut()
		}
	})
	healed("after connections broke off")
	during("with a database that is gone", 3*time.Second, func() {
		proxy.Shut()
		if !p.becomes(within(5*time.Second), func() bool { return p.word("/readyz") == "not ready\n" }) {
			t.Error("/readyz says ready without a database")
		}
	})
	proxy.Resume()
	healed("after the database was gone")
	during("with a database that fell silent", 6*time.Second, func() {
		proxy.Stall()
		if !p.becomes(within(5*time.Second), func() bool { return p.word("/readyz") == "not ready\n" }) {
			t.Error("/readyz says ready with a database that is silent")
		}
		if p.word("/healthz") != "ok\n" {
			t.Error("/healthz fails with the database")
		}
	})
	proxy.Resume()
	healed("after the silence")
	during("in calm weather again", time.Second, func() {})
	for _, name := range acknowledged {
		if s.count(`SELECT count(*) FROM users WHERE username_key = '`+name+`'`) != 1 {
			t.Errorf("the account %s, which was acknowledged, is lost", name)
		}
	}
	if len(acknowledged) < 10 {
		t.Errorf("only %d sign-ups were acknowledged", len(acknowledged))
	}
	agent.CloseIdleConnections()
	if !p.becomes(within(30*time.Second), func() bool { return admin.goroutines() <= before*6/5+10 }) {
		t.Errorf("%d goroutines, before it was %d", admin.goroutines(), before)
	}
}
