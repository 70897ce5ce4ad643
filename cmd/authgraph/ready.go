package main

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/store"
)

// readiness is whether requests should come here: not while the program ends, nor
// once its signing keys were discarded, nor while the database does not answer or
// takes no writes.
type readiness struct {
	draining atomic.Bool
	keys     func() error
	database func(context.Context) error
	log      *slog.Logger
	lacking  atomic.Bool // what was logged last
}

var errDraining = errors.New("shutting down")

// ask says why requests should not come here.
func (r *readiness) ask(ctx context.Context) error {
	if r.draining.Load() {
		return errDraining
	}
	err := r.keys()
	if err == nil {
		err = answers(ctx, r.database)
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled): // who asked has gone
	case err != nil && r.lacking.CompareAndSwap(false, true): // once, however often it is asked
		r.log.WarnContext(ctx, "not ready: "+why(err), "err", err)
	case err == nil && r.lacking.CompareAndSwap(true, false):
		r.log.InfoContext(ctx, "ready again")
	}
	return err
}

// why tells the operator in a few words.
func why(err error) string {
	switch {
	case errors.Is(err, errDraining):
		return errDraining.Error()
	case errors.Is(err, auth.ErrKeysDiscarded):
		return "the signing keys were discarded"
	case errors.Is(err, store.ErrNoWrites):
		return store.ErrNoWrites.Error()
	}
	return "the database does not answer"
}

// answers waits for the database no longer than ctx: the driver, whose
// connection hangs, may take seconds more to give it up.
func answers(ctx context.Context, ask func(context.Context) error) error {
	answer := make(chan error, 1)
	go func() { answer <- ask(ctx) }()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
