package outbox

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// relay is a handler that answers by recipient, and keeps who was tried.
type relay struct {
	mu    sync.Mutex
	tried []string
	sent  int
	bad   map[string]error // by how an address begins
}

func (r *relay) handle(_ context.Context, d mail.Delivery) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried = append(r.tried, d.Recipient)
	for begins, err := range r.bad {
		if strings.HasPrefix(d.Recipient, begins) {
			return err
		}
	}
	r.sent++
	return nil
}

// work has a worker go round until it is so, on the outbox's clock, and returns
// what time passed by that clock at most: nobody waits for it.
func (e *env) work(t *testing.T, w *Worker, until func() bool) (passed time.Duration) {
	t.Helper()
	for rounds := 0; !until(); rounds++ {
		if rounds == 1000 {
			t.Fatalf("it never came true in %v", passed)
		}
		r, err := w.round(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, most := w.pause(r)
		most += most / 4
		e.clock.advance(most)
		passed += most
	}
	return passed
}

// to makes n letters, each %d of the address a number.
func (e *env) to(n int, address string) (ms []Message) {
	for i := range n {
		ms = append(ms, e.notice(strings.ReplaceAll(address, "%d", fmt.Sprint(i))))
	}
	return ms
}

// What the server puts off or refuses, or breaks off for, keeps no other letter
// waiting for long, whoever chose how many of them come first and where they go.
func TestBadRecipientsHoldNobodyUp(t *testing.T) {
	deferred, refused, breaking := failure{}, failure{permanent: true}, failure{outage: true, underway: true}
	tests := []struct {
		name  string
		first []string // addresses, 50 of each, before the good ones
		bad   map[string]error
	}{
		{"deferred at one domain, and refused", []string{"slow%d@bad.example", "no%d@bad.example"}, map[string]error{"slow": deferred, "no": refused}},
		{"deferred at two domains", []string{"slow%d@a.example", "slow%d@b.example"}, map[string]error{"slow": deferred}},
		{"deferred at many domains, and refused", []string{"slow%d@%d.example", "no%d@%d.example"}, map[string]error{"slow": deferred, "no": refused}},
		{"refused, and deferred at many domains", []string{"no%d@%d.example", "slow%d@%d.example"}, map[string]error{"slow": deferred, "no": refused}},
		{"breaking at one domain", []string{"break%d@bad.example"}, map[string]error{"break": breaking}},
		{"breaking at one domain, deferred at many", []string{"break%d@bad.example", "slow%d@%d.example"}, map[string]error{"break": breaking, "slow": deferred}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db *store.Store) {
				e := newEnv(t, db)
				for _, address := range test.first {
					e.enqueue(t, e.to(50, address)...)
				}
				e.enqueue(t, e.to(100, "good%d@example.org")...)
				r := relay{bad: test.bad}
				w := e.worker(r.handle, Settings{})
				if passed := e.work(t, w, func() bool { return r.sent == 100 }); passed > 30*time.Second {
					t.Errorf("the good letters took %v", passed)
				}
				before := len(r.tried)
				e.enqueue(t, e.notice("late@example.org")) // whatever is tried again meanwhile
				if passed := e.work(t, w, func() bool { return r.sent == 101 }); passed > 2*time.Second || len(r.tried) > before+w.settings.Batch {
					t.Errorf("a later letter took %v, and %d others came first", passed, len(r.tried)-before-1)
				}
			})
		})
	}
}

// Letters that wait for their next try, all of them due, do not come before one
// that was never tried, even while nothing gets through.
func TestNewLettersGoFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		e.enqueue(t, e.to(40, "slow%d@%d.example")...)
		r := relay{bad: map[string]error{"slow": failure{}}}
		w := e.worker(r.handle, Settings{})
		e.work(t, w, func() bool { return len(r.tried) > 60 }) // some of them again
		if !w.Counts().Down {
			t.Fatal("nothing gets through, and it is not said")
		}
		e.clock.advance(time.Hour)
		before := len(r.tried)
		e.enqueue(t, e.to(5, "good%d@example.org")...)
		e.work(t, w, func() bool { return r.sent == 5 })
		for _, to := range r.tried[before : before+5] {
			if !strings.HasPrefix(to, "good") {
				t.Errorf("%s came before a letter that was never tried", to)
			}
		}
		if w.Counts().Down {
			t.Error("it is not said that letters get through again")
		}
	})
}

// A server may take long to put a letter off: a domain that it did so for comes
// after the others, as long as that is news.
func TestDomainIsAvoided(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.Store) {
		e := newEnv(t, db)
		r := relay{bad: map[string]error{"slow": failure{}}}
		w := e.worker(r.handle, Settings{})
		e.enqueue(t, e.to(30, "slow%d@bad_d%main.example")...) // SQL's wildcards are none
		e.work(t, w, func() bool { return len(r.tried) == 10 })
		e.enqueue(t, e.notice("ann@bad_d%main.example"))
		e.enqueue(t, e.to(10, "good%d@badxd.main.example")...)
		e.work(t, w, func() bool { return r.sent == 10 })
		if len(r.tried) != 20 {
			t.Errorf("%d letters to the domain came before others", len(r.tried)-20)
		}
		e.clock.advance(avoidFor)
		e.enqueue(t, e.to(10, "good%d@example.org")...)
		e.work(t, w, func() bool { return len(r.tried) == 30 })
		if r.sent != 10 {
			t.Error("the domain is still avoided")
		}
	})
}

func TestDeferralsAreAnOutage(t *testing.T) {
	tests := []struct {
		name string
		to   []string // the server puts off all but those to good
		want bool
	}{
		{"to one domain", []string{"a@a.example", "b@a.example", "c@a.example", "d@a.example", "e@a.example"}, false},
		{"to two domains", []string{"a@a.example", "b@b.example", "c@a.example", "d@b.example", "e@a.example"}, false},
		{"to three domains", []string{"a@a.example", "b@b.example", "c@c.example"}, true},
		{"to three domains, a letter got through in between", []string{"a@a.example", "b@b.example", "good@a.example", "c@c.example"}, false},
		{"to three domains, a letter got through afterwards", []string{"a@a.example", "b@b.example", "c@c.example", "good@a.example"}, false},
		{"to three domains, a letter was refused in between", []string{"a@a.example", "b@b.example", "no@a.example", "c@c.example"}, true},
		{"to three domains, a letter was refused afterwards", []string{"a@a.example", "b@b.example", "c@c.example", "no@a.example"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t, storetest.SQLite(t))
			r := relay{bad: map[string]error{"a@": failure{}, "b@": failure{}, "c@": failure{}, "d@": failure{}, "e@": failure{}, "no@": failure{permanent: true}}}
			w := e.worker(r.handle, Settings{})
			for i, to := range test.to { // one after the other, as there are two lanes
				e.enqueue(t, e.notice(to))
				e.work(t, w, func() bool { return len(r.tried) > i })
			}
			if got := w.Counts().Down; got != test.want {
				t.Errorf("an outage is %t, want %t", got, test.want)
			}
			if said := strings.Count(e.log.String(), "e-mails cannot be sent"); said > 1 || test.want && said == 0 {
				t.Errorf("it is logged %d times", said)
			}
		})
	}
}

// While letters are put off, what is tried again is tried ever less often.
func TestDeferralIsPaced(t *testing.T) {
	e := newEnv(t, storetest.SQLite(t))
	e.enqueue(t, e.to(20, "slow%d@%d.example")...)
	r := relay{bad: map[string]error{"slow": failure{}}}
	w := e.worker(r.handle, Settings{})
	passed := e.work(t, w, func() bool { return len(r.tried) == 20 })
	if passed > 5*time.Second {
		t.Errorf("the first tries took %v", passed)
	}
	passed = e.work(t, w, func() bool { return len(r.tried) == 40 })
	if passed < 2*time.Minute {
		t.Errorf("20 more tries took %v", passed)
	}
}
