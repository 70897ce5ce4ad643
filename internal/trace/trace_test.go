package trace_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/authgraph/authgraph/internal/trace"
)

// collector is read by the code of the real one.
type collector struct {
	mu      sync.Mutex
	spans   map[string]ptrace.Span
	service string
	header  http.Header
	status  int
}

func collect(t *testing.T) (*collector, trace.Options) {
	t.Helper()
	c := &collector{spans: map[string]ptrace.Span{}, status: http.StatusOK}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	endpoint, err := url.Parse(server.URL + "/v1/traces")
	if err != nil {
		t.Fatal(err)
	}
	return c, trace.Options{
		Endpoint: endpoint, Header: http.Header{"Api-Key": {"k"}}, Timeout: time.Second,
		Resource: map[string]string{"service.name": "accounts"}, Sampler: trace.Sampler{Ratio: 1},
	}
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	body, _ := io.ReadAll(z)
	traces, err := new(ptrace.JSONUnmarshaler).UnmarshalTraces(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.header = r.Header
	for _, resource := range traces.ResourceSpans().All() {
		name, _ := resource.Resource().Attributes().Get("service.name")
		c.service = name.Str()
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				c.spans[span.Name()] = span
			}
		}
	}
	w.WriteHeader(c.status)
}

func request(traceparent string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
	if traceparent != "" {
		r.Header.Set("traceparent", traceparent)
	}
	return r
}

// attribute is that of a span as text, or a word for none.
func attribute(span ptrace.Span, name string) string {
	value, ok := span.Attributes().Get(name)
	if !ok {
		return "none"
	}
	return value.AsString()
}

const (
	theirTrace = "0af7651916cd43dd8448eb211c80319c"
	theirSpan  = "b7ad6b7169203331"
)

// TestATraceAsTheCollectorReadsIt: names, kinds, times, the tree, and what failed.
func TestATraceAsTheCollectorReadsIt(t *testing.T) {
	c, o := collect(t)
	tracer := trace.New(o, slog.New(slog.DiscardHandler))
	ctx, span := tracer.Request(t.Context(), request(""), true)
	under, hash := trace.Start(ctx, "password.hash", trace.Internal)
	_, sql := trace.Start(under, "SELECT", trace.Client)
	sql.End(errors.New("ann@example.org is not unique"))
	hash.End(nil)
	trace.Operation(ctx, "mutation", "login", "")
	span.Answered(trace.Answer{Method: "POST", Route: "graphql", RequestID: "r1", Status: 200, Named: true})
	tracer.Close(t.Context())

	login, hashed, selected := c.spans["mutation login"], c.spans["password.hash"], c.spans["SELECT"]
	if len(c.spans) != 3 || c.service != "accounts" || c.header.Get("Api-Key") != "k" {
		t.Fatalf("the collector has %d spans of %q with the header %q", len(c.spans), c.service, c.header)
	}
	if login.Kind() != ptrace.SpanKindServer || hashed.Kind() != ptrace.SpanKindInternal || selected.Kind() != ptrace.SpanKindClient {
		t.Errorf("kinds: %s %s %s", login.Kind(), hashed.Kind(), selected.Kind())
	}
	if hashed.ParentSpanID() != login.SpanID() || selected.ParentSpanID() != hashed.SpanID() || !login.ParentSpanID().IsEmpty() || hashed.TraceID() != login.TraceID() {
		t.Error("the spans are no tree")
	}
	if took := login.EndTimestamp().AsTime().Sub(login.StartTimestamp().AsTime()); took <= 0 || time.Since(login.EndTimestamp().AsTime()) > time.Minute {
		t.Errorf("the request took %s and ended at %s", took, login.EndTimestamp().AsTime())
	}
	for name, want := range map[string]string{
		"http.request.method": "POST", "http.route": "graphql", "http.response.status_code": "200", "authgraph.request_id": "r1", "graphql.operation.type": "mutation",
	} {
		if got := attribute(login, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if selected.Status().Code() != ptrace.StatusCodeError || selected.Status().Message() != "" || attribute(selected, "error.type") != "_OTHER" {
		t.Errorf("a failure is told as %q, %s", selected.Status().Message(), attribute(selected, "error.type"))
	}
}

// TestStrangersDecideNothing: a trace that a stranger names is a link, even if it
// says that it is kept; a trusted proxy's is continued.
func TestStrangersDecideNothing(t *testing.T) {
	for _, try := range []struct {
		name, traceparent      string
		trusted, joins, linked bool
	}{
		{"a stranger", "00-" + theirTrace + "-" + theirSpan + "-01", false, false, true},
		{"a proxy", "00-" + theirTrace + "-" + theirSpan + "-01", true, true, false},
		{"nonsense", strings.Repeat("00-", 9000), true, false, false},
		{"nobody", "", true, false, false},
	} {
		t.Run(try.name, func(t *testing.T) {
			c, o := collect(t)
			tracer := trace.New(o, slog.New(slog.DiscardHandler))
			r := request(try.traceparent)
			r.Header.Set("tracestate", "vendor=ann@example.org")
			_, span := tracer.Request(t.Context(), r, try.trusted)
			span.Answered(trace.Answer{Method: "BREW", Route: "graphql", Status: 500})
			tracer.Close(t.Context())
			got := c.spans["_OTHER graphql"]
			if joins := got.TraceID().String() == theirTrace; joins != try.joins {
				t.Errorf("belongs to their trace: %t", joins)
			}
			if linked := got.Links().Len() == 1 && got.Links().At(0).TraceID().String() == theirTrace; linked != try.linked {
				t.Errorf("is linked to it: %t", linked)
			}
			if !try.trusted && (got.TraceState().AsRaw() != "" || got.Links().At(0).TraceState().AsRaw() != "") {
				t.Error("a stranger's text is kept")
			}
			if got.Status().Code() != ptrace.StatusCodeError {
				t.Error("500 is no error")
			}
		})
	}
}

// TestSampling: a proxy's choice counts unless the operator says otherwise.
func TestSampling(t *testing.T) {
	for _, try := range []struct {
		name    string
		sampler trace.Sampler
		trusted bool
		kept    bool
	}{
		{"none of ours", trace.Sampler{}, false, false},
		{"all of ours", trace.Sampler{Ratio: 1}, false, true},
		{"none of ours, but the proxy's", trace.Sampler{}, true, true},
		{"none at all", trace.Sampler{Own: true}, true, false},
	} {
		t.Run(try.name, func(t *testing.T) {
			c, o := collect(t)
			o.Sampler = try.sampler
			tracer := trace.New(o, slog.New(slog.DiscardHandler))
			ctx, span := tracer.Request(t.Context(), request("00-"+theirTrace+"-"+theirSpan+"-01"), try.trusted)
			header := http.Header{}
			trace.Inject(ctx, header)
			span.Answered(trace.Answer{Method: "GET", Route: "token", Status: 200})
			tracer.Close(t.Context())
			if kept := len(c.spans) == 1; kept != try.kept || (header.Get("traceparent") != "") != try.kept {
				t.Errorf("kept: %t; others hear %q", kept, header)
			}
		})
	}
}

// TestOff: nothing is made, and nothing is kept, without an endpoint.
func TestOff(t *testing.T) {
	tracer := trace.New(trace.Options{}, slog.New(slog.DiscardHandler))
	if tracer != nil {
		t.Fatal("there is a tracer without an endpoint")
	}
	tracer.Close(t.Context())
	ctx := t.Context()
	took := testing.AllocsPerRun(100, func() {
		under, span := trace.Start(ctx, "SELECT", trace.Client)
		trace.Operation(under, "query", "me", "")
		span.End(context.Canceled)
	})
	if took != 0 {
		t.Errorf("a span that nobody keeps takes %v allocations", took)
	}
}

// TestACollectorThatIsDown: spans are dropped, the log hears of it once, without
// the address and the key in it.
func TestACollectorThatIsDown(t *testing.T) {
	c, o := collect(t)
	c.status = http.StatusFound // a redirect would carry the key elsewhere
	o.Endpoint.RawQuery = "key=hidden"
	var log strings.Builder
	tracer := trace.New(o, slog.New(slog.NewTextHandler(&log, nil)))
	for range 3 {
		_, span := tracer.Begin(t.Context(), "e-mail")
		span.End(nil)
		tracer.Flush(t.Context())
	}
	o.Endpoint.Host = "127.0.0.1:1"
	_, span := tracer.Begin(t.Context(), "e-mail")
	span.End(nil)
	tracer.Close(t.Context())
	if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "302") || strings.Contains(got, "hidden") {
		t.Errorf("the log says %q", got)
	}
}
