package hostile

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
)

// PostgreSQL restarts again and again while people use two programs: as for an
// update, and in a way that tells no client. Nothing that was acknowledged is
// lost, and the programs go on by themselves.
func TestDatabaseRestarts(t *testing.T) {
	long(t)
	n := pgtest.NewNode(t)
	s := newSite(t, n.URL)
	s.busy()
	programs := []*program{s.start(), s.start()}
	town := newTown(s, 12, programs...)
	town.during(func() {
		for i := range soak(10) {
			town.more(15)
			mode := []string{"fast", "immediate"}[i%2]
			n.Stop(mode)
			if away := i%5 == 4; away { // longer than a client waits for a connection
				all(programs, "not ready", mode, time.Now())
			}
			time.Sleep(rand.N(300 * time.Millisecond))
			n.Again()
			all(programs, "ready", "after a restart, "+mode, time.Now())
		}
		town.more(100)
	})
	town.check()
	for _, p := range programs {
		p.stop()
	}
}
