package main

import (
	"context"

	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/server"
)

// admin says how the server is, for the operator's listener.
func admin(o *opened, worker *outbox.Worker, ready *readiness) func(context.Context) server.Detail {
	return func(ctx context.Context) server.Detail {
		d := server.Detail{Ready: true, Database: o.store.Dialect()}
		if err := ready.ask(ctx); err != nil {
			d.Ready, d.Why = false, why(err)
		}
		d.HashesRunning, d.HashesWaiting = o.passwords.Load()
		counts := worker.Counts()
		d.Emails = map[string]uint64{"sent": counts.Sent, "dropped": counts.Dropped, "failed": counts.Failed}
		return d
	}
}
