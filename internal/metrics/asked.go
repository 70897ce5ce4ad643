package metrics

import (
	"context"
	"database/sql"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Sources are asked when Prometheus comes.
type Sources struct {
	Version string
	Now     func() time.Time
	// Hashes says how many passwords are being hashed and how many wait.
	Hashes func() (running, waiting int)
	// Deliveries are what became of e-mails since the start, by outcome.
	Deliveries func() map[string]uint64
	// Backlog is how many e-mails wait, and since when the oldest does. It asks
	// the database.
	Backlog func(context.Context) (waiting int, oldest time.Time, err error)
	// SignsSince is when the key that signs was made. It asks the database.
	SignsSince func(context.Context) (time.Time, error)
	// Callers are lookups of the caller cache, and whether it is trusted.
	Callers func() (hits, misses uint64, trusted bool)
	// HookFailures are failures since the start, of each hook of the application that
	// there is. CaptchaFailures are those of the CAPTCHA's provider.
	HookFailures    func() map[string]uint64
	CaptchaFailures func() uint64
	// Connections are those to the database.
	Connections func() sql.DBStats
	// Paused says of each provider whether it is not asked for a while, since it has
	// failed several times.
	Paused func() map[string]bool
	// Ready says whether requests should come here.
	Ready func(context.Context) error
}

// askTime is how long the database may take to answer.
const askTime = 3 * time.Second

var (
	buildInfo     = describe("build_info", "Always 1; the labels say what runs.", "version", "go")
	ready         = describe("ready", "Whether requests should come here, as /readyz says.")
	hashesRunning = describe("password_hashes_running", "Passwords that are being hashed.")
	hashQueue     = describe("password_hash_queue", "Passwords that wait for their turn to be hashed.")
	deliveries    = describe("outbox_deliveries_total", "What became of e-mails since the start.", "outcome")
	outboxWaiting = describe("outbox_messages", "E-mails that wait to be sent, of all replicas.")
	outboxOldest  = describe("outbox_oldest_age_seconds", "How long the oldest of them has waited; 0 if none waits.")
	keyAge        = describe("signing_key_age_seconds", "Age of the key that signs access tokens.")
	lookups       = describe("caller_cache_lookups_total", "Requests with a credential, by whether memory or the database knew its holder.", "result")
	cacheTrusted  = describe("caller_cache_trusted", "Whether every revocation is heard of, so that memory may answer.")
	hookFailures  = describe("hook_failures_total", "Questions to a hook of the application that it did not answer as it must.", "hook")
	captchaFails  = describe("captcha_failures_total", "Questions to the CAPTCHA's provider that it did not answer as it must.")
	paused        = describe("provider_paused", "Whether a provider is not asked for a while, since it has failed several times.", "provider")
	connections   = describe("db_connections", "Connections to the database that writes.", "state")
	dbWaits       = describe("db_connection_waits_total", "Waits for a connection because all were in use.")
	dbWaited      = describe("db_connection_wait_seconds_total", "How long these waits took.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("authgraph_"+name, help, labels, nil)
}

// asked are the collectors of Sources. Each asks by itself, so that what the
// database does not answer is missing alone.
func asked(s Sources) []prometheus.Collector {
	return []prometheus.Collector{
		collector{[]*prometheus.Desc{buildInfo, hashesRunning, hashQueue, deliveries, lookups, cacheTrusted, hookFailures, captchaFails, paused, connections, dbWaits, dbWaited}, s.memory},
		collector{[]*prometheus.Desc{outboxWaiting, outboxOldest}, s.outbox},
		collector{[]*prometheus.Desc{keyAge}, s.keys},
		collector{[]*prometheus.Desc{ready}, s.readiness},
	}
}

// collector asks when it is asked.
type collector struct {
	describes []*prometheus.Desc
	ask       func(ctx context.Context, tell teller)
}

// Describe names what Collect tells.
func (c collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.describes {
		to <- d
	}
}

// Collect tells the values of this moment.
func (c collector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	c.ask(ctx, teller{to})
}

type teller struct{ to chan<- prometheus.Metric }

func (t teller) gauge(d *prometheus.Desc, value float64, labels ...string) {
	t.to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func (t teller) counter(d *prometheus.Desc, value float64, labels ...string) {
	t.to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, value, labels...)
}

func (t teller) truth(d *prometheus.Desc, is bool, labels ...string) {
	value := 0.0
	if is {
		value = 1
	}
	t.gauge(d, value, labels...)
}

func (s Sources) memory(_ context.Context, tell teller) {
	tell.gauge(buildInfo, 1, s.Version, runtime.Version())
	running, waiting := s.Hashes()
	tell.gauge(hashesRunning, float64(running))
	tell.gauge(hashQueue, float64(waiting))
	for outcome, n := range s.Deliveries() {
		tell.counter(deliveries, float64(n), outcome)
	}
	hits, misses, trusted := s.Callers()
	tell.counter(lookups, float64(hits), "hit")
	tell.counter(lookups, float64(misses), "miss")
	tell.truth(cacheTrusted, trusted)
	for hook, n := range s.HookFailures() {
		tell.counter(hookFailures, float64(n), hook)
	}
	tell.counter(captchaFails, float64(s.CaptchaFailures()))
	for provider, is := range s.Paused() {
		tell.truth(paused, is, provider)
	}
	c := s.Connections()
	tell.gauge(connections, float64(c.InUse), "in_use")
	tell.gauge(connections, float64(c.Idle), "idle")
	tell.gauge(connections, float64(c.MaxOpenConnections), "max")
	tell.counter(dbWaits, float64(c.WaitCount))
	tell.counter(dbWaited, c.WaitDuration.Seconds())
}

func (s Sources) outbox(ctx context.Context, tell teller) {
	waiting, oldest, err := s.Backlog(ctx)
	if err != nil {
		return // authgraph_ready says that the database does not answer
	}
	age := 0.0
	if !oldest.IsZero() {
		age = max(0, s.Now().Sub(oldest).Seconds())
	}
	tell.gauge(outboxWaiting, float64(waiting))
	tell.gauge(outboxOldest, age)
}

func (s Sources) keys(ctx context.Context, tell teller) {
	if since, err := s.SignsSince(ctx); err == nil {
		tell.gauge(keyAge, max(0, s.Now().Sub(since).Seconds()))
	}
}

func (s Sources) readiness(ctx context.Context, tell teller) { tell.truth(ready, s.Ready(ctx) == nil) }
