package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/authgraph/authgraph/internal/password"
)

// headroom is how much the heap may grow between collections, beyond as much
// as there is: what is kept is so little that the collector would else come
// round hundreds of times a second, for a third of the cost of a query.
const headroom = 5 << 20

// memoryEvery is how soon memory is given back.
const memoryEvery = 20 * time.Second

// keepHouse makes headroom until ctx ends, and gives the system back what
// hashing took, once nothing is being hashed: a hash takes tens of megabytes, a
// storm of logins leaves several of them behind, and by itself the collector
// would only come two minutes later.
func keepHouse(ctx context.Context, passwords *password.Hasher) {
	ballast := make([]byte, headroom) // never touched: it is counted, but takes no memory
	defer runtime.KeepAlive(ballast)
	tick := time.NewTicker(memoryEvery)
	defer tick.Stop()
	for seen := passwords.Made(); ; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		made := passwords.Made()
		if running, _ := passwords.Load(); running == 0 && made != seen {
			debug.FreeOSMemory()
			seen = made
		}
	}
}
