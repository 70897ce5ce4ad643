package store_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// patience is how long a test waits for something that must happen.
const patience = 20 * time.Second

// watched is a Watch, and what it was told to drop.
type watched struct {
	*store.Watch
	t testing.TB

	mu    sync.Mutex
	users []uuid.UUID
	all   int
	saw   func(users []uuid.UUID) // called for each drop if not nil
	log   strings.Builder
}

func newWatched(t testing.TB, s *store.Store, url string) *watched {
	t.Helper()
	w := &watched{t: t}
	w.Watch = s.NewWatch(store.WatchOptions{URL: url, Drop: w.dropped, Log: slog.New(slog.NewTextHandler(w, nil))})
	return w
}

// watch runs a Watch until the test ends. The Watch must end with its context.
func watch(t testing.TB, s *store.Store, url string) *watched {
	t.Helper()
	w := newWatched(t, s, url)
	if w.Trusted() {
		t.Error("trusted before Run")
	}
	stop := w.run()
	t.Cleanup(stop)
	return w
}

// run starts the Watch and returns a function that stops it.
func (w *watched) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		w.Run(ctx)
		close(ended)
	}()
	return sync.OnceFunc(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(2 * time.Second):
			w.t.Error("Run() does not end with its context")
		}
		if w.Trusted() {
			w.t.Error("trusted after Run")
		}
	})
}

// Write receives the log.
func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *watched) dropped(users ...uuid.UUID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.saw != nil {
		w.saw(users)
	}
	if len(users) == 0 {
		w.all++
	}
	w.users = append(w.users, users...)
}

// knows reports that a user, or all users, were dropped.
func (w *watched) knows(user uuid.UUID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all > 0 || slices.Contains(w.users, user)
}

// forget clears the notes.
func (w *watched) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.users, w.all = nil, 0
}

// everybody is how often all users were dropped.
func (w *watched) everybody() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all
}

func (w *watched) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

// await waits until a condition is true.
func (w *watched) await(what string, come func() bool) {
	w.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); !come(); <-tick.C {
		if time.Since(began) > patience {
			w.t.Fatalf("%s: it does not come; log:\n%s", what, w.logged())
		}
	}
}

func (w *watched) awaitTrust(what string) {
	w.t.Helper()
	w.await("trust "+what, w.Trusted)
}

func (w *watched) awaitDistrust(what string) {
	w.t.Helper()
	w.await("distrust "+what, func() bool { return !w.Trusted() })
}

// keeps checks the promise for a while after a change by another process: a
// Watch that is still trusted after span has heard of the change.
func (w *watched) keeps(user uuid.UUID, committed time.Time, span, atLeast time.Duration) {
	w.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	w.await("hearing of a change", func() bool {
		began := time.Now()
		trusted := w.Trusted()
		knows := w.knows(user)
		if began.Sub(committed) > span && trusted && !knows {
			w.t.Errorf("trusted %v after a change that was not heard of", began.Sub(committed))
			return true
		}
		return knows && began.Sub(committed) > atLeast
	})
}

// change makes a store commit a change of a user, and returns when that was
// done.
func change(t testing.TB, s *store.Store, user uuid.UUID) time.Time {
	t.Helper()
	err := s.InTx(t.Context(), func(tx *store.Tx) error {
		tx.Changed(user)
		return tx.Throttle.Create().SetID(uuid.NewString()).SetAttempts(1).SetForgottenAt(time.Now()).Exec(t.Context())
	})
	if err != nil {
		t.Fatalf("change a user: %v", err)
	}
	return time.Now()
}

// others opens a database that all processes of the test share.
var others = map[string]struct {
	url  func(testing.TB) string
	span time.Duration
}{
	"sqlite":   {storetest.SQLiteURL, 100 * time.Millisecond},
	"postgres": {storetest.PostgresURL, 200 * time.Millisecond},
}

func TestWatch(t *testing.T) {
	for name, database := range others {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := database.url(t)
			here, there := storetest.Open(t, url), storetest.Open(t, url)
			w := watch(t, here, "")
			w.awaitTrust("at first")
			if w.everybody() == 0 {
				t.Error("trusted before everybody was dropped")
			}
			w.forget()
			ann := uuid.New()
			w.keeps(ann, change(t, there, ann), database.span, 0)
			for range 20 {
				w.forget()
				w.keeps(ann, change(t, there, ann), database.span, 0)
			}
			if w.logged() != "" {
				t.Errorf("it logged %q", w.logged())
			}
		})
	}
}

func TestWatchOfNothing(t *testing.T) {
	var none *store.Watch
	if none.Trusted() {
		t.Error("no Watch is trusted")
	}
}

// TestWatchEndsWithItsContext: Run returns whenever its context ends.
func TestWatchEndsWithItsContext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, after := range []time.Duration{0, time.Millisecond, 30 * time.Millisecond} {
			w := newWatched(t, s, "")
			stop := w.run()
			for began := time.Now(); time.Since(began) < after; {
				w.await("some time", func() bool { return true })
			}
			stop()
		}
	})
}
