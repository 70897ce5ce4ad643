package server

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestLine: the line is what slog would write, whatever it holds.
func TestLine(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 28, 7, 5, 3, 120_000_000, time.UTC)
	for name, l := range map[string]line{
		"a page":         {at, &record{id: "1", client: netip.MustParseAddr("192.0.2.1"), status: 200}, "GET", "/", 1234567, "192.0.2.1:5"},
		"an operation":   {at, &record{id: "2", client: netip.MustParseAddr("2001:db8::7"), status: 200, kind: "mutation", operation: "LogIn", codes: []string{"INVALID_CREDENTIALS", "TAKEN"}}, "POST", "/graphql", 21 * time.Millisecond, "[2001:db8::7]:5"},
		"one code":       {at, &record{status: 401, kind: "query", codes: []string{"UNAUTHENTICATED"}}, "POST", "/graphql", 0, "@"},
		"no address":     {at, &record{status: 200}, "GET", "/healthz", time.Microsecond, ""},
		"what is quoted": {at, &record{kind: "query", operation: `a"b\c` + "\u2028\x01é…"}, `"},{"`, "/reset…", time.Hour, "a\nb"},
	} {
		t.Run(name, func(t *testing.T) {
			var want bytes.Buffer
			r := slog.NewRecord(at, slog.LevelInfo, "request", 0)
			r.AddAttrs(
				slog.String("id", l.rec.id), slog.String("method", l.method), slog.String("path", l.path),
				slog.Int("status", l.rec.status), slog.Float64("ms", float64(l.took.Microseconds())/1000),
				slog.String("client", l.rec.client.String()), slog.String("peer", l.peer),
			)
			if l.rec.kind != "" {
				r.AddAttrs(slog.String("kind", l.rec.kind), slog.String("operation", l.rec.operation))
			}
			if len(l.rec.codes) > 0 {
				r.AddAttrs(slog.Any("codes", l.rec.codes))
			}
			if err := slog.NewJSONHandler(&want, nil).Handle(context.Background(), r); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.String(), string(l.append(nil))); diff != "" {
				t.Errorf("(-slog's +ours)\n%s", diff)
			}
		})
	}
	if line := (&line{rec: &record{kind: "\xff"}}).append(nil); !json.Valid(line) {
		t.Errorf("%q is no JSON", line)
	}
}
