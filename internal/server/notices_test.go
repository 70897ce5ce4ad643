package server_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/authgraph/authgraph/internal/origin"
	"github.com/authgraph/authgraph/internal/server"
)

// preflights sends them to a server that has nothing but a log, and returns what
// of the log is no request.
type preflights struct {
	t       *testing.T
	handler http.Handler
	log     logBook
}

func newPreflights(t *testing.T) *preflights {
	p := &preflights{t: t}
	log := slog.New(slog.NewJSONHandler(&p.log, nil))
	p.handler = server.New(server.Options{PublicURL: at(t, publicURL), AllowedOrigins: []origin.Origin{app}, Log: log})
	return p
}

func (p *preflights) ask(from, headers string) {
	r := httptest.NewRequest(http.MethodOptions, "/graphql", nil)
	r.Header = http.Header{"Origin": {from}, "Access-Control-Request-Method": {"POST"}, "Access-Control-Request-Headers": {headers}}
	p.handler.ServeHTTP(httptest.NewRecorder(), r)
}

// told are the notices so far, each as one line of its attributes.
func (p *preflights) told() []string {
	var all []string
	for _, record := range p.log.records(p.t) {
		if record["level"] == "WARN" {
			all = append(all, fmt.Sprint(record["setting"], " ", record["origin"], " ", record["headers"]))
		}
	}
	return all
}

// A front end that does not get through has one line that says which setting it
// lacks; a stranger who tries a million names has twenty.
func TestRefusalsAreLoggedOnceInAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPreflights(t)
		for range 50 {
			p.ask("https://shop.test", "content-type")
			p.ask("https://app.test", "X-Tenant,content-type,x-a")
			p.ask("https://app.test", "x-a,x-tenant")
		}
		want := []string{"AUTHGRAPH_ALLOWED_ORIGINS https://shop.test <nil>", "AUTHGRAPH_ALLOWED_HEADERS https://app.test x-a, x-tenant"}
		if got := p.told(); !slices.Equal(got, want) {
			t.Errorf("the log says %q, want %q", got, want)
		}
		for i := range 10_000 {
			p.ask(fmt.Sprintf("https://evil%d.test", i), "content-type")
			p.ask("https://app.test", fmt.Sprintf("x-evil%d", i))
		}
		if got := p.told(); len(got) != 40 {
			t.Errorf("the log has %d lines, want 20 of each kind", len(got))
		}
		time.Sleep(time.Hour)
		p.ask("https://shop.test", "content-type")
		if got := p.told(); len(got) != 41 || got[40] != want[0] {
			t.Errorf("an hour later the log has %d lines", len(got))
		}
	})
}

// What was sent is not logged as it is: it may be a token, or steer a terminal.
func TestLoggedRefusals(t *testing.T) {
	token := "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIwMWEyMjA1NS01MTMzIn0"
	for from, want := range map[string]string{
		"null":                                  "null",
		"http://localhost:3000":                 "http://localhost:3000",
		"chrome-extension://abcdefgh":           "chrome-extension://abcdefgh",
		"https://" + token:                      "…",
		"https://" + token + ".test":            "…",
		"app://" + token:                        "…",
		"app://x" + strings.ToLower(token[:45]): "…",
		token:                                   "…",
		"Bearer " + token:                       "…",
		"https://x/" + token:                    "…",
		"https://x\r\n{\"forged\":1}":           "…",
		"\x1b[31m":                              "…",
		"https://аpp.test":                      "…",
		strings.Repeat("x", 10_000):             "…",
	} {
		p := newPreflights(t)
		p.ask(from, "content-type")
		if got := p.told(); len(got) != 1 || got[0] != "AUTHGRAPH_ALLOWED_ORIGINS "+want+" <nil>" {
			t.Errorf("%.40q is logged as %q", from, got)
		}
	}
	for headers, want := range map[string]string{
		"x-tenant":                       "x-tenant",
		"X-B,x-a,X-B":                    "x-a, x-b",
		"*":                              "*",
		token:                            "…",
		"x-a," + token + ",x-b":          "x-a, x-b, …",
		"x-a: Bearer y":                  "…",
		"x-a\r\nforged":                  "…",
		"\x1b[31m,\u2028,x\u00a0":        "…",
		"agt_" + strings.Repeat("0", 48): "…",
		strings.Repeat("x", 10_000):      "…",
		strings.Repeat("x-a,", 2_000):    "x-a, …",
	} {
		p := newPreflights(t)
		p.ask("https://app.test", headers)
		if got := p.told(); len(got) != 1 || got[0] != "AUTHGRAPH_ALLOWED_HEADERS https://app.test "+want {
			t.Errorf("%.40q is logged as %q", headers, got)
		}
	}
	p := newPreflights(t)
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprintf("x-%03d", i))
	}
	p.ask("https://app.test", strings.Join(many, ","))
	if got := p.told(); len(got) != 1 || len(got[0]) > 200 || !strings.HasSuffix(got[0], "…") {
		t.Errorf("200 headers are logged as %q", got)
	}
}

// An answer that a page may not read is as puzzling as a refusal.
func TestUnreadableAnswersAreLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.send(http.MethodGet, "/graphql?query={authConfig{id}}", "", header{"Origin", "https://one.test"})
	s.gql(config, nil, header{"Origin", "https://two.test"})
	s.send(http.MethodPost, "/token", "", header{"Origin", "https://three.test"})
	s.gql(config, nil, header{"Origin", "https://app.test"})
	s.gql(config, nil, header{"Origin", publicURL})
	s.gql(config, nil, nil)
	var got []string
	for _, record := range s.log.records(t) {
		if record["level"] == "WARN" {
			got = append(got, fmt.Sprint(record["origin"]))
		}
	}
	if want := []string{"https://one.test", "https://two.test", "https://three.test"}; !slices.Equal(got, want) {
		t.Errorf("the log names %q, want %q", got, want)
	}
}
