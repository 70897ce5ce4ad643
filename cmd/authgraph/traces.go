package main

import (
	"context"
	"time"

	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/trace"
)

// lastSpans is how long the end of the program waits for the collector.
const lastSpans = 3 * time.Second

// flush sends the spans that are left.
func flush(tracer *trace.Tracer) {
	ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
	defer cancel()
	tracer.Close(ctx)
}

// traced begins a trace with each e-mail: the request that asked for it was answered
// long before.
func traced(tracer *trace.Tracer, deliver outbox.Handler) outbox.Handler {
	if tracer == nil {
		return deliver
	}
	return func(ctx context.Context, d mail.Delivery) error {
		ctx, span := tracer.Begin(ctx, "e-mail "+d.Letter)
		err := deliver(ctx, d)
		span.End(err)
		return err
	}
}
