package hostile

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/store/storetest"
)

// raw is how many hashes one after the other the program makes in a second,
// logins and all.
func raw(p *program, username string) float64 {
	const logins = 40
	began := time.Now()
	for range logins {
		p.must(login, input{"username": username, "password": password})
	}
	return logins / time.Since(began).Seconds()
}

// flood logs in on so many connections without pause, and tallies what comes of
// it, until ctx ends. A refusal for overload must say when to come back.
func flood(ctx context.Context, p *program, connections int, y *tally) {
	atOnce(connections, connections, func(i int) {
		for ctx.Err() == nil {
			began := time.Now()
			a, err := p.ask(context.Background(), login, input{"username": fmt.Sprintf("user%d", i%20), "password": password})
			y.note(began, a, err)
			if err != nil || a.code() != "OVERLOADED" {
				continue
			}
			if wait := a.Errors[0].Extensions.RetryAfter; wait < 1 || wait > 60 {
				p.t.Errorf("OVERLOADED says to retry after %d s", wait)
				return
			}
			select { // a client that does as it is told, in a hurry
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
}

// storm floods the program for a while, and watches `me` meanwhile.
func storm(t *testing.T, p *program, token string, connections int, d time.Duration) (*tally, *meter) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	var y tally
	var m *meter
	var all sync.WaitGroup
	all.Go(func() { m = p.watchMe(ctx, 200, token, "user0") })
	flood(ctx, p, connections, &y)
	all.Wait()
	return &y, m
}

// A storm of logins takes as much memory as the cores can hash at once, keeps
// nobody else waiting, and is told to come back.
func TestLoginStorm(t *testing.T) {
	long(t)
	s := newSite(t, storetest.PostgresURL(t))
	s.unlimited()
	p := s.start()
	token := p.users(20, "user")[0]
	alone := raw(p, "user0")
	quiet, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	p.watchMe(quiet, 200, token, "user0").check(t, "in calm weather", 100*time.Millisecond)
	before := p.memory("VmRSS")

	for _, step := range []struct {
		connections int
		d, p99      time.Duration
		peak        float64 // MB
	}{{32, 6 * time.Second, 100 * time.Millisecond, 150}, {1000, 8 * time.Second, 250 * time.Millisecond, 300}} {
		name := fmt.Sprintf("%d connections", step.connections)
		for attempt := 1; ; attempt++ {
			y, m := storm(t, p, token, step.connections, step.d)
			rate := float64(y.codes["done"]) / step.d.Seconds()
			t.Logf("%s: %.0f logins a second, one after the other %.0f; me %v; peak %.0f MB, before %.0f MB", name, rate, alone, m.sample, p.memory("VmHWM"), before)
			y.check(t, name, "done", "OVERLOADED")
			good := m.percentile(99) <= step.p99 && y.took.percentile(99) <= 6*time.Second && rate >= alone/2
			if !good && attempt < attempts {
				continue // the machine may have been busy
			}
			m.check(t, name, step.p99)
			if !good {
				t.Errorf("%s: %.0f logins a second, one after the other %.0f; the p99 of an answer is %v", name, rate, alone, y.took.percentile(99))
			}
			break
		}
		if peak := p.memory("VmHWM"); peak > step.peak {
			t.Errorf("%s: the program took %.0f MB", name, peak)
		}
	}
	agent.CloseIdleConnections()
	if !p.becomes(patience, func() bool { return p.memory("VmRSS") <= before*1.2+10 }) {
		t.Errorf("a minute later the program still takes %.0f MB, before it was %.0f", p.memory("VmRSS"), before)
	}
}
