package main

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/authgraph/authgraph/internal/password"
)

// memoryEvery is how soon memory is given back.
const memoryEvery = 20 * time.Second

// giveBackMemory gives the system back what hashing took, once nothing is being
// hashed: a hash takes tens of megabytes, a storm of logins leaves several of
// them behind, and by itself the collector would only come two minutes later.
func giveBackMemory(ctx context.Context, passwords *password.Hasher) {
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
