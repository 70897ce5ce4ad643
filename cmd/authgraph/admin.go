package main

import (
	"context"

	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/server"
)

// admin says how the server is, for the operator's listener.
func admin(o *opened, worker *outbox.Worker) func(context.Context) server.Detail {
	return func(ctx context.Context) server.Detail {
		d := server.Detail{Ready: true, Database: o.store.Dialect()}
		if err := answers(ctx, o.store.Ping); err != nil {
			d.Ready, d.Why = false, "the database does not answer"
		}
		d.HashesRunning, d.HashesWaiting = o.passwords.Load()
		counts := worker.Counts()
		d.Letters = map[string]uint64{"sent": counts.Sent, "dropped": counts.Dropped, "failed": counts.Failed}
		return d
	}
}

// answers waits for the database no longer than ctx: the driver, whose
// connection hangs, may take seconds more to give it up.
func answers(ctx context.Context, ping func(context.Context) error) error {
	answer := make(chan error, 1)
	go func() { answer <- ping(ctx) }()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
