package config

import (
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/trace"
)

// TestTraces reads OpenTelemetry's variables as its specification has them.
func TestTraces(t *testing.T) {
	for _, try := range []struct {
		name, endpoint string
		env            []string
	}{
		{"none", "", nil},
		{"what /v1/traces is below", "http://collector:4318/v1/traces", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318/"}},
		{"a whole URL", "https://x.example/in", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://x.example/in"}},
		{"off", "", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", "OTEL_SDK_DISABLED=true"}},
		{"no exporter", "", []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", "OTEL_TRACES_EXPORTER=none"}},
		{"nonsense without an endpoint", "", []string{"OTEL_TRACES_SAMPLER=x"}},
	} {
		t.Run(try.name, func(t *testing.T) {
			got := ""
			if o := load(t, try.env...).Traces; o.Endpoint != nil {
				got = o.Endpoint.String()
			}
			if got != try.endpoint {
				t.Errorf("spans go to %q, want %q", got, try.endpoint)
			}
		})
	}
	o := load(t, "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "OTEL_EXPORTER_OTLP_HEADERS=api-key=a%20b,x=1", "OTEL_EXPORTER_OTLP_TIMEOUT=250",
		"OTEL_SERVICE_NAME=accounts", "OTEL_RESOURCE_ATTRIBUTES=service.name=other,deployment.environment.name=test",
		"OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.25").Traces
	if o.Header.Get("Api-Key") != "a b" || o.Header.Get("X") != "1" || o.Timeout != 250*time.Millisecond {
		t.Errorf("header %v, timeout %s", o.Header, o.Timeout)
	}
	if o.Resource["service.name"] != "accounts" || o.Resource["deployment.environment.name"] != "test" {
		t.Errorf("resource %v", o.Resource)
	}
	if o.Sampler != (trace.Sampler{Ratio: 0.25}) {
		t.Errorf("sampler %+v", o.Sampler)
	}
}

// TestTracesThatCannotBe: mistakes are told at the start, without a key.
func TestTracesThatCannotBe(t *testing.T) {
	for name, env := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT: is not a URL":             "OTEL_EXPORTER_OTLP_ENDPOINT=collector:4318",
		"OTEL_EXPORTER_OTLP_PROTOCOL: spans are sent over HTTP": "OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
		"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: spans are sent as": "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf",
		"OTEL_EXPORTER_OTLP_HEADERS: is not a list":             "OTEL_EXPORTER_OTLP_HEADERS=hidden",
		"OTEL_EXPORTER_OTLP_HEADERS: has a member":              "OTEL_EXPORTER_OTLP_HEADERS=a=hidden%0d%0ahost: x",
		"OTEL_EXPORTER_OTLP_TIMEOUT: is not a number":           "OTEL_EXPORTER_OTLP_TIMEOUT=10s",
		"OTEL_EXPORTER_OTLP_CERTIFICATE: ":                      "OTEL_EXPORTER_OTLP_CERTIFICATE=/nowhere",
		"OTEL_TRACES_SAMPLER: is none of always_off, always_on": "OTEL_TRACES_SAMPLER=jaeger_remote",
		"OTEL_RESOURCE_ATTRIBUTES: is not a list":               "OTEL_RESOURCE_ATTRIBUTES=x",
	} {
		_, _, err := Load(nil, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", env})
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v, want %s", env, err, name)
		}
	}
	_, _, err := Load(nil, []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=NaN"})
	if err == nil || !strings.Contains(err.Error(), "OTEL_TRACES_SAMPLER_ARG: is not a number between 0 and 1") {
		t.Error(err)
	}
}
