// Package metrics is what Prometheus reads of a server. It owns every name and
// every label, and knows nothing of the packages that it counts for: they call
// its functions, or hand it functions to ask.
//
//	metrics.go  the registry, and what is counted as it happens
//	handles.go  counters that are found quickly
//	asked.go    what is asked when Prometheus comes
//
// The values of each label come from a closed set. No name that a client sends,
// no address and no id is ever a label.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	requests      *handles[request]
	duration      *prometheus.HistogramVec
	answers       *handles[answer]
	events        *prometheus.CounterVec
	limited       *prometheus.CounterVec
	providers     *prometheus.CounterVec
	hashWait      prometheus.Histogram
	hashDuration  prometheus.Histogram
	durationKinds map[string]prometheus.Observer
}

// requestBuckets are seconds: a query is answered in a tenth of a millisecond, and a
// login in the time of a hash.
var requestBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// hashBuckets are seconds.
var hashBuckets = []float64{.005, .01, .02, .04, .08, .16, .32, .64, 1.28, 2.56, 5.12}

// New makes the metrics of a server.
func New(s Sources) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "authgraph_graphql_request_duration_seconds", Help: "Time of GraphQL requests.", Buckets: requestBuckets,
		}, []string{"kind"}),
		events:       counters("auth_events_total", "Events of the audit log by outcome.", "event", "outcome"),
		limited:      counters("rate_limited_total", "Attempts that a limit refused.", "limit"),
		providers:    counters("provider_requests_total", "Requests to the providers with which people log in, by what came of them.", "provider", "result"),
		hashWait:     histogram("password_hash_wait_seconds", "How long passwords waited for their turn to be hashed."),
		hashDuration: histogram("password_hash_duration_seconds", "How long hashing a password took."),
	}
	requests := counters("graphql_requests_total", "GraphQL requests by root field, kind of operation and code of the first error.", "field", "kind", "code")
	m.requests = newHandles(func(r request) prometheus.Counter {
		return requests.WithLabelValues(orNone(r.field), orNone(r.kind), r.code)
	})
	answers := counters("http_responses_total", "HTTP answers by route and status.", "route", "status")
	m.answers = newHandles(func(a answer) prometheus.Counter { return answers.WithLabelValues(a.route, strconv.Itoa(a.status)) })
	m.registry.MustRegister(
		requests, m.duration, answers, m.events, m.limited, m.providers, m.hashWait, m.hashDuration,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.registry.MustRegister(asked(s)...)
	m.durationKinds = map[string]prometheus.Observer{}
	for _, kind := range []string{"query", "mutation", ""} {
		m.durationKinds[kind] = m.duration.WithLabelValues(orNone(kind))
	}
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "authgraph_" + name, Help: help}, labels)
}

func histogram(name, help string) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: "authgraph_" + name, Help: help, Buckets: hashBuckets})
}

// Request counts a GraphQL request. field is a root field of the schema, or empty
// where there is none, or more than one; kind is query, mutation or empty; code is
// that of the first error, or empty.
func (m *Metrics) Request(field, kind, code string, took time.Duration) {
	if code == "" {
		code = "ok"
	}
	m.requests.inc(request{field, kind, code})
	if observer := m.durationKinds[kind]; observer != nil {
		observer.Observe(took.Seconds())
	}
}

// Answer counts an HTTP answer. route is one of the server's.
func (m *Metrics) Answer(route string, status int) {
	m.answers.inc(answer{route, status})
}

// request and answer are the labels of what comes most often.
type (
	request struct{ field, kind, code string }
	answer  struct {
		route  string
		status int
	}
)

// Event counts an event of the audit log.
func (m *Metrics) Event(event, outcome string) { m.events.WithLabelValues(event, outcome).Inc() }

// Limited counts a refusal of a limit, by the limit's name.
func (m *Metrics) Limited(limit string) { m.limited.WithLabelValues(limit).Inc() }

// Provider counts a request to a provider of the settings.
func (m *Metrics) Provider(provider, result string) {
	m.providers.WithLabelValues(provider, result).Inc()
}

// Hashed counts a password that was hashed.
func (m *Metrics) Hashed(waited, took time.Duration) {
	m.hashWait.Observe(waited.Seconds())
	m.hashDuration.Observe(took.Seconds())
}

// Handler serves the metrics in Prometheus' formats.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

func orNone(value string) string {
	if value == "" {
		return "none"
	}
	return value
}
