package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// TestReadyWhileNothingIsCommitted: a server whose synchronous standby hears
// nothing answers every query, and commits nothing.
func TestReadyWhileNothingIsCommitted(t *testing.T) {
	t.Parallel()
	primary := pgtest.NewNode(t)
	s := storetest.Open(t, primary.URL)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	standby := primary.Standby()
	ready := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // as /readyz
		defer cancel()
		return s.Ready(ctx)
	}
	if err := ready(); err != nil {
		t.Errorf("Ready() = %v", err)
	}
	for name, write := range map[string]func() error{
		"a transaction": func() error {
			return s.InTx(t.Context(), func(tx *store.Tx) error { return writeThrottle(t.Context(), tx, "waits") })
		},
		"a statement alone": func() error {
			return store.WriteAlone(t.Context(), s, func(ctx context.Context, on store.Statements) error {
				_, err := on.ExecContext(ctx, "INSERT INTO throttles (id, attempts, forgotten_at) VALUES ('waits too', 1, now())")
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) { untilItIsHeard(t, standby, ready, write) })
	}
}

func untilItIsHeard(t *testing.T, standby *pgtest.Node, ready, write func() error) {
	hear := standby.Deaf()
	committed := make(chan error, 1)
	go func() { committed <- write() }()
	for began := time.Now(); !errors.Is(ready(), store.ErrNoWrites); {
		if time.Since(began) > storetest.Patience {
			t.Fatal("Ready() never says that nothing is committed")
		}
	}
	hear()
	if err := <-committed; err != nil {
		t.Errorf("a write whose standby hears again = %v", err)
	}
	for began := time.Now(); ready() != nil; {
		if time.Since(began) > storetest.Patience {
			t.Fatalf("Ready() of a database that commits again = %v", ready())
		}
	}
}
