//go:build linux || darwin || freebsd || netbsd || openbsd

package pgtest

import (
	"database/sql"
	"testing"
	"time"
)

// What a Node has committed is there when it was stopped or killed and started
// again, and so it is on its standby.
func TestNode(t *testing.T) {
	t.Parallel()
	n := NewNode(t)
	n.Query(`CREATE TABLE kept (what text)`)
	for _, end := range []struct {
		name string
		end  func()
	}{{"fast", func() { n.Stop("fast") }}, {"immediate", func() { n.Stop("immediate") }}, {"killed", n.Kill}} {
		n.Query(`INSERT INTO kept VALUES ('` + end.name + `')`)
		end.end()
		n.Again()
		if got := n.Query(`SELECT count(*) FROM kept WHERE what = '` + end.name + `'`); got != "1" {
			t.Errorf("%s: %s rows are left", end.name, got)
		}
	}
	standby := n.Standby()
	if got := standby.Query(`SELECT pg_is_in_recovery()`); got != "true" {
		t.Errorf("the standby says %s", got)
	}
	n.Query(`INSERT INTO kept VALUES ('copied')`)
	n.Kill()
	standby.Promote()
	standby.Query(`INSERT INTO kept VALUES ('promoted')`)
	if got := standby.Query(`SELECT count(*) FROM kept`); got != "5" {
		t.Errorf("the standby has %s rows", got)
	}
}

// A server acknowledges nothing while its standby is deaf.
func TestDeafStandby(t *testing.T) {
	t.Parallel()
	n := NewNode(t)
	n.Query(`CREATE TABLE kept (what text)`)
	standby := n.Standby()
	hear := standby.Deaf()
	db, err := sql.Open("postgres", n.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	done := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(t.Context(), `INSERT INTO kept VALUES ('heard')`)
		done <- err
	}()
	select {
	case err := <-done:
		t.Errorf("acknowledged without the standby: %v", err)
	case <-time.After(300 * time.Millisecond): // nothing is to happen
	}
	hear()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
