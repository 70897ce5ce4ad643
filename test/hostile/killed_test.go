package hostile

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/store/storetest"
)

// Three programs serve one database, and one after the other is killed while
// people do all kinds of things. What was acknowledged is so at the others at
// once, and after the last of them.
func TestKilledInAStorm(t *testing.T) {
	long(t)
	s := newSite(t, storetest.PostgresURL(t))
	s.busy()
	town := newTown(s, 15, s.start(), s.start(), s.start())
	town.during(func() {
		for range soak(6) {
			town.more(20)
			time.Sleep(rand.N(300 * time.Millisecond)) // at any moment
			gone := town.at()
			gone.kill()
			again := s.launch()
			again.awaitReady(within(truth))
			town.replace(gone, again)
		}
		town.more(100)
	})
	town.check()
}
