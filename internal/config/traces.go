package config

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/authgraph/authgraph/internal/trace"
)

// traces reads OpenTelemetry's own variables. They keep their names, because
// operators set them in the same way for all their programs. Those that the SDK reads by
// itself (OTEL_BSP_…, OTEL_SPAN_…) need nothing here.
type traces struct {
	r   *reader
	env map[string]string
}

// readTraces leaves Traces without an endpoint unless one is set.
func readTraces(r *reader, c *Config, environ []string) {
	t := traces{r, map[string]string{}}
	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "OTEL_") {
			t.env[name] = value
		}
	}
	if strings.EqualFold(t.env["OTEL_SDK_DISABLED"], "true") || t.env["OTEL_TRACES_EXPORTER"] == "none" {
		return
	}
	endpoint, name := t.endpoint()
	if endpoint == "" {
		return
	}
	t.protocol()
	c.Traces = trace.Options{
		Endpoint: t.url(name, endpoint), Header: t.header(), Timeout: t.timeout(), Client: t.client(),
		Resource: t.resource(), Sampler: t.sampler(),
	}
}

func (t traces) wrong(name, format string, args ...any) {
	t.r.mistakes = append(t.r.mistakes, Mistake{Name: name, Text: fmt.Sprintf(format, args...), index: len(t.r.fields)})
}

// of is the variable for traces, or else for everything, and its name.
func (t traces) of(rest string) (value, name string) {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_" + rest, "OTEL_EXPORTER_OTLP_" + rest} {
		if value := strings.TrimSpace(t.env[name]); value != "" {
			return value, name
		}
	}
	return "", ""
}

// endpoint is where spans go: the variable for traces names the whole URL, the other
// one what /v1/traces is below.
func (t traces) endpoint() (value, name string) {
	value, name = t.of("ENDPOINT")
	if name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
		value = strings.TrimSuffix(value, "/") + "/v1/traces"
	}
	return value, name
}

func (t traces) url(name, text string) *url.URL {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		t.wrong(name, "is not a URL such as http://localhost:4318")
		return nil
	}
	return u
}

// protocol refuses what is not spoken. Receivers take JSON and protobuf at the same
// address.
func (t traces) protocol() {
	switch value, name := t.of("PROTOCOL"); value {
	case "", "http/json":
	case "http/protobuf":
		t.wrong(name, "spans are sent as JSON, which receivers take at the same address; write http/json")
	default:
		t.wrong(name, "spans are sent over HTTP as JSON; write http/json, and the receiver's address for HTTP, often port 4318")
	}
}

func (t traces) header() http.Header {
	text, name := t.of("HEADERS")
	header := http.Header{}
	for key, value := range t.pairs(name, text) {
		if !httpguts.ValidHeaderFieldName(key) || !httpguts.ValidHeaderFieldValue(value) {
			t.wrong(name, "has a member that cannot be a header")
			continue
		}
		header.Set(key, value)
	}
	return header
}

// pairs reads key=value,key=value with values in percent encoding (W3C Baggage).
// Mistakes quote nothing: a value may be a key.
func (t traces) pairs(name, text string) map[string]string {
	pairs := map[string]string{}
	for item := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(item) == "" {
			continue
		}
		key, value, found := strings.Cut(item, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if key = strings.TrimSpace(key); !found || key == "" || err != nil {
			t.wrong(name, "is not a list such as key=value,other=value, with %%20 for a space")
			return nil
		}
		pairs[key] = value
	}
	return pairs
}

func (t traces) timeout() time.Duration {
	text, name := t.of("TIMEOUT")
	ms, err := strconv.Atoi(cmp.Or(text, "10000"))
	if err != nil || ms < 1 || ms > 600_000 {
		t.wrong(name, "is not a number of milliseconds between 1 and 600000")
	}
	return time.Duration(ms) * time.Millisecond
}

// client trusts the authority of a file, if one is named, and none else.
func (t traces) client() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:errcheck,forcetypeassert // the standard library makes it
	path, name := t.of("CERTIFICATE")
	if path != "" {
		pool := x509.NewCertPool()
		text, err := readFile(path, maxFile)
		if err == nil && !pool.AppendCertsFromPEM(text) {
			err = errors.New("the file has no certificate in PEM form")
		}
		if err != nil {
			t.wrong(name, "%s", err)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport}
}

func (t traces) resource() map[string]string {
	set := t.pairs("OTEL_RESOURCE_ATTRIBUTES", t.env["OTEL_RESOURCE_ATTRIBUTES"])
	if set == nil {
		set = map[string]string{}
	}
	set["service.name"] = cmp.Or(t.env["OTEL_SERVICE_NAME"], set["service.name"], "authgraph")
	return set
}

// samplers are those of the specification that need no service elsewhere.
var samplers = map[string]trace.Sampler{
	"always_on":                {Ratio: 1, Own: true},
	"always_off":               {Own: true},
	"traceidratio":             {Own: true},
	"parentbased_always_on":    {Ratio: 1},
	"parentbased_always_off":   {},
	"parentbased_traceidratio": {},
}

func (t traces) sampler() trace.Sampler {
	const name = "OTEL_TRACES_SAMPLER"
	word := cmp.Or(strings.ToLower(t.env[name]), "parentbased_always_on")
	s, known := samplers[word]
	if !known {
		t.wrong(name, "is none of %s", strings.Join(slices.Sorted(maps.Keys(samplers)), ", "))
	}
	if strings.HasSuffix(word, "traceidratio") {
		ratio, err := strconv.ParseFloat(cmp.Or(t.env[name+"_ARG"], "1"), 64)
		if err != nil || !(ratio >= 0 && ratio <= 1) {
			t.wrong(name+"_ARG", "is not a number between 0 and 1")
		}
		s.Ratio = ratio
	}
	return s
}
