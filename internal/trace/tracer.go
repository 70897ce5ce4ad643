package trace

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// Options say where spans go, and which.
type Options struct {
	// Endpoint takes them: a whole URL. Empty: there are none.
	Endpoint *url.URL
	// Header goes with each request to it.
	Header http.Header
	// Timeout bounds such a request.
	Timeout time.Duration
	// Client sends it.
	Client *http.Client
	// Resource says who sends: service.name and what else the operator chose.
	Resource map[string]string
	// Sampler chooses the traces that are kept.
	Sampler Sampler
}

// Sampler chooses the traces that are kept, of those that begin here.
type Sampler struct {
	// Ratio of them, from 0 to 1.
	Ratio float64
	// Own reports that the choice of a trusted caller does not count.
	Own bool
}

func (s Sampler) sampler() sdktrace.Sampler {
	here := sdktrace.TraceIDRatioBased(s.Ratio)
	if s.Own {
		return here
	}
	return sdktrace.ParentBased(here)
}

// Tracer begins traces. Nil begins none.
type Tracer struct {
	provider *sdktrace.TracerProvider
	tracer   oteltrace.Tracer
}

// New returns nil if there is no endpoint. Nothing is sent before the first span
// has ended; what the endpoint does not take is dropped, and told to the log once
// a minute.
func New(o Options, log *slog.Logger) *Tracer {
	if o.Endpoint == nil {
		return nil
	}
	var who []attribute.KeyValue
	for name, value := range o.Resource {
		who = append(who, attribute.String(name, value))
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(resource.NewSchemaless(who...)),
		sdktrace.WithSampler(o.Sampler.sampler()),
		sdktrace.WithBatcher(newExporter(o, log)),
	)
	return &Tracer{provider: provider, tracer: provider.Tracer(scope)}
}

// Close sends what is left, until ctx ends.
func (t *Tracer) Close(ctx context.Context) {
	if t != nil {
		_ = t.provider.Shutdown(ctx) // the exporter tells what it could not send
	}
}

// Request is the span of a request to the server.
type Request struct{ Span }

// Request begins the span of a request. It continues the trace that a trusted
// proxy names in traceparent. What anybody else names is a link of the span: a
// stranger decides neither which trace it belongs to nor whether it is kept.
func (t *Tracer) Request(ctx context.Context, r *http.Request, trusted bool) (context.Context, Request) {
	options := make([]oteltrace.SpanStartOption, 1, 2)
	options[0] = oteltrace.WithSpanKind(server)
	named := propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	above := oteltrace.SpanContextFromContext(named)
	switch {
	case !above.IsValid():
	case trusted:
		ctx = named
	default:
		bare := oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: above.TraceID(), SpanID: above.SpanID(), Remote: true})
		options = append(options, oteltrace.WithLinks(oteltrace.Link{SpanContext: bare}))
	}
	ctx, span := t.tracer.Start(ctx, "request", options...)
	return ctx, Request{Span{span}}
}

// Answer is what is known of a request when it has been answered.
type Answer struct {
	Method, Route, RequestID string
	Status                   int
	// Named reports that Operation has given the span a better name.
	Named bool
}

// Answered ends the span. A method that is none of HTTP's is _OTHER, as
// OpenTelemetry has it: nothing in a span is a text of the client's.
func (r Request) Answered(a Answer) {
	if !r.span.IsRecording() {
		r.span.End()
		return
	}
	method := a.Method
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "_OTHER"
	}
	r.span.SetAttributes(
		attribute.String("http.request.method", method), attribute.String("http.route", a.Route),
		attribute.Int("http.response.status_code", a.Status), attribute.String("authgraph.request_id", a.RequestID),
	)
	if !a.Named {
		r.span.SetName(method + " " + a.Route)
	}
	if a.Status >= http.StatusInternalServerError {
		r.fail(http.StatusText(a.Status))
	}
	r.span.End()
}

// Operation says of the request's span what GraphQL made of it: kind is query or
// mutation, field a field of the root type, code that of an error, each perhaps empty.
func Operation(ctx context.Context, kind, field, code string) {
	span := oteltrace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	if kind != "" {
		name := kind
		if field != "" {
			name += " " + field
		}
		span.SetName(name)
		span.SetAttributes(attribute.String("graphql.operation.type", kind))
	}
	if code != "" {
		span.SetAttributes(attribute.String("authgraph.error.code", code))
	}
	if code == "INTERNAL_SERVER_ERROR" {
		Span{span}.fail(code)
	}
}

// Begin begins a trace of the server's own, as of an e-mail.
func (t *Tracer) Begin(ctx context.Context, name string) (context.Context, Span) {
	ctx, span := t.tracer.Start(ctx, name, oteltrace.WithNewRoot())
	return ctx, Span{span}
}
