package store_test

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func TestWatchPostgres(t *testing.T) {
	t.Parallel()
	url := storetest.PostgresURL(t)
	here, there := storetest.Open(t, url), storetest.Open(t, url)
	w := watch(t, here, "")
	w.awaitTrust("at first")

	t.Run("drops those who changed and nobody else", func(t *testing.T) {
		w.forget()
		ann, bea := uuid.New(), uuid.New()
		err := there.InTx(t.Context(), func(tx *store.Tx) error {
			tx.Changed(ann)
			tx.Changed(bea)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.await("both", func() bool { return w.knows(ann) && w.knows(bea) })
		if n := w.everybody(); n != 0 {
			t.Errorf("everybody was dropped %d times", n)
		}
	})
	t.Run("drops everybody when everybody changed", func(t *testing.T) {
		w.forget()
		err := there.InTx(t.Context(), func(tx *store.Tx) error {
			tx.Changed(uuid.New())
			tx.ChangedAll()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.await("everybody", func() bool { return w.everybody() == 1 })
	})
	t.Run("drops nobody for what was rolled back", func(t *testing.T) {
		w.forget()
		ann, bea := uuid.New(), uuid.New()
		err := there.InTx(t.Context(), func(tx *store.Tx) error {
			tx.Changed(ann)
			return errOfTheFlow
		})
		if !errors.Is(err, errOfTheFlow) {
			t.Fatal(err)
		}
		change(t, there, bea)
		w.await("the next change", func() bool { return w.knows(bea) })
		if w.knows(ann) {
			t.Error("a change that was rolled back was heard of")
		}
	})
	t.Run("drops everybody for what it cannot read", func(t *testing.T) {
		w.forget()
		if _, err := there.Writer().ExecContext(t.Context(), "SELECT pg_notify($1, $2)", "authgraph_changed", "something of a later release"); err != nil {
			t.Fatal(err)
		}
		w.await("everybody", func() bool { return w.everybody() == 1 })
	})
	t.Run("hears a flood to its end", func(t *testing.T) {
		w.forget()
		users := make([]uuid.UUID, 2000)
		err := there.InTx(t.Context(), func(tx *store.Tx) error {
			for i := range users {
				users[i] = uuid.New()
				tx.Changed(users[i])
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.await("all of them", func() bool { return w.knows(users[len(users)-1]) })
		for _, user := range users {
			if !w.knows(user) {
				t.Fatal("one was not heard of")
			}
		}
	})
	t.Run("is not trusted while the pool is stuck", func(t *testing.T) {
		var held []*sql.Conn
		for range storetest.Conns { // all there are
			conn, err := here.Writer().Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, conn)
		}
		w.awaitDistrust("while the pool is stuck")
		for _, conn := range held {
			conn.Close()
		}
		w.awaitTrust("after the pool is free")
	})
}

// lines are a database behind two proxies: one for the pool, one for listening.
type lines struct {
	pool, listen *pgtest.Proxy
	there        *store.Store // without a proxy
	*watched
}

func newLines(t *testing.T) *lines {
	t.Helper()
	url := storetest.PostgresURL(t)
	c := pgtest.Server(t)
	l := &lines{pool: c.NewProxy(t, url), listen: c.NewProxy(t, url), there: storetest.Open(t, url)}
	l.watched = newWatched(t, storetest.Open(t, l.pool.URL), l.listen.URL)
	return l
}

// outages are what a network does to connections. In none of them does a
// trusted Watch miss a change by another process.
var outages = map[string]struct{ begin, end func(*pgtest.Proxy) }{
	"cut":         {(*pgtest.Proxy).Cut, func(*pgtest.Proxy) {}},
	"shut":        {(*pgtest.Proxy).Shut, (*pgtest.Proxy).Resume},
	"stranded":    {(*pgtest.Proxy).Strand, func(*pgtest.Proxy) {}},
	"silent":      {(*pgtest.Proxy).Stall, (*pgtest.Proxy).Resume},
	"cut, silent": {func(p *pgtest.Proxy) { p.Stall(); p.Cut() }, (*pgtest.Proxy).Resume},
	"lost while silent": {(*pgtest.Proxy).Stall, func(p *pgtest.Proxy) {
		p.Cut()
		p.Resume()
	}},
}

func TestWatchThroughOutages(t *testing.T) {
	for name, outage := range outages {
		for which, proxy := range map[string]func(*lines) *pgtest.Proxy{
			"listener": func(l *lines) *pgtest.Proxy { return l.listen },
			"pool":     func(l *lines) *pgtest.Proxy { return l.pool },
		} {
			t.Run(name+" "+which, func(t *testing.T) {
				t.Parallel()
				l := newLines(t)
				t.Cleanup(l.run())
				l.awaitTrust("at first")
				l.forget()
				outage.begin(proxy(l))
				if name != "cut" { // a cut connection repairs itself before we look
					l.awaitDistrust("in the outage")
				}
				ann := uuid.New()
				committed := change(t, l.there, ann)
				for time.Since(committed) < 500*time.Millisecond {
					if began := time.Now(); l.Trusted() && !l.knows(ann) && began.Sub(committed) > 200*time.Millisecond {
						t.Fatalf("trusted %v after a change that was not heard of", began.Sub(committed))
					}
				}
				outage.end(proxy(l))
				l.awaitTrust("after the outage")
				if !l.knows(ann) {
					t.Error("trusted again without knowing of the change")
				}
				bea := uuid.New()
				l.forget()
				l.keeps(bea, change(t, l.there, bea), 200*time.Millisecond, 0)
				if n := strings.Count(l.logged(), "level=WARN"); n > 2 {
					t.Errorf("one outage is logged %d times:\n%s", n, l.logged())
				}
			})
		}
	}
}

// TestWatchStartsInAnOutage: it tries again and again, and ends with its
// context.
func TestWatchStartsInAnOutage(t *testing.T) {
	for name, outage := range outages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLines(t)
			outage.begin(l.listen)
			stop := l.run()
			t.Cleanup(stop)
			for began := time.Now(); name != "cut" && name != "stranded" && time.Since(began) < 300*time.Millisecond; {
				if l.Trusted() {
					t.Fatal("trusted without having listened")
				}
			}
			outage.end(l.listen)
			l.awaitTrust("after the outage")
		})
		t.Run(name+", and ends in it", func(t *testing.T) {
			t.Parallel()
			l := newLines(t)
			outage.begin(l.listen)
			outage.begin(l.pool)
			stop := l.run()
			l.await("a try", func() bool { return l.listen.Accepted() > 0 })
			stop()
		})
	}
}

// TestWatchBelievesNoOldHeartbeat: a heartbeat from before the server listened
// proves nothing. A change may have been lost before it came back.
func TestWatchBelievesNoOldHeartbeat(t *testing.T) {
	s := storetest.Postgres(t)
	w := newWatched(t, s, "")
	heard, listening := make(chan *pq.Notification), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var hearing sync.WaitGroup
	hearing.Go(func() {
		if err := w.Hear(ctx, heard, listening, "beat"); err != nil {
			t.Errorf("hear: %v", err)
		}
	})
	defer hearing.Wait()
	defer cancel()
	// Each is taken before the next: the channel has no buffer.
	say := func(channel, payload string) { heard <- &pq.Notification{Channel: channel, Extra: payload} }
	beat := func(at time.Duration) { say("beat", strconv.FormatInt(int64(at), 10)) }
	taken := func() { say("authgraph_changed", uuid.NewString()) }

	beat(w.Elapsed())
	taken()
	if w.Trusted() {
		t.Fatal("a heartbeat is believed before the server has said that it listens")
	}
	before := w.Elapsed()
	listening <- nil
	w.await("everybody dropped", func() bool { return w.everybody() == 1 })
	beat(before)
	say("beat", "junk")
	say("beat", "")
	taken()
	if w.Trusted() {
		t.Error("a heartbeat from before is believed")
	}
	if n := w.everybody(); n != 1 {
		t.Errorf("everybody was dropped %d times, want once", n)
	}
	beat(w.Elapsed())
	taken()
	if !w.Trusted() {
		t.Error("a heartbeat sent since is not believed")
	}
	until := w.TrustedUntil()
	beat(before)
	beat(until - 300*time.Millisecond)
	taken()
	if w.TrustedUntil() != until {
		t.Error("an older heartbeat moves the trust")
	}
}

// TestWatchEndsOnARefusal: a Watch whose connection is refused is never
// trusted, and its log does not contain the URL.
func TestWatchEndsOnARefusal(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t)
	for _, url := range []string{"postgres://nobody:wrong@127.0.0.1:1/none?sslmode=disable", "postgres://%zz"} {
		w := watch(t, s, url)
		w.await("a word in the log", func() bool { return strings.Contains(w.logged(), "level=WARN") })
		if w.Trusted() {
			t.Error("trusted without having listened")
		}
		if log := w.logged(); strings.Contains(log, "wrong") || strings.Contains(log, "%zz") {
			t.Errorf("the log shows the URL: %s", log)
		}
	}
}
