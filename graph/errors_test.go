package graph_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// fault is everything that a client may learn when something breaks.
const fault = `{"errors":[{"message":"Something went wrong on our side.","path":["%"],` +
	`"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"request-1"}}],"data":null}`

func wantFault(t *testing.T, got, field string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(fault, "%", field)
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	x, _ := json.Marshal(a) //nolint:errcheck // it was decoded a moment ago
	y, _ := json.Marshal(b) //nolint:errcheck // it was decoded a moment ago
	if !bytes.Equal(x, y) {
		t.Errorf("answer %s\nwant %s", got, want)
	}
}

func TestFault(t *testing.T) {
	var log bytes.Buffer
	env := authtest.On(t, storetest.SQLite(t))
	handler, err := graph.New(env.Service, graph.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	env.Account("ann@example.org")
	if _, err := env.Store.Writer().ExecContext(t.Context(), `ALTER TABLE users RENAME TO broken`); err != nil {
		t.Fatal(err)
	}
	caller := authtest.Anyone()
	caller.RequestID = "request-1"
	got := post(t, handler, caller, `mutation { login(input: { email: "ann@example.org", password: "canary password" }) { status } }`)
	wantFault(t, got.raw, "login")
	if line := log.String(); !strings.Contains(line, "no such table") || !strings.Contains(line, `"request":"request-1"`) || !strings.Contains(line, `"ERROR"`) {
		t.Errorf("the log does not tell the cause with the request: %s", line)
	}
	if strings.Contains(log.String(), "canary") || strings.Contains(log.String(), "ann@") {
		t.Errorf("the log tells what was sent: %s", log.String())
	}
}

// TestPanic uses a domain that was never made, so that the resolver itself
// panics.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	handler, err := graph.New(new(auth.Service), graph.Options{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, post(t, handler, auth.Caller{RequestID: "request-1"}, `mutation { login(input: { username: "ann", password: "x" }) { status } }`).raw, "login")
	if line := log.String(); !strings.Contains(line, "nil pointer") || !strings.Contains(line, "schema.resolvers.go") || !strings.Contains(line, `"request":"request-1"`) {
		t.Errorf("the log does not tell where it broke: %s", line)
	}
}
