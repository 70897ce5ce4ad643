package outbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// The mail server is away for an hour, in which ten people ask for a letter each
// minute. When it is back, all go out within a minute, each once: those that were
// never tried in the order in which they were written, and few were tried.
func TestAnHourWithoutAMailServer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		const minutes, letters = 60, 600
		e := newEnv(t, db)
		r := relay{bad: map[string]error{"": failure{outage: true}}}
		w := e.worker(r.handle, Settings{Lanes: 1}) // of several, none waits for the others
		for minute := range minutes {
			for i := range letters / minutes {
				e.enqueue(t, e.notice(fmt.Sprintf("user%02d%d@example.org", minute, i)))
			}
			began := e.clock.now()
			e.work(t, w, func() bool { return e.clock.now().Sub(began) >= time.Minute })
		}
		untouched := map[string]bool{}
		for _, row := range e.rows(t) {
			untouched[row.Recipient] = row.Attempts == 0
		}
		r.bad, r.tried = nil, nil
		if passed := e.work(t, w, func() bool { return r.sent == letters }); passed > time.Minute {
			t.Errorf("the letters took %v after the server was back", passed)
		}
		var first []string
		for _, to := range r.tried {
			if untouched[to] {
				first = append(first, to)
			}
		}
		if len(first) < letters/2 {
			t.Errorf("only %d of %d letters were spared in the outage", len(first), letters)
		}
		if !slices.IsSorted(first) {
			t.Errorf("letters that were never tried came out of order: %s", strings.Join(first, " "))
		}
		e.clock.advance(24 * time.Hour)
		if _, err := w.round(t.Context()); err != nil {
			t.Fatal(err)
		}
		slices.Sort(r.tried)
		if once := slices.Compact(slices.Clone(r.tried)); len(once) != letters || len(r.tried) != letters {
			t.Errorf("%d letters were sent to %d people, want %d to each once", len(r.tried), len(once), letters)
		}
	})
}
