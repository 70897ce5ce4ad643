package server_test

import (
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/server"
)

// hostile are texts that forge lines of a log, or steer the terminal of
// whoever reads it.
var hostile = []string{
	"a\r\n{\"level\":\"INFO\",\"msg\":\"request\",\"path\":\"/forged\"}", "a\nb", "a\rb", "\x1b[2J\x1b]0;x\x07",
	"\u2028\u2029\u0085", "\u202e\u200b", "\x00\x7f\x9b", "\xff\xfe\xc3\x28", strings.Repeat("x", 70_000), `"},{"`, "%0d%0aX: y",
}

func TestLogIsWholeLines(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sent := 0
	for _, text := range hostile {
		for _, r := range []*http.Request{
			{Method: text, URL: &url.URL{Path: "/healthz"}},
			{Method: http.MethodGet, URL: &url.URL{Path: "/" + text}},
			{Method: http.MethodGet, URL: &url.URL{Path: "/graphql", RawQuery: url.Values{"query": {"query Q { me { id } }"}, "operationName": {text}}.Encode()}},
			{Method: http.MethodGet, URL: &url.URL{Path: "/graphql", RawQuery: text}},
			{Method: http.MethodPost, URL: &url.URL{Path: "/token"}, Header: http.Header{"User-Agent": {text}, "Origin": {text}, "Cookie": {text}}},
			{Method: http.MethodPost, URL: &url.URL{Path: "/graphql"}, Host: text, Header: http.Header{"X-Forwarded-For": {text}, text: {text}, "Authorization": {text}}},
			{Method: http.MethodPost, URL: &url.URL{Path: "/graphql"}, Header: http.Header{"Content-Type": {text}, "X-Request-Id": {text}, "Traceparent": {text}}},
		} {
			r.RemoteAddr, r.Body = "192.0.2.1:5", http.NoBody
			if r.Header == nil {
				r.Header = http.Header{}
			}
			s.handler.ServeHTTP(httptest.NewRecorder(), r)
			sent++
		}
	}
	if got := len(s.log.requests(t)); got != sent {
		t.Errorf("%d lines for %d requests", got, sent)
	}
	for _, r := range s.log.String() {
		if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\u202e' || r == '\ufffd') {
			t.Fatalf("the log holds the raw character %U", r)
		}
	}
	for _, record := range s.log.records(t) {
		if record["path"] == "/forged" {
			t.Error("a line was forged")
		}
		for name, value := range record {
			if text, ok := value.(string); ok && len(text) > 300 {
				t.Errorf("%s has %d bytes", name, len(text))
			}
		}
	}
}

func TestLogLine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.gql(`query WhoAmI { me { id } }`, nil, header{"Authorization", "Bearer junk"})
	s.send(http.MethodGet, "/nowhere?token=canary", "", nil)
	lines := s.log.requests(t)
	for i, want := range []map[string]any{
		{"method": "POST", "path": "/graphql", "status": 200.0, "kind": "query", "operation": "WhoAmI", "client": "192.0.2.1"},
		{"method": "GET", "path": "/nowhere", "status": 404.0, "kind": nil, "client": "192.0.2.1"},
	} {
		for name, value := range want {
			if lines[i][name] != value {
				t.Errorf("line %d says %s %v, want %v", i, name, lines[i][name], value)
			}
		}
	}
	if codes, _ := lines[0]["codes"].([]any); len(codes) != 1 || codes[0] != "UNAUTHENTICATED" {
		t.Errorf("the line says codes %v", lines[0]["codes"])
	}
}

// A path that is none of ours may hold a token: scanners of mail write %23 for #.
func TestLoggedPath(t *testing.T) {
	t.Parallel()
	s := newSite(t, pages)
	mailed, digest := secret.Mint()
	api := "agt_" + strings.Repeat("Ab1", 17)
	jwt := "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIwMWEyMjA1NS01MTMzIn0.XABghymEMGNgg_QxffLCSPexoDEY8pYmQti1QWRqh80M"
	for path, want := range map[string]string{
		"/reset%23token=" + mailed:           "/reset…",
		"/reset%2523token%253D" + mailed:     "/reset…",
		"/reset/%23token=" + mailed:          "/reset/…",
		"/reset%3Ftoken=" + mailed:           "/reset…",
		"/reset&token=" + mailed:             "/reset…",
		"/reset;token=" + mailed:             "/reset…",
		"/reset%20%23token=" + mailed:        "/reset…",
		"/reset%EF%BC%83token=" + mailed:     "/reset…",
		"/reset/" + mailed:                   "/reset/…",
		"/pages/" + mailed + "/x":            "/pages/…",
		"//reset%23token=" + mailed:          "//reset…", // redirected
		"/confirm/token/" + mailed:           "/confirm/token/…",
		"/" + mailed:                         "/…",
		"/graphql/" + api:                    "/graphql/…",
		"/dev/mailbox/" + jwt:                "/dev/mailbox/…",
		"/token=" + jwt[:12]:                 "/token…",
		"/" + hex.EncodeToString(digest):     "/…",
		"/users/ann@example.org":             "/users/ann…",
		"/wp-login.php":                      "/wp-login.php",
		"/.git/config":                       "/.git/config",
		"/.well-known/openid-configuration":  "/.well-known/openid-configuration",
		"/.well-known/change-password":       "/.well-known/change-password",
		"/playground/graphiql.css":           "/playground/graphiql.css",
		"/" + strings.Repeat("a/", 10_000):   "/" + strings.Repeat("a/", 63) + "a…",
		"/01a20012-77b3-783c-ac17-d7521a2d3": "/…",
	} {
		s.log.text.Reset()
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			s.send(method, path, "", nil)
		}
		for _, line := range s.log.requests(t) {
			if line["path"] != want {
				t.Errorf("%.60s is logged as %s, want %s", path, line["path"], want)
			}
		}
		for _, token := range []string{mailed, api, jwt} {
			if strings.Contains(s.log.String(), token[:12]) {
				t.Errorf("%.60s: the log has the token: %s", path, s.log.String())
			}
		}
	}
}

// A bearer anywhere but in its header is none (RFC 6750 section 2.3, RFC 9700
// section 4.3.2), and is not written down by mistake either.
func TestBearerElsewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.Account("ann@example.org").AccessToken
	get := url.Values{"query": {me}, "access_token": {token}, "token": {token}, "authorization": {"Bearer " + token}, "variables": {`{"t":"` + token + `"}`}}
	for name, res := range map[string]*http.Response{
		"in the query":      s.send(http.MethodGet, "/graphql?"+get.Encode(), "", nil),
		"in POST's query":   s.send(http.MethodPost, "/graphql?access_token="+token, `{"query":"{ me { email } }"}`, header{"Content-Type", "application/json"}),
		"in the body":       s.send(http.MethodPost, "/graphql", `{"query":"{ me { email } }","access_token":"`+token+`"}`, header{"Content-Type", "application/json"}),
		"in a variable":     s.gql(`query ($access_token: String) { me { email } }`, map[string]any{"access_token": token}, nil),
		"in an extension":   s.send(http.MethodPost, "/graphql", `{"query":"{ me { email } }","extensions":{"authorization":"Bearer `+token+`"}}`, header{"Content-Type", "application/json"}),
		"in a form":         s.send(http.MethodPost, "/graphql", "access_token="+token, header{"Content-Type", "application/x-www-form-urlencoded"}),
		"in a cookie":       s.gql(me, nil, header{"Cookie", "access_token=" + token + "; Authorization=" + token}),
		"in the user agent": s.gql(me, nil, header{"User-Agent", "Bearer " + token}),
		"for POST /token":   s.send(http.MethodPost, "/token?access_token="+token, "access_token="+token, header{"Content-Type", "application/x-www-form-urlencoded"}),
	} {
		body, a := read(t, res)
		if strings.Contains(body, "ann@example.org") || strings.Contains(body, token) {
			t.Errorf("%s it is taken or echoed: %s", name, body)
		}
		if me, ok := a.Data["me"]; ok && string(me) != "null" {
			t.Errorf("%s it is taken: %s", name, me)
		}
	}
	if strings.Contains(s.log.String(), token) {
		t.Error("the log holds the token")
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *server.Options) {
		o.Playground = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			if r.URL.Path != "/" {
				w.WriteHeader(http.StatusOK)
			}
			panic("the cause, at store.go:17")
		})
	})
	res := s.send(http.MethodGet, "/", "", nil)
	body, a := read(t, res)
	if res.StatusCode != http.StatusInternalServerError || a.code() != "INTERNAL_SERVER_ERROR" || strings.Contains(body, "store.go") || res.Header.Get("Content-Length") != "" {
		t.Errorf("%d %v %s", res.StatusCode, res.Header, body)
	}
	id, records := res.Header.Get("X-Request-Id"), s.log.records(t)
	if len(records) != 2 || records[0]["msg"] != "panic" || records[0]["request"] != id || records[1]["id"] != id || records[1]["status"] != 500.0 {
		t.Errorf("the log says %v", records)
	}
	defer func() {
		if got := recover(); got != any(http.ErrAbortHandler) {
			t.Errorf("an answer that has begun goes on: %v", got)
		}
		if last := s.log.requests(t)[1]; last["path"] != "/playground/x" {
			t.Errorf("an answer that is cut off is not in the log: %v", last)
		}
	}()
	s.send(http.MethodGet, "/playground/x", "", nil)
}
