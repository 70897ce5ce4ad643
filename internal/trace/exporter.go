package trace

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// quiet is how long the log hears of no further failure.
const quiet = time.Minute

// exporter sends spans by OTLP over HTTP, as JSON, which receivers take at the same
// address as protobuf. The official exporter would add all of gRPC, 2.5 MB, for the
// sake of its messages.
type exporter struct {
	o      Options
	log    *slog.Logger
	client *http.Client
	lost   atomic.Int64
	told   atomic.Int64 // when the log heard of it, in nanoseconds
}

func newExporter(o Options, log *slog.Logger) *exporter {
	client := http.Client{}
	if o.Client != nil {
		client = *o.Client
	}
	client.Timeout = o.Timeout
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the header may be a key
	return &exporter{o: o, log: log, client: &client}
}

// ExportSpans sends some spans, once. It never fails: what is not taken is lost, and
// told to the log, since the SDK would tell it to standard error.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.send(ctx, encode(spans))
	if err == nil {
		return nil
	}
	lost := e.lost.Add(int64(len(spans)))
	now := time.Now().UnixNano()
	if told := e.told.Load(); now-told >= int64(quiet) && e.told.CompareAndSwap(told, now) {
		e.log.WarnContext(ctx, "spans were not taken by the collector", "setting", "OTEL_EXPORTER_OTLP_ENDPOINT", "spans", lost, "err", err)
		e.lost.Add(-lost)
	}
	return nil
}

// Shutdown has nothing to end.
func (*exporter) Shutdown(context.Context) error { return nil }

func (e *exporter) send(ctx context.Context, body []byte) error {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(body) // a buffer takes all
	_ = z.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.o.Endpoint.String(), &packed)
	if err != nil {
		return errors.New("the endpoint is no address")
	}
	for name, values := range e.o.Header {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Content-Encoding", "gzip")
	response, err := e.client.Do(request)
	if quoting, ok := errors.AsType[*url.Error](err); ok {
		return quoting.Err // without the address, which may hold a key
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()                                       //nolint:errcheck // it was read as far as it counts
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // so that the connection can be used again
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer has the status %d", response.StatusCode)
	}
	return nil
}
