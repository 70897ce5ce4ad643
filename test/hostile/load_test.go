package hostile

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"
)

// atOnce calls do for 0 to n-1, so many at a time.
func atOnce(lanes, n int, do func(i int)) {
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var all sync.WaitGroup
	for range lanes {
		all.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	all.Wait()
}

// steadily calls do so often a second, each call by itself, until ctx ends and
// all calls have returned.
func steadily(ctx context.Context, perSecond int, do func(i int)) {
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	for i := 0; ; i++ {
		select {
		case <-tick.C:
			all.Go(func() { do(i) })
		case <-ctx.Done():
			return
		}
	}
}

// meter watches that `me` is answered well while something else goes on.
type meter struct {
	sample
	wrong int
	last  string
}

// watchMe asks `me` so often a second until ctx ends.
func (c *client) watchMe(ctx context.Context, perSecond int, token, username string) *meter {
	m := &meter{}
	var mu sync.Mutex
	steadily(ctx, perSecond, func(int) {
		began := time.Now()
		a, err := c.ask(context.Background(), meQuery, nil, bearer(token)...)
		took := time.Since(began)
		mu.Lock()
		defer mu.Unlock()
		m.add(took)
		if err != nil || a.me().Username != username {
			m.wrong++
			m.last = fmt.Sprint(err)
			if a != nil {
				m.last = string(a.body)
			}
		}
	})
	return m
}

func (m *meter) check(t testing.TB, what string, p99 time.Duration) {
	t.Helper()
	t.Logf("%s: me %v", what, m.sample)
	if m.wrong > 0 {
		t.Errorf("%s: %d of %d me are wrong, such as %.300s", what, m.wrong, len(m.sample), m.last)
	}
	if got := m.percentile(99); got > p99 {
		t.Errorf("%s: the p99 of me is %v, want at most %v", what, got, p99)
	}
}

// longest is how long a request may take, whatever the database does: ten
// seconds, and some for a busy machine.
const longest = 10*time.Second + 700*time.Millisecond

// telltales are words that tell a stranger what a fault was.
var telltales = []string{
	"sql", "pq:", "postgres", "driver", "database", "connection", "dial", "tcp", "eof", "context", "deadline", "timeout", "canceled", "lock", "relation",
	"table", "column", "select", "insert", "update ", "throttles", "users", "tokens", "goroutine", "panic", "runtime", ".go", "stack", "nil", "internal/",
	"127.0.0.1", "localhost", "/tmp", "broken", "i/o", "constraint", "transaction", "version",
}

// tally counts how requests end.
type tally struct {
	mu     sync.Mutex
	codes  map[string]int
	took   sample
	faults []byte // what was said of them
}

func (y *tally) note(began time.Time, a *answer, err error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.codes == nil {
		y.codes = map[string]int{}
	}
	y.took.add(time.Since(began))
	switch {
	case err != nil:
		y.codes["network: "+err.Error()]++
	case a.code() == "":
		y.codes["done"]++
	default:
		y.codes[a.code()]++
		if a.code() == "INTERNAL_SERVER_ERROR" {
			y.faults = append(y.faults, a.body...)
		}
	}
}

// lost notes a request that was not answered because the server was killed.
func (y *tally) lost(began time.Time) {
	y.mu.Lock()
	defer y.mu.Unlock()
	if y.codes == nil {
		y.codes = map[string]int{}
	}
	y.took.add(time.Since(began))
	y.codes[unanswered]++
}

// count is how many requests ended so.
func (y *tally) count(code string) int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.codes[code]
}

// check refuses requests without an answer in time, and answers of kinds that
// are not allowed.
func (y *tally) check(t testing.TB, what string, allowed ...string) {
	t.Helper()
	t.Logf("%s: %v, %v", what, y.codes, y.took)
	if most := y.took.percentile(100); most > within(longest) {
		t.Errorf("%s: a request took %v", what, most)
	}
	for _, word := range telltales {
		if bytes.Contains(bytes.ToLower(y.faults), []byte(word)) {
			t.Errorf("%s: answers say %q, such as %.300s", what, word, y.faults)
		}
	}
	rest := maps.Clone(y.codes)
	for _, code := range allowed {
		delete(rest, code)
	}
	if len(rest) > 0 {
		t.Errorf("%s: requests ended with %v", what, rest)
	}
}
