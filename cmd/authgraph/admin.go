package main

import (
	"context"

	"github.com/authgraph/authgraph/internal/server"
)

// admin says how the server is, for the operator's listener.
func admin(m *meters) func(context.Context) server.Detail {
	return func(ctx context.Context) server.Detail {
		d := server.Detail{Ready: true, Version: version(), Database: m.o.store.Dialect()}
		if err := m.ready.ask(ctx); err != nil {
			d.Ready, d.Why = false, why(err)
		}
		d.HashesRunning, d.HashesWaiting = m.o.passwords.Load()
		d.Emails = deliveries(m.worker)
		d.HookFailures = m.o.auth.HookFailures()
		return d
	}
}
