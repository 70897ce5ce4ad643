package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/mailtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// notices makes n letters to as many addresses of several domains.
func (e *env) notices(n int) []Message {
	ms := make([]Message, n)
	for i := range ms {
		ms[i] = e.notice(fmt.Sprintf("user%d@%d.example.org", i, i%5))
	}
	return ms
}

// eachOnce fails unless the server has exactly one letter for each of the
// notices.
func eachOnce(t *testing.T, server *mailtest.Server, n int) {
	t.Helper()
	seen := map[string]int{}
	for _, m := range server.Messages() {
		seen[m.To[0]]++
	}
	for to, times := range seen {
		if times != 1 {
			t.Errorf("%s got %d letters", to, times)
		}
	}
	if len(seen) != n {
		t.Errorf("%d addresses got a letter, want %d", len(seen), n)
	}
}

// In calm weather no letter is sent twice, however many replicas there
// are.
func TestManyWorkers(t *testing.T) {
	const letters, replicas = 1000, 3
	work := func(t *testing.T, dbs []*store.Store) {
		t.Parallel()
		e := newEnv(t, dbs[0]).realTime()
		server := mailtest.New(t)
		e.enqueue(t, e.notices(letters)...)
		for _, db := range dbs {
			replica := &env{Outbox: New(db, e.root, realTime), log: e.log}
			run(t, replica.worker(postman(t, server), Settings{Poll: 10 * time.Millisecond}))
		}
		e.await(t, outboxmessage.StateSent)
		eachOnce(t, server, letters)
		for _, row := range e.rows(t) {
			if row.Attempts != 1 {
				t.Errorf("a letter took %d attempts", row.Attempts)
			}
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		db := storetest.SQLite(t) // one process, but nothing depends on that
		work(t, []*store.Store{db, db, db})
	})
	t.Run("postgres", func(t *testing.T) {
		url := storetest.PostgresURL(t)
		dbs := make([]*store.Store, replicas)
		for i := range dbs {
			db, err := store.Open(t.Context(), store.Options{URL: url, MaxConns: 5})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			dbs[i] = db
		}
		work(t, dbs)
	})
}

// The letters of a worker that was killed go out when its lease ends, and
// not before; what it finds out later does not count.
func TestDeadWorker(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		e.enqueue(t, e.notices(3)...)
		var nothing record
		dead := e.worker(nothing.handle, Settings{})
		held, err := dead.claim(t.Context(), share{10, 10})
		if err != nil || len(held.letters) != 3 {
			t.Fatalf("claim() = %d letters, %v", len(held.letters), err)
		}
		var r record
		heir := e.worker(r.handle, Settings{Poll: time.Millisecond})
		e.clock.advance(40*time.Second - time.Microsecond)
		if b, err := heir.claim(t.Context(), share{10, 10}); err != nil || len(b.letters) != 0 {
			t.Fatalf("the heir took %d letters before the lease ended (%v)", len(b.letters), err)
		}
		e.clock.advance(time.Microsecond)
		run(t, heir)
		e.await(t, outboxmessage.StateSent)

		dead.retry(t.Context(), held, held.letters[0], errors.New("it failed"), time.Minute)
		dead.finish(t.Context(), held, held.letters[1], outboxmessage.StateFailed, errors.New("it failed"))
		for _, row := range e.rows(t) {
			if row.State != outboxmessage.StateSent || row.LastError != nil {
				t.Errorf("a result without a lease was recorded: %+v", row)
			}
		}
		if dead.Counts() != (Counts{}) || !strings.Contains(e.log.String(), "longer than its lease") {
			t.Errorf("it was counted, or nothing was said: %+v", dead.Counts())
		}
	})
}

// A lease that was taken over protects its letters from its former holder.
func TestLeaseTakenOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		e.enqueue(t, e.notices(1)...)
		w := e.worker(nil, Settings{})
		first, err := w.claim(t.Context(), share{1, 1})
		if err != nil {
			t.Fatal(err)
		}
		e.clock.advance(time.Minute)
		second, err := w.claim(t.Context(), share{1, 1})
		if err != nil || len(second.letters) != 1 {
			t.Fatalf("claim() = %d letters, %v", len(second.letters), err)
		}
		w.finish(t.Context(), first, first.letters[0], outboxmessage.StateSent, nil)
		if err := w.release(t.Context(), first, ids(first)); err != nil {
			t.Fatal(err)
		}
		row := e.rows(t)[0]
		if row.State != outboxmessage.StateWaiting || row.Lease == nil || *row.Lease != second.lease || row.Attempts != 2 {
			t.Errorf("the former holder changed it: %+v", row)
		}
		if err := w.release(t.Context(), second, ids(second)); err != nil {
			t.Fatal(err)
		}
		if row := e.rows(t)[0]; row.Lease != nil || row.Attempts != 1 || row.DueAt.After(e.now()) {
			t.Errorf("released, it is %+v", row)
		}
	})
}

// A worker that is told to stop lets go of what it has not sent, and the
// next one sends it at once.
func TestStop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		e.enqueue(t, e.notices(10)...)
		begun := make(chan struct{}, 10)
		w := e.worker(func(ctx context.Context, _ mail.Delivery) error {
			begun <- struct{}{}
			<-ctx.Done() // a server that hangs
			return failure{outage: true}
		}, Settings{Grace: 20 * time.Millisecond})
		stop := run(t, w)
		<-begun
		<-begun
		stop()
		for _, row := range e.rows(t) {
			if row.Lease != nil || row.Attempts != 0 || row.DueAt.After(e.now()) || row.LastError != nil {
				t.Errorf("not released: %+v", row)
			}
		}
		if strings.Contains(e.log.String(), "ERROR") {
			t.Errorf("stopping is no outage:\n%s", e.log)
		}
		var r record
		run(t, e.worker(r.handle, Settings{}))
		e.await(t, outboxmessage.StateSent)
	})
}

// What is on its way when the worker is told to stop may arrive, and counts.
func TestStopLetsLettersArrive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		e.enqueue(t, e.notices(1)...)
		begun, arrive := make(chan struct{}), make(chan struct{})
		w := e.worker(func(ctx context.Context, _ mail.Delivery) error {
			close(begun)
			<-arrive
			return ctx.Err()
		}, Settings{Grace: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { w.Run(ctx) })
		<-begun
		cancel()
		close(arrive)
		done.Wait()
		if row := e.rows(t)[0]; row.State != outboxmessage.StateSent {
			t.Errorf("it is %s", row.State)
		}
	})
}

// A letter is never on its way after its lease: the handler is cut off, and no
// letter is begun late.
func TestLeaseOutlastsSending(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db).realTime()
		e.enqueue(t, e.notices(6)...)
		var mu sync.Mutex
		tried := map[string]int{}
		w := e.worker(func(ctx context.Context, d mail.Delivery) error {
			mu.Lock()
			tried[d.Recipient]++
			mu.Unlock()
			<-ctx.Done() // each takes all the time it gets
			return nil
		}, Settings{Lease: 2 * time.Second, Send: 700 * time.Millisecond, Poll: time.Millisecond})
		run(t, w)
		run(t, e.worker(w.handler, w.settings)) // takes what is held too long
		e.await(t, outboxmessage.StateSent)
		for to, n := range tried {
			if n != 1 {
				t.Errorf("%s was tried %d times", to, n)
			}
		}
		if strings.Contains(e.log.String(), "longer than its lease") {
			t.Errorf("a lease ended before its letters:\n%s", e.log)
		}
	})
}

func ids(b *batch) []uuid.UUID {
	var out []uuid.UUID
	for _, l := range b.letters {
		out = append(out, l.ID)
	}
	return out
}
