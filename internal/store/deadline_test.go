package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// TestDeadlinesHoldAgainstASilentServer: the driver alone would wait for an
// answer that never comes, whatever the context says.
func TestDeadlinesHoldAgainstASilentServer(t *testing.T) {
	const span = 200 * time.Millisecond
	statements := map[string]func(ctx context.Context, s *store.Store) error{
		"a query": func(ctx context.Context, s *store.Store) error {
			return s.Reader().QueryRowContext(ctx, "SELECT $1::int", 1).Scan(new(int))
		},
		"a query of ent's": func(ctx context.Context, s *store.Store) error {
			_, err := s.User.Query().Count(ctx)
			return err
		},
		"a statement": func(ctx context.Context, s *store.Store) error {
			_, err := s.Writer().ExecContext(ctx, "DELETE FROM throttles WHERE id = $1", "nobody")
			return err
		},
		"a script": func(ctx context.Context, s *store.Store) error {
			_, err := s.Writer().ExecContext(ctx, "SELECT 1; SELECT 2")
			return err
		},
		"a probe": func(ctx context.Context, s *store.Store) error { return s.Ready(ctx) },
		"a transaction": func(ctx context.Context, s *store.Store) error {
			return s.InTx(ctx, func(*store.Tx) error { return nil })
		},
	}
	for mode, unprepared := range map[string]bool{"prepared": false, "unprepared": true} {
		for name, run := range statements {
			t.Run(mode+", "+name, func(t *testing.T) {
				t.Parallel()
				p := pgtest.Server(t).NewProxy(t, storetest.PostgresURL(t))
				s, err := store.Open(t.Context(), store.Options{URL: p.URL, MaxConns: 2, Unprepared: unprepared})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				if err := run(t.Context(), s); err != nil { // now it is prepared
					t.Fatal(err)
				}
				p.Strand()
				ctx, cancel := context.WithTimeout(t.Context(), span)
				defer cancel()
				began := time.Now()
				if err := run(ctx, s); err == nil {
					t.Error("a silent server answered")
				}
				if took := time.Since(began); took > span+2*time.Second {
					t.Errorf("it took %v, with a deadline of %v", took, span)
				}
				if err := run(t.Context(), s); err != nil {
					t.Errorf("the next one, on a new connection: %v", err)
				}
			})
		}
	}
}

// TestAGreetingEndsByTheDeadline: opening a connection takes no longer than the
// caller's deadline. The limit of the driver alone is connect_timeout.
func TestAGreetingEndsByTheDeadline(t *testing.T) {
	t.Parallel()
	p := pgtest.Server(t).NewProxy(t, storetest.PostgresURL(t))
	s := storetest.Open(t, p.URL)
	p.Stall()
	p.Cut()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := s.User.Query().Count(ctx)
	if took := time.Since(began); err == nil || took > 10*time.Second {
		t.Errorf("it took %v: %v", took, err)
	}
	p.Resume()
	if _, err := s.User.Query().Count(t.Context()); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

// TestATransactionEndsByItsDeadline: also if the statements in it have no
// deadline.
func TestATransactionEndsByItsDeadline(t *testing.T) {
	for name, within := range map[string]func(ctx context.Context, tx *store.Tx, strand func()) error{
		"in the middle": func(ctx context.Context, tx *store.Tx, strand func()) error {
			strand()
			return writeThrottle(ctx, tx, "lost")
		},
		"at the commit": func(ctx context.Context, tx *store.Tx, strand func()) error {
			defer strand()
			return writeThrottle(ctx, tx, "lost")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := storetest.PostgresURL(t)
			p := pgtest.Server(t).NewProxy(t, url)
			s := storetest.Open(t, p.URL)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			began := time.Now()
			err := s.InTx(ctx, func(tx *store.Tx) error { return within(t.Context(), tx, p.Strand) })
			if took := time.Since(began); err == nil || took > 3*time.Second {
				t.Errorf("InTx() = %v after %v, with a deadline of 300ms", err, took)
			}
			if err := s.InTx(t.Context(), func(tx *store.Tx) error { return writeThrottle(t.Context(), tx, "next") }); err != nil {
				t.Errorf("InTx() on the next connection = %v", err)
			}
		})
	}
}

// TestACancelledRequestCostsNoConnection: otherwise clients that disconnect
// could make the server open a connection for each of them.
func TestACancelledRequestCostsNoConnection(t *testing.T) {
	p := pgtest.Server(t).NewProxy(t, storetest.PostgresURL(t))
	s := oneConnection(t, p.URL)
	const query = "SELECT $1::text FROM pg_sleep(0.05)"
	read := func(ctx context.Context) error { return s.Reader().QueryRowContext(ctx, query, "").Scan(new(string)) }
	if err := read(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := p.Accepted()
	for range 5 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		time.AfterFunc(10*time.Millisecond, cancel) // in the middle of it
		_ = read(ctx)
	}
	if err := read(t.Context()); err != nil {
		t.Error(err)
	}
	if n := p.Accepted() - before; n != 0 {
		t.Errorf("%d connections were opened", n)
	}
}
