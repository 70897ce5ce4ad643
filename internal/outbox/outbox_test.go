package outbox

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent/outboxmessage"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/mailtest"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

func TestOutbox(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		server := mailtest.New(t)
		m := e.confirm(t, "ann@example.org")
		e.enqueue(t, m)

		waiting := e.rows(t)[0]
		if len(sealed(waiting)) == 0 || bytes.Contains(sealed(waiting), []byte(m.Token)) || strings.Contains(string(waiting.Content), m.Token) {
			t.Error("the token does not wait sealed")
		}
		run(t, e.worker(postman(t, server), Settings{}))
		if got := server.Token(t, "ann@example.org"); got != m.Token {
			t.Errorf("the letter carries %q, want %q", got, m.Token)
		}
		row := e.await(t, outboxmessage.StateSent)[0]
		if len(sealed(row)) > 0 || row.Lease != nil || row.FinishedAt == nil || !row.FinishedAt.Equal(e.now()) || row.Attempts != 1 || row.LastError != nil {
			t.Errorf("the row is left as %+v", row)
		}
		if id := server.Messages()[0].Header.Get("Message-Id"); id != "<"+row.ID.String()+"@example.org>" {
			t.Errorf("Message-ID %s is not the row's id", id)
		}
	})
}

func TestEnqueueIsPartOfTheTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		undo := errors.New("undo")
		err := db.InTx(t.Context(), func(tx *store.Tx) error {
			if err := e.Enqueue(t.Context(), tx, e.notice("ann@example.org")); err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) || len(e.rows(t)) != 0 {
			t.Errorf("InTx() = %v; %d letters are left", err, len(e.rows(t)))
		}
	})
}

func TestEnqueueRefuses(t *testing.T) {
	db := storetest.SQLite(t)
	e := newEnv(t, db)
	for name, m := range map[string]Message{
		"a token without its id":           {Letter: mail.Confirm, Recipient: "ann@example.org", Content: 1, Token: "hunter2"},
		"an id without its token":          {Letter: mail.Confirm, Recipient: "ann@example.org", Content: 1, TokenID: uuid.New()},
		"content that is not to marshal":   {Letter: mail.Confirm, Recipient: "ann@example.org", Content: func() {}},
		"content whose error would say it": {Letter: mail.Confirm, Recipient: "ann@example.org", Content: map[string]any{"hunter2": make(chan int)}},
	} {
		err := db.InTx(t.Context(), func(tx *store.Tx) error { return e.Enqueue(t.Context(), tx, m) })
		if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "ann@") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDrop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		nobody := e.confirm(t, "")
		nobody.TokenID = uuid.New()
		redeemed := e.confirm(t, "ann@example.org")
		e.voidTokens(t)
		expired := e.confirm(t, "bob@example.org")
		e.enqueue(t, nobody, redeemed, expired)
		e.clock.advance(48 * time.Hour)
		var r record
		w := e.worker(r.handle, Settings{})
		run(t, w)
		for _, row := range e.await(t, outboxmessage.StateDropped) {
			if len(sealed(row)) > 0 || row.FinishedAt == nil || row.Lease != nil {
				t.Errorf("the row is left as %+v", row)
			}
		}
		if r.count() != 0 {
			t.Errorf("%d letters were sent", r.count())
		}
		if got := w.Counts(); got != (Counts{Dropped: 3}) {
			t.Errorf("Counts() = %+v", got)
		}
	})
}

func TestPermanentFailure(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		server := mailtest.New(t)
		server.Set(mailtest.Fault{Rcpt: 550})
		m := e.confirm(t, "ann@example.org")
		e.enqueue(t, m)
		w := e.worker(postman(t, server), Settings{})
		run(t, w)
		row := e.await(t, outboxmessage.StateFailed)[0]
		if len(sealed(row)) == 0 || row.Attempts != 1 || row.LastError == nil || !strings.Contains(*row.LastError, "550") {
			t.Errorf("the row is left as %+v", row)
		}
		if leaks(*row.LastError, m) || leaks(e.log.String(), m) {
			t.Errorf("told a token or an address:\n%s\n%s", *row.LastError, e.log)
		}
		if !strings.Contains(e.log.String(), row.ID.String()) || !strings.Contains(e.log.String(), `"ERROR"`) {
			t.Errorf("it failed quietly:\n%s", e.log)
		}
		if got := w.Counts(); got != (Counts{Failed: 1}) {
			t.Errorf("Counts() = %+v", got)
		}
	})
}

func TestRetry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		r := record{answers: []error{failure{}, failure{}}}
		w := e.worker(r.handle, Settings{Poll: time.Millisecond})
		e.enqueue(t, e.confirm(t, "ann@example.org"))
		run(t, w)
		for try := 1; try <= 2; try++ {
			eventually(t, func() bool { return w.Counts().Retried == uint64(try) })
			row := e.rows(t)[0]
			wait, most := row.DueAt.Sub(e.now()), 5*time.Second<<(try-1)
			if wait < most/2 || wait > most || len(sealed(row)) == 0 || row.Lease != nil || row.Attempts != try {
				t.Errorf("after try %d it waits %v: %+v", try, wait, row)
			}
			e.clock.advance(wait - time.Microsecond)
			e.Wake()
			if found, err := w.claim(t.Context(), share{1, 1}); err != nil || len(found.letters) != 0 {
				t.Errorf("it was tried before its time (%v)", err)
			}
			e.clock.advance(time.Microsecond)
			e.Wake()
		}
		e.await(t, outboxmessage.StateSent)
		if r.count() != 3 || r.got[0].ID != r.got[2].ID || r.got[0].Token != r.got[2].Token || r.got[2].Token == "" {
			t.Errorf("it was tried with %d different deliveries", r.count())
		}
	})
}

func TestGiveUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		r := record{answers: []error{failure{outage: true}}}
		e.enqueue(t, e.confirm(t, "ann@example.org"))
		e.clock.advance(24 * time.Hour)
		run(t, e.worker(r.handle, Settings{}))
		row := e.await(t, outboxmessage.StateFailed)[0]
		if r.count() != 1 || len(sealed(row)) == 0 {
			t.Errorf("it was tried %d times; the row is left as %+v", r.count(), row)
		}

		// An operator may have it tried again, with its token, and only what failed.
		if n, err := e.Outbox.Retry(t.Context(), uuid.New()); n != 0 || err != nil {
			t.Errorf("Retry() of another = %d, %v", n, err)
		}

		if n, err := e.Outbox.Retry(t.Context(), row.ID); n != 1 || err != nil {
			t.Errorf("Retry() = %d, %v", n, err)
		}
		row = e.await(t, outboxmessage.StateSent)[0]
		if r.count() != 2 || len(sealed(row)) > 0 || row.Attempts != 1 {
			t.Errorf("it was tried %d times; the row is left as %+v", r.count(), row)
		}
		if n, err := e.Outbox.Retry(t.Context()); n != 0 || err != nil {
			t.Errorf("Retry() of what was sent = %d, %v", n, err)
		}
	})
}

// A secret that opens no token may be set right again: nothing is lost.
func TestAnotherSecret(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		e.enqueue(t, e.confirm(t, "ann@example.org"))
		right := e.Outbox
		other, err := secret.New(secret.Generate())
		if err != nil {
			t.Fatal(err)
		}
		e.Outbox = New(db, other, e.clock.now)
		var r record
		w := e.worker(r.handle, Settings{Poll: time.Millisecond})
		stop := run(t, w)
		eventually(t, func() bool { return w.Counts().Retried == 1 })
		stop()
		if r.count() != 0 {
			t.Fatal("a letter went out without its token")
		}
		e.Outbox = right
		e.clock.advance(time.Minute)
		run(t, e.worker(r.handle, Settings{}))
		e.await(t, outboxmessage.StateSent)
	})
}

// A sealed token moved to another row does not open there.
func TestSealIsBoundToItsRow(t *testing.T) {
	db := storetest.SQLite(t)
	e := newEnv(t, db)
	e.enqueue(t, e.confirm(t, "ann@example.org"), e.confirm(t, "eve@example.org"))
	rows := e.rows(t)
	err := db.InTx(t.Context(), func(tx *store.Tx) error {
		return tx.OutboxMessage.Update().Where(outboxmessage.ID(rows[1].ID)).SetSealedToken(sealed(rows[0])).Exec(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
	var r record
	w := e.worker(r.handle, Settings{})
	run(t, w)
	eventually(t, func() bool { return w.Counts().Retried == 1 && w.Counts().Sent == 1 })
	if r.got[0].Recipient != "ann@example.org" {
		t.Error("a token was sent to another address")
	}
}

func TestBacklogAndDeleteFinished(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		if n, oldest, err := e.Backlog(t.Context()); n != 0 || !oldest.IsZero() || err != nil {
			t.Errorf("Backlog() = %d, %v, %v of an empty queue", n, oldest, err)
		}
		first := e.now()
		e.enqueue(t, e.notice("ann@example.org"))
		e.clock.advance(time.Minute)
		e.enqueue(t, e.notice("bob@example.org"), e.notice(""))
		if n, oldest, err := e.Backlog(t.Context()); n != 3 || !oldest.Equal(first) || err != nil {
			t.Errorf("Backlog() = %d, %v, %v, want 3, %v", n, oldest, err, first)
		}
		r := record{answers: []error{failure{permanent: true}}}
		w := e.worker(r.handle, Settings{})
		run(t, w)
		eventually(t, func() bool { c := w.Counts(); return c.Sent+c.Failed+c.Dropped == 3 })
		e.enqueue(t, e.notice("cid@example.org"))
		eventually(t, func() bool { return w.Counts().Sent == 2 })
		for _, c := range []struct {
			before      time.Time
			limit, want int
		}{{e.now(), 10, 0}, {e.now().Add(time.Second), 3, 3}, {e.now().Add(time.Second), 3, 1}, {e.now().Add(time.Second), 3, 0}} {
			if n, err := e.DeleteFinished(t.Context(), c.before, c.limit); n != c.want || err != nil {
				t.Errorf("DeleteFinished() = %d, %v, want %d", n, err, c.want)
			}
		}
		e.clock.advance(time.Hour)
		e.enqueue(t, e.notice("ann@example.org"))
		if n, err := e.DeleteFinished(t.Context(), e.now().Add(-time.Hour), 10); n != 0 || err != nil {
			t.Errorf("a letter that waits or is too young was deleted: %d, %v", n, err)
		}
	})
}
