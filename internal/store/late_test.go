package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// hasty opens a store with a patience of 300 ms. A busy machine may need
// several tries.
func hasty(t *testing.T, url string) *store.Store {
	t.Helper()
	var s *store.Store
	for began := time.Now(); s == nil; {
		var err error
		s, err = store.Open(t.Context(), store.Options{URL: url, MaxConns: 2, Patience: 300 * time.Millisecond})
		if err != nil && time.Since(began) > storetest.Patience {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = s.Close() }) // the test has ended
	return s
}

func late(ctx context.Context, s *store.Store) error {
	return s.InTx(ctx, func(tx *store.Tx) error { return writeThrottle(ctx, tx, "late") })
}

// TestLate: what was held up by others was not done, and is worth another try.
func TestLate(t *testing.T) {
	t.Parallel()
	sqlite, postgres := storetest.SQLiteURL(t), storetest.PostgresURL(t)
	lock := func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, "LOCK TABLE throttles IN ACCESS EXCLUSIVE MODE")
		return err
	}
	for name, test := range map[string]struct {
		url   string
		holds func(ctx context.Context, tx *store.Tx) error
	}{
		"SQLite's writer is in use, here or elsewhere": {url: sqlite, holds: func(ctx context.Context, tx *store.Tx) error { return writeThrottle(ctx, tx, "held") }},
		"a lock is held": {url: postgres, holds: lock},
	} {
		t.Run(name, func(t *testing.T) {
			other := storetest.Open(t, test.url)
			s := hasty(t, test.url)
			_ = other.InTx(t.Context(), func(tx *store.Tx) error {
				if err := test.holds(t.Context(), tx); err != nil {
					t.Fatal(err)
				}
				if err := late(t.Context(), s); !store.Late(err) {
					t.Errorf("a write of another process = %v, which is not late", err)
				}
				if !s.Postgres() {
					ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
					defer cancel()
					if err := late(ctx, other); !store.Late(err) {
						t.Errorf("a write of this process = %v, which is not late", err)
					}
				}
				return nil
			})
			if n := number(t, s, "SELECT count(*) FROM throttles WHERE id = $1", "late"); n != 0 {
				t.Error("what was late had an effect")
			}
		})
	}
	t.Run("no connection is free", func(t *testing.T) {
		s := hasty(t, postgres)
		s.Writer().SetMaxOpenConns(1)
		conn, err := s.Writer().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() //nolint:errcheck // it goes back to the pool
		if err := late(t.Context(), s); !store.Late(err) {
			t.Errorf("a write = %v, which is not late", err)
		}
	})
	t.Run("a lock is held, and little time was left for it", func(t *testing.T) {
		const remove = "DELETE FROM throttles WHERE id = $1"
		other, s := storetest.Open(t, postgres), oneConnection(t, postgres)
		if _, err := s.Writer().ExecContext(t.Context(), remove, "late"); err != nil { // now it is prepared
			t.Fatal(err)
		}
		_ = other.InTx(t.Context(), func(tx *store.Tx) error {
			if err := lock(t.Context(), tx); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			_, alone := s.Writer().ExecContext(ctx, remove, "late")
			if alone == nil || store.Late(alone) {
				t.Errorf("a statement that commits itself = %v, and nobody knows its effect", alone)
			}
			ctx, cancel = context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			if err := late(ctx, s); !store.Late(err) {
				t.Errorf("a write = %v, which is not late", err)
			}
			ctx, cancel = context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			if _, err := s.Throttle.Query().Count(ctx); !store.Late(err) {
				t.Errorf("a read = %v, which is not late", err)
			}
			return nil
		})
	})
	t.Run("a connection is opened, and little time was left for it", func(t *testing.T) {
		p := pgtest.Server(t).NewProxy(t, postgres)
		s := storetest.Open(t, p.URL)
		p.Stall()
		p.Cut()
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if err := late(ctx, s); !store.Late(err) {
			t.Errorf("a write = %v, which is not late", err)
		}
	})
	t.Run("a statement is stopped", func(t *testing.T) {
		if _, err := hasty(t, postgres).Writer().ExecContext(t.Context(), "SELECT pg_sleep(60)"); !store.Late(err) {
			t.Errorf("the statement = %v, which is not late", err)
		}
	})
}

// TestNotLate: a database that does not answer is a fault. So is a commit if it
// is unknown whether it took effect.
func TestNotLate(t *testing.T) {
	for name, do := range map[string]func(p *pgtest.Proxy, s *store.Store) error{
		"fell silent": func(p *pgtest.Proxy, s *store.Store) error {
			p.Strand()
			return late(t.Context(), s)
		},
		"does not greet": func(p *pgtest.Proxy, s *store.Store) error {
			p.Stall()
			p.Cut()
			return late(t.Context(), s)
		},
		"is gone": func(p *pgtest.Proxy, s *store.Store) error {
			p.Shut()
			return late(t.Context(), s)
		},
		"keeps a commit to itself": func(p *pgtest.Proxy, s *store.Store) error {
			return s.InTx(t.Context(), func(tx *store.Tx) error {
				defer p.StallAnswers()
				return writeThrottle(t.Context(), tx, "unknown")
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := pgtest.Server(t).NewProxy(t, storetest.PostgresURL(t))
			s := hasty(t, p.URL)
			if err := do(p, s); err == nil || store.Late(err) {
				t.Errorf("a write = %v, which is late", err)
			}
		})
	}
}
