package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// collector takes the spans of a story's servers, with the code of the real one.
type collector struct {
	server *httptest.Server

	mu    sync.Mutex
	lines []string // a span each
	names map[pcommon.SpanID]string
	raw   strings.Builder
	wrong error
}

// collector starts one, and names it to the next server.
func (s *story) collectSpans(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 0, "collector")
	c := &collector{names: map[pcommon.SpanID]string{}}
	c.server = httptest.NewServer(c)
	s.collector = c
	ts.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.server.URL)
	ts.Setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	traces, err := readSpans(r.Body, &c.raw)
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" {
		c.wrong = fmt.Errorf("spans at %s: %w", r.URL.Path, err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, resource := range traces.ResourceSpans().All() {
		for _, scope := range resource.ScopeSpans().All() {
			for _, span := range scope.Spans().All() {
				c.names[span.SpanID()] = span.Name()
				c.lines = append(c.lines, c.line(span))
			}
		}
	}
}

func readSpans(packed io.Reader, raw io.Writer) (ptrace.Traces, error) {
	z, err := gzip.NewReader(packed)
	if err != nil {
		return ptrace.Traces{}, err
	}
	body, err := io.ReadAll(io.TeeReader(z, raw))
	if err != nil {
		return ptrace.Traces{}, err
	}
	return new(ptrace.JSONUnmarshaler).UnmarshalTraces(body)
}

// line is a span in words. Names of spans above are put in when it is looked for:
// they end, and come, later.
func (c *collector) line(span ptrace.Span) string {
	line := fmt.Sprintf("%s kind=%s above=<%s> trace=%s links=%d", span.Name(), span.Kind(), span.ParentSpanID(), span.TraceID(), span.Links().Len())
	for name, value := range span.Attributes().All() {
		line += " " + name + "=" + value.AsString()
	}
	return line
}

// named is all lines, with the names of the spans above.
func (c *collector) named() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := strings.Join(c.lines, "\n")
	for id, name := range c.names {
		text = strings.ReplaceAll(text, "<"+id.String()+">", "<"+name+">")
	}
	return text
}

// span [!] PATTERN waits for a span whose line matches; with !, there must be none.
func (s *story) span(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) == 1, "[!] span PATTERN")
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for until := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		text := s.collector.named()
		found := pattern.MatchString(text)
		if found && neg {
			ts.Fatalf("there is such a span: %s", pattern.FindString(text))
		}
		if found || neg {
			return
		}
		if time.Now().After(until) {
			ts.Fatalf("no span matches %s:\n%s", args[0], text)
		}
	}
}

// checkSpans looks for every secret and every address in the spans, which are read
// by others than those who may read accounts.
func (c *collector) checkSpans(s *story) {
	c.server.Close()
	if c.wrong != nil {
		s.tb.Error(c.wrong)
	}
	for _, never := range append(s.secrets.list, "@example.org", "@", "SELECT ") {
		if strings.Contains(c.raw.String(), never) {
			s.tb.Errorf("the spans tell %q", never)
		}
	}
}
