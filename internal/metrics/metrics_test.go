package metrics_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/authgraph/authgraph/internal/metrics"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func sources() metrics.Sources {
	return metrics.Sources{
		Version: "v1.2.3", Now: func() time.Time { return now },
		Hashes:          func() (running, waiting int) { return 1, 7 },
		Deliveries:      func() map[string]uint64 { return map[string]uint64{"sent": 3, "failed": 1} },
		Backlog:         func(context.Context) (int, time.Time, error) { return 2, now.Add(-time.Minute), nil },
		SignsSince:      func(context.Context) (time.Time, error) { return now.Add(-time.Hour), nil },
		Callers:         func() (hits, misses uint64, trusted bool) { return 10, 2, true },
		HookFailures:    func() map[string]uint64 { return map[string]uint64{"validate": 3, "claims": 0} },
		CaptchaFailures: func() uint64 { return 2 },
		Connections: func() sql.DBStats {
			return sql.DBStats{InUse: 4, Idle: 6, MaxOpenConnections: 10, WaitCount: 5, WaitDuration: time.Second}
		},
		Paused: func() map[string]bool { return map[string]bool{"google": true} },
		Ready:  func(context.Context) error { return nil },
	}
}

func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	body, err := io.ReadAll(w.Result().Body)
	if err != nil || w.Code != 200 {
		t.Fatalf("%d, %v: %s", w.Code, err, body)
	}
	return string(body)
}

// TestWhatPrometheusReads: each metric is there with what happened, and promtool's
// rules about names hold.
func TestWhatPrometheusReads(t *testing.T) {
	m := metrics.New(sources())
	m.Request("me", "query", "", time.Millisecond)
	m.Request("login", "mutation", "RATE_LIMITED", time.Second)
	m.Request("", "", "GRAPHQL_PARSE_FAILED", time.Microsecond)
	m.Answer("graphql", 200)
	m.Event("login", "INVALID_CREDENTIALS")
	m.Limited("login_name")
	m.Provider("google", "unreachable")
	m.Hashed(time.Millisecond, 25*time.Millisecond)
	text := scrape(t, m)
	for _, want := range []string{
		`authgraph_provider_requests_total{provider="google",result="unreachable"} 1`,
		`authgraph_provider_paused{provider="google"} 1`,
		`authgraph_graphql_requests_total{code="ok",field="me",kind="query"} 1`,
		`authgraph_graphql_requests_total{code="RATE_LIMITED",field="login",kind="mutation"} 1`,
		`authgraph_graphql_requests_total{code="GRAPHQL_PARSE_FAILED",field="none",kind="none"} 1`,
		`authgraph_graphql_request_duration_seconds_count{kind="query"} 1`,
		`authgraph_http_responses_total{route="graphql",status="200"} 1`,
		`authgraph_auth_events_total{event="login",outcome="INVALID_CREDENTIALS"} 1`,
		`authgraph_rate_limited_total{limit="login_name"} 1`,
		`authgraph_password_hash_duration_seconds_bucket{le="0.04"} 1`,
		`authgraph_password_hash_wait_seconds_count 1`,
		`authgraph_password_hashes_running 1`, `authgraph_password_hash_queue 7`,
		`authgraph_outbox_deliveries_total{outcome="sent"} 3`, `authgraph_outbox_messages 2`, `authgraph_outbox_oldest_age_seconds 60`,
		`authgraph_signing_key_age_seconds 3600`,
		`authgraph_caller_cache_lookups_total{result="hit"} 10`, `authgraph_caller_cache_trusted 1`,
		`authgraph_db_connections{state="in_use"} 4`, `authgraph_db_connection_waits_total 5`, `authgraph_db_connection_wait_seconds_total 1`,
		`authgraph_hook_failures_total{hook="validate"} 3`, `authgraph_hook_failures_total{hook="claims"} 0`, `authgraph_captcha_failures_total 2`,
		`authgraph_build_info{go="go`, `authgraph_ready 1`, `go_goroutines`, `process_resident_memory_bytes`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "authgraph_") && !strings.HasPrefix(line, "go_") && !strings.HasPrefix(line, "process_") {
			t.Errorf("a metric without our name: %s", line)
		}
	}
}

// TestADatabaseThatIsAway: what only the database knows is missing, and the rest is
// there.
func TestADatabaseThatIsAway(t *testing.T) {
	s := sources()
	away := errors.New("away")
	s.Backlog = func(context.Context) (int, time.Time, error) { return 0, time.Time{}, away }
	s.SignsSince = func(context.Context) (time.Time, error) { return time.Time{}, away }
	s.Ready = func(context.Context) error { return away }
	text := scrape(t, metrics.New(s))
	if strings.Contains(text, "authgraph_outbox_messages ") || strings.Contains(text, "authgraph_signing_key_age_seconds ") {
		t.Error("a value is made up")
	}
	if !strings.Contains(text, "authgraph_ready 0") || !strings.Contains(text, "authgraph_password_hash_queue 7") {
		t.Error("what needs no database is missing")
	}
}

func BenchmarkRequest(b *testing.B) {
	m := metrics.New(sources())
	for b.Loop() {
		m.Request("me", "query", "", time.Millisecond)
		m.Answer("graphql", 200)
	}
}
