package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"github.com/authgraph/authgraph/ent"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// errOfTheFlow is an error that fn may return.
var errOfTheFlow = errors.New("the flow refuses")

// writeThrottle writes a row that shows what was committed.
func writeThrottle(ctx context.Context, tx *store.Tx, id string) error {
	return tx.Throttle.Create().SetID(id).SetAttempts(1).SetForgottenAt(time.Now()).Exec(ctx)
}

// attempts is the value of a row, 0 if there is no row.
func attempts(t *testing.T, s *store.Store, id string) int {
	t.Helper()
	return number(t, s, "SELECT coalesce(max(attempts), 0) FROM throttles WHERE id = $1", id)
}

// recorder notes what InTx announces.
type recorder struct {
	mu      sync.Mutex
	changed []uuid.UUID
	after   int
}

func (r *recorder) listen(s *store.Store) {
	s.OnChange(func(users ...uuid.UUID) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.changed = append(r.changed, users...)
	})
}

func TestInTx(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ann, bob := uuid.New(), uuid.New()
		t.Run("commits, then announces", func(t *testing.T) {
			var committed int
			var changed []uuid.UUID
			s.OnChange(func(users ...uuid.UUID) {
				changed = append(changed, users...)
				committed = attempts(t, s, "committed")
			})
			called := 0
			err := s.InTx(t.Context(), func(tx *store.Tx) error {
				tx.Changed(ann)
				tx.Changed(bob)
				tx.AfterCommit(func() { called++ })
				if called != 0 || changed != nil {
					t.Error("announced before the commit")
				}
				return writeThrottle(t.Context(), tx, "committed")
			})
			if err != nil {
				t.Fatal(err)
			}
			if committed != 1 || called != 1 || !slices.Equal(changed, []uuid.UUID{ann, bob}) {
				t.Errorf("committed %d, AfterCommit called %d times, announced %v", committed, called, changed)
			}
		})
		t.Run("rolls back on an error and announces nothing", func(t *testing.T) {
			var r recorder
			r.listen(s)
			err := s.InTx(t.Context(), func(tx *store.Tx) error {
				tx.Changed(ann)
				tx.AfterCommit(func() { r.after++ })
				return errors.Join(writeThrottle(t.Context(), tx, "refused"), errOfTheFlow)
			})
			if !errors.Is(err, errOfTheFlow) {
				t.Errorf("InTx() = %v, want the flow's own error", err)
			}
			if attempts(t, s, "refused") != 0 || r.after != 0 || r.changed != nil {
				t.Errorf("left %d rows, called %d functions, announced %v", attempts(t, s, "refused"), r.after, r.changed)
			}
		})
		t.Run("rolls back on a panic and lets go of the connection", func(t *testing.T) {
			for range 20 { // more than there are connections
				func() {
					defer func() {
						if recover() == nil {
							t.Error("the panic was swallowed")
						}
					}()
					_ = s.InTx(t.Context(), func(tx *store.Tx) error {
						if err := writeThrottle(t.Context(), tx, "panic"); err != nil {
							t.Error(err)
						}
						panic("a bug")
					})
				}()
			}
			if attempts(t, s, "panic") != 0 {
				t.Error("what was written before the panic is there")
			}
			if err := s.InTx(t.Context(), func(tx *store.Tx) error { return writeThrottle(t.Context(), tx, "next") }); err != nil {
				t.Errorf("InTx() after the panics = %v", err)
			}
		})
		t.Run("ends with its context", func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			err := s.InTx(ctx, func(tx *store.Tx) error {
				if err := writeThrottle(ctx, tx, "cancelled"); err != nil {
					return err
				}
				cancel()
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("InTx() = %v, want %v", err, context.Canceled)
			}
			if attempts(t, s, "cancelled") != 0 {
				t.Error("a transaction whose caller is gone was committed")
			}
		})
	})
}

// TestInTxWaitsNoLongerThanItsDeadline: if no connection is free, InTx returns
// an error in time.
func TestInTxWaitsNoLongerThanItsDeadline(t *testing.T) {
	for name, fresh := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.OpenWith(t, store.Options{URL: fresh(t), Patience: time.Second})
			s.Writer().SetMaxOpenConns(1)
			held, err := s.Writer().Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer held.Close()
			if err := s.InTx(t.Context(), func(*store.Tx) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("InTx() = %v, want %v", err, context.DeadlineExceeded)
			}
		})
	}
}

func TestInTxTriesAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		transient := map[string]error{
			"after a serialization failure": &pq.Error{Code: "40001"},
			"after a deadlock":              &pq.Error{Code: "40P01"},
		}
		for name, cause := range transient {
			t.Run(name, func(t *testing.T) {
				var r recorder
				r.listen(s)
				tries := 0
				err := s.InTx(t.Context(), func(tx *store.Tx) error {
					tries++
					tx.Changed(uuid.New())
					tx.AfterCommit(func() { r.after++ })
					if err := writeThrottle(t.Context(), tx, name); err != nil {
						return err
					}
					if tries < 3 {
						return cause
					}
					return nil
				})
				if err != nil || tries != 3 || attempts(t, s, name) != 1 {
					t.Errorf("InTx() = %v after %d tries, %d rows", err, tries, attempts(t, s, name))
				}
				if len(r.changed) != 1 || r.after != 1 {
					t.Errorf("announced %d users, called %d functions: only the last try counts", len(r.changed), r.after)
				}
			})
		}
		t.Run("but not for ever", func(t *testing.T) {
			tries := 0
			err := s.InTx(t.Context(), func(*store.Tx) error {
				tries++
				return transient["after a deadlock"]
			})
			if !errors.Is(err, transient["after a deadlock"]) || tries != 5 {
				t.Errorf("InTx() = %v after %d tries, want the deadlock after 5", err, tries)
			}
		})
		t.Run("nor after anything else", func(t *testing.T) {
			for _, cause := range []error{errOfTheFlow, &pq.Error{Code: "23505"}, &pq.Error{Code: "08006"}, &pq.Error{Code: "57014"}} {
				tries := 0
				if err := s.InTx(t.Context(), func(*store.Tx) error { tries++; return cause }); !errors.Is(err, cause) || tries != 1 {
					t.Errorf("InTx() = %v after %d tries, want %v after one", err, tries, cause)
				}
			}
		})
	})
}

// TestInTxSolvesADeadlock: two transactions lock two rows in opposite order.
// PostgreSQL ends one of them, and both succeed.
func TestInTxSolvesADeadlock(t *testing.T) {
	s := storetest.Postgres(t)
	add := func(tx *store.Tx, id string) error {
		return tx.Throttle.UpdateOneID(id).AddAttempts(1).Exec(t.Context())
	}
	for _, id := range []string{"a", "b"} {
		if err := s.InTx(t.Context(), func(tx *store.Tx) error { return writeThrottle(t.Context(), tx, id) }); err != nil {
			t.Fatal(err)
		}
	}
	var both, done sync.WaitGroup
	both.Add(2)
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		met := sync.OnceFunc(func() { both.Done(); both.Wait() })
		done.Go(func() {
			err := s.InTx(t.Context(), func(tx *store.Tx) error {
				if err := add(tx, order[0]); err != nil {
					return err
				}
				met() // each holds one row now
				return add(tx, order[1])
			})
			if err != nil {
				t.Errorf("InTx() = %v", err)
			}
		})
	}
	done.Wait()
	if a, b := attempts(t, s, "a"), attempts(t, s, "b"); a != 3 || b != 3 {
		t.Errorf("the rows hold %d and %d, want 3: each transaction once", a, b)
	}
}

func TestLockUser(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var id uuid.UUID
		err := s.InTx(ctx, func(tx *store.Tx) error {
			u, err := tx.User.Create().SetPasswordHash("0").SetCredentialsChangedAt(time.Now()).
				SetCreatedAt(time.Now()).SetUpdatedAt(time.Now()).Save(ctx)
			if err == nil {
				id = u.ID
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		const writers = 50
		for range writers {
			all.Go(func() {
				err := s.InTx(ctx, func(tx *store.Tx) error {
					u, err := tx.LockUser(ctx, id)
					if err != nil {
						return err
					}
					return tx.User.UpdateOneID(id).SetPasswordHash(*u.PasswordHash + "x").Exec(ctx)
				})
				if err != nil {
					t.Errorf("InTx() = %v", err)
				}
			})
		}
		all.Wait()
		if got := *s.User.GetX(ctx, id).PasswordHash; len(got) != 1+writers {
			t.Errorf("%d of %d changes that read before they wrote were lost", writers+1-len(got), writers)
		}
		err = s.InTx(ctx, func(tx *store.Tx) error {
			_, err := tx.LockUser(ctx, uuid.New())
			return err
		})
		if !ent.IsNotFound(err) {
			t.Errorf("LockUser() of nobody = %v, want a not-found error", err)
		}
	})
}

// TestALostConnectionIsAnErrorAndNothingIsWrittenTwice: the driver alone would
// run a single write again if the connection breaks after the server has run
// it.
func TestALostConnectionIsAnErrorAndNothingIsWrittenTwice(t *testing.T) {
	cases := map[string]struct {
		at   string
		ran  bool // whether the server ran the statement at which the connection broke
		rows int
	}{
		"before a write":                {"INSERT", false, 0},
		"after a write":                 {"INSERT", true, 0},
		"before the commit":             {"COMMIT", false, 0},
		"after a commit nobody knew of": {"COMMIT", true, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wire := storetest.NewWire(t, storetest.PostgresURL(t))
			s := storetest.Open(t, wire.URL)
			var r recorder
			r.listen(s)
			write := func(id string) error {
				return s.InTx(t.Context(), func(tx *store.Tx) error {
					tx.Changed(uuid.New())
					tx.AfterCommit(func() { r.after++ })
					return writeThrottle(t.Context(), tx, id)
				})
			}
			wire.Lose(c.at, c.ran)
			if err := write("lost"); err == nil || wire.Lost() != 1 {
				t.Errorf("InTx() = %v, %d connections lost: want an error", err, wire.Lost())
			}
			if n := number(t, s, "SELECT count(*) FROM throttles"); n != c.rows {
				t.Errorf("%d rows were written, want %d", n, c.rows)
			}
			// If it is unknown whether the commit failed, the change is
			// announced.
			if announced := len(r.changed) > 0; announced != (c.at == "COMMIT") || r.after != 0 {
				t.Errorf("announced: %t; %d functions called, want none", announced, r.after)
			}
			if err := write("next"); err != nil {
				t.Errorf("InTx() on the next connection = %v", err)
			}
		})
	}
	t.Run("between two transactions it is not even noticed", func(t *testing.T) {
		wire := storetest.NewWire(t, storetest.PostgresURL(t))
		s := oneConnection(t, wire.URL)
		wire.Lose("BEGIN", false)
		if err := s.InTx(t.Context(), func(tx *store.Tx) error { return writeThrottle(t.Context(), tx, "once") }); err != nil || wire.Lost() != 1 {
			t.Errorf("InTx() = %v, %d connections lost", err, wire.Lost())
		}
		if n := number(t, s, "SELECT count(*) FROM throttles"); n != 1 {
			t.Errorf("%d rows were written, want one", n)
		}
	})
}
