package main

import (
	"context"
	"database/sql"
	"time"

	"github.com/authgraph/authgraph/graph/edge"
	"github.com/authgraph/authgraph/internal/config"
	"github.com/authgraph/authgraph/internal/metrics"
	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/server"
	"github.com/authgraph/authgraph/internal/trace"
)

// meters counts what the server does. It exists before the parts that it asks.
type meters struct {
	*metrics.Metrics
	o      *opened
	worker *outbox.Worker
	ready  *readiness
}

// newMeters has the parts of the settings tell what happens.
func newMeters(c *config.Config) *meters {
	now := c.Auth.Now
	if now == nil {
		now = time.Now
	}
	m := new(meters)
	m.Metrics = metrics.New(metrics.Sources{
		Version: version(), Now: now,
		Hashes:     func() (running, waiting int) { return m.o.passwords.Load() },
		Deliveries: func() map[string]uint64 { return deliveries(m.worker) },
		Backlog:    func(ctx context.Context) (int, time.Time, error) { return m.o.outbox.Backlog(ctx) },
		SignsSince: func(ctx context.Context) (time.Time, error) { return m.o.auth.SignsSince(ctx) },
		Callers: func() (hits, misses uint64, trusted bool) {
			hits, misses = m.o.auth.CallerLookups()
			return hits, misses, m.o.auth.KeepsCallers()
		},
		HookFailures:    func() map[string]uint64 { return m.o.auth.HookFailures() },
		CaptchaFailures: func() uint64 { return m.o.auth.CaptchaFailures() },
		Paused:          func() map[string]bool { return m.o.auth.PausedProviders() },
		Connections:     func() sql.DBStats { return m.o.store.Writer().Stats() },
		Ready:           func(ctx context.Context) error { return m.ready.ask(ctx) },
	})
	c.Passwords.Observe = m.Hashed
	c.Auth.Observe.Event, c.Auth.Observe.Limited, c.Auth.Observe.Provider = m.Event, m.Limited, m.Provider
	return m
}

func deliveries(worker *outbox.Worker) map[string]uint64 {
	counts := worker.Counts()
	return map[string]uint64{"sent": counts.Sent, "dropped": counts.Dropped, "failed": counts.Failed, "retried": counts.Retried}
}

// observe counts a GraphQL request, and notes it for the log.
func (m *meters) observe(ctx context.Context, seen edge.Observation) {
	took := server.Note(ctx, seen.OperationName, seen.OperationType, seen.Codes)
	code := ""
	if len(seen.Codes) > 0 {
		code = seen.Codes[0]
	}
	m.Request(seen.RootField, seen.OperationType, code, took)
	trace.Operation(ctx, seen.OperationType, seen.RootField, code)
}
