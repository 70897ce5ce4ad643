package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"
)

func TestProxy(t *testing.T) {
	c := Server(t)
	p := c.NewProxy(t, c.CreateDatabase(t))
	db := open(t, p.URL)
	db.SetMaxOpenConns(1)
	if n := count(t, db, `SELECT 1`); n != 1 || p.Accepted() != 1 {
		t.Fatalf("SELECT 1 = %d over %d connections", n, p.Accepted())
	}

	p.Stall()
	answer := make(chan error, 1)
	go func() {
		var n int
		answer <- db.QueryRow(`SELECT 2`).Scan(&n)
	}()
	select {
	case err := <-answer:
		t.Fatalf("an answer came through a silent proxy: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	p.Resume()
	if err := <-answer; err != nil {
		t.Errorf("what was sent meanwhile is lost: %v", err)
	}

	p.Strand()
	p.Resume()
	go func() { answer <- db.Ping() }()
	other := open(t, p.URL)
	if n := count(t, other, `SELECT 1`); n != 1 {
		t.Errorf("SELECT 1 beside a stranded connection = %d", n)
	}
	select {
	case err := <-answer:
		t.Errorf("Ping() on a stranded connection = %v, want silence", err)
	default:
	}
	p.Cut()
	if err := <-answer; err == nil {
		t.Error("Ping() on a stranded connection that was cut = nil")
	}

	held, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.Cut()
	if err := held.PingContext(t.Context()); err == nil {
		t.Error("a connection outlives being cut")
	}
	held.Close()
	if n := count(t, db, `SELECT 3`); n != 3 {
		t.Errorf("SELECT 3 on a new connection = %d", n)
	}

	pieces := []int{3, 0}
	p.CutAfter(func() int {
		defer func() { pieces = pieces[1:] }()
		return pieces[0]
	})
	held, err = db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for held.PingContext(t.Context()) == nil {
		asked++
	}
	held.Close()
	if asked > 2 || len(pieces) > 0 { // the second answer may win over the cut
		t.Errorf("%d questions were answered, want two at most; then to come: %v", asked, pieces)
	}
	if n := count(t, db, `SELECT 3`); n != 3 {
		t.Errorf("SELECT 3 after the last cut = %d", n)
	}

	p.Shut()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err == nil || errors.Is(err, sql.ErrConnDone) {
		t.Errorf("Ping() through a shut proxy = %v", err)
	}
	p.Resume()
	if n := count(t, db, `SELECT 4`); n != 4 {
		t.Errorf("SELECT 4 after the proxy was opened again = %d", n)
	}
}
