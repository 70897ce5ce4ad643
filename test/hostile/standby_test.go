package hostile

import (
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
)

// truth is how soon /readyz says how things are.
const truth = 5 * time.Second

// either is a URL that names several servers.
func either(t testing.TB, urls ...string) string {
	t.Helper()
	var all *url.URL
	for _, one := range urls {
		u, err := url.Parse(one)
		if err != nil {
			t.Fatal(err)
		}
		if all == nil {
			all = u
		} else {
			all.Host += "," + u.Host
		}
	}
	return all.String()
}

// says waits until /readyz says this, which must be soon after what happened.
func (p *program) says(word, what string, happened time.Time) {
	p.t.Helper()
	if !p.becomes(time.Until(happened.Add(within(truth))), func() bool { return p.word("/readyz") == word+"\n" }) {
		p.t.Errorf("%s: /readyz does not say %q within %v, but %q:\n%.3000s", what, word, within(truth), p.word("/readyz"), p.log.String())
		return
	}
	p.t.Logf("%s: %s after %v", what, word, time.Since(happened).Round(time.Millisecond))
}

// all wait until the /readyz of each says this.
func all(programs []*program, word, what string, happened time.Time) {
	var each sync.WaitGroup
	for _, p := range programs {
		each.Go(func() { p.says(word, what, happened) })
	}
	each.Wait()
}

// losses are the ways in which a server is lost that has a standby. A machine
// that is gone says nothing; one whose process died refuses. One whose standby
// hears nothing acknowledges nothing either.
var losses = map[string]func(p *pair){
	"killed": func(p *pair) { p.primary.Kill() },
	"silent": func(p *pair) {
		p.way.Stall()
		p.primary.Kill() // nobody may write to it any more, or there would be two truths
	},
	"killed while its standby hears nothing": func(p *pair) {
		hear := p.standby.Deaf()
		deaf := time.Now()
		all(p.programs, "not ready", "the standby hears nothing", deaf)
		until(deaf.Add(6 * time.Second)) // longer than a request waits
		p.primary.Kill()
		hear()
	},
}

// pair is a server with its standby, and the programs that know both.
type pair struct {
	primary, standby *pgtest.Node
	way              *pgtest.Proxy // to the primary
	programs         []*program
}

// A server is lost while people use two programs, and its standby, which is a
// synchronous one, takes its place. Nothing that was acknowledged is lost: every
// session goes on, and those that ended stay so. The programs say that they are
// not ready while no server takes writes, and need no restart.
func TestStandbyPromoted(t *testing.T) {
	long(t)
	for name, lose := range losses {
		t.Run(name, func(t *testing.T) {
			p := &pair{primary: pgtest.NewNode(t)}
			s := newSite(t, p.primary.URL)
			s.busy()
			s.command("migrate")
			p.standby, p.way = p.primary.Standby(), p.primary.NewProxy()
			both := s.by(either(t, p.way.URL, p.standby.URL))
			p.programs = []*program{both.start(), both.start()}
			s.database = p.standby.URL // where it all is in the end
			town := newTown(s, 12, p.programs...)
			town.during(func() {
				town.more(soak(100))
				lose(p)
				lost := time.Now()
				all(p.programs, "not ready", "the server is lost", lost)
				p.standby.Promote()
				all(p.programs, "ready", "the standby is promoted", time.Now())
				town.more(soak(100))
			})
			town.check()
			for _, one := range p.programs {
				one.stop()
			}
		})
	}
}
