// Package trace tells an OpenTelemetry collector where the time of a request went.
//
//	trace.go     spans: Start for every part of the server
//	tracer.go    where traces begin: a request, an e-mail
//	exporter.go  spans to a collector: OTLP over HTTP, as JSON
//	encode.go    the JSON
//
// It is off unless an endpoint is set. A span then costs the look whether there is
// one above it, and takes no memory. No span holds an address, an IP, a token, a
// document or a variable: whoever reads traces is not who may read accounts.
package trace

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// scope is who made the spans.
const scope = "github.com/authgraph/authgraph"

// Kind is which side of a conversation a span is.
type Kind = oteltrace.SpanKind

// The kinds that parts of the server need.
const (
	Internal = oteltrace.SpanKindInternal
	Client   = oteltrace.SpanKindClient
	server   = oteltrace.SpanKindServer
)

// Span is a piece of work. The zero Span is of a trace that nobody keeps.
type Span struct{ span oteltrace.Span }

// Start begins a span below that of ctx. If there is none, or it is not kept, it
// returns ctx as it is.
func Start(ctx context.Context, name string, kind Kind) (context.Context, Span) {
	above := oteltrace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return ctx, Span{}
	}
	ctx, span := above.TracerProvider().Tracer(scope).Start(ctx, name, oteltrace.WithSpanKind(kind))
	return ctx, Span{span}
}

// End ends the span. Of an error it says the kind and not the text, which may
// tell whom it was about.
func (s Span) End(err error) {
	if s.span == nil {
		return
	}
	if err != nil {
		s.fail(kindOf(err))
	}
	s.span.End()
}

func (s Span) fail(kind string) {
	s.span.SetStatus(codes.Error, "")
	s.span.SetAttributes(attribute.String("error.type", kind))
}

// kindOf is error.type in OpenTelemetry's words.
func kindOf(err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "canceled"
	}
	return "_OTHER"
}

// Inject puts the span of ctx into the headers of a request to somebody whom the
// operator chose, as W3C Trace Context has it. Without a span it does nothing.
func Inject(ctx context.Context, header map[string][]string) {
	if oteltrace.SpanFromContext(ctx).IsRecording() {
		propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
	}
}
