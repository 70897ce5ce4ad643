package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/graph/edge"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/origin"
	"github.com/authgraph/authgraph/internal/server"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

const publicURL = "https://auth.example.org"

// app is an allowed origin.
var app = origin.Origin{Scheme: "https", Host: "app.test"}

// site is the public listener's handler on a fresh database.
type site struct {
	*authtest.Env
	handler http.Handler
	log     *logBook
	t       testing.TB
}

// at reads a public URL.
func at(t testing.TB, text string) origin.URL {
	t.Helper()
	u, err := origin.ParseURL(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// newSite serves as in production; an adjustment changes that.
func newSite(t testing.TB, adjust ...func(*server.Options)) *site {
	t.Helper()
	return siteOn(t, authtest.On(t, storetest.SQLite(t)), adjust...)
}

func siteOn(t testing.TB, env *authtest.Env, adjust ...func(*server.Options)) *site {
	t.Helper()
	book := &logBook{}
	log := slog.New(slog.NewJSONHandler(book, &slog.HandlerOptions{Level: slog.LevelDebug}))
	api, err := graph.New(env.Service, graph.Options{Log: log, Observe: func(ctx context.Context, seen edge.Observation) {
		server.Note(ctx, seen.OperationName, seen.OperationType, seen.Codes)
	}})
	if err != nil {
		t.Fatalf("graph.New() = %v", err)
	}
	o := server.Options{
		Auth: env.Service, GraphQL: api, PublicURL: at(t, publicURL), AllowedOrigins: []origin.Origin{app},
		Ready: env.Store.Ready, RequestTime: storetest.Patience, Log: log, AccessLog: book,
	}
	for _, change := range adjust {
		change(&o)
	}
	return &site{Env: env, handler: server.New(o), log: book, t: t}
}

// development serves as on a fresh checkout.
func development(o *server.Options) {
	o.PublicURL = origin.URL{Origin: origin.Origin{Scheme: "http", Host: "localhost", Port: "8080"}}
	o.AllowedOrigins, o.Development = nil, true
}

// listening puts a handler in the place of GraphQL that tells the caller.
func listening(heard *auth.Caller) func(*server.Options) {
	return func(o *server.Options) {
		o.GraphQL = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { *heard = auth.CallerFrom(r.Context()) })
	}
}

// header writes name and value in turn into a request.
type header []string

// send makes a request and returns its answer. Host is the site's own.
func (s *site) send(method, path, body string, h header) *http.Response {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "auth.example.org"
	for i := 0; i < len(h); i += 2 {
		if h[i] == "Host" {
			r.Host = h[i+1]
		}
		r.Header.Add(h[i], h[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Result()
}

// gql posts a document with its variables.
func (s *site) gql(document string, variables map[string]any, h header) *http.Response {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.send(http.MethodPost, "/graphql", string(body), append(header{"Content-Type", "application/json"}, h...))
}

// answer is what GraphQL said.
type answer struct {
	Data   map[string]json.RawMessage
	Errors []struct {
		Message    string
		Extensions map[string]any
	}
}

// code is that of the first error, with its reason.
func (a answer) code() string {
	if len(a.Errors) == 0 {
		return ""
	}
	code, _ := a.Errors[0].Extensions["code"].(string)
	if reason, ok := a.Errors[0].Extensions["reason"].(string); ok {
		code += "/" + reason
	}
	return code
}

func read(t testing.TB, res *http.Response) (body string, a answer) {
	t.Helper()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(raw, &a) // it need not be GraphQL
	return string(raw), a
}

// logBook is a log that can be read.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// records reads the log, of which every line must be one JSON object.
func (l *logBook) records(t testing.TB) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(l.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatalf("the log has a line that is no record: %q", line)
		}
		all = append(all, record)
	}
	return all
}

// requests are the records of requests.
func (l *logBook) requests(t testing.TB) []map[string]any {
	t.Helper()
	var all []map[string]any
	for _, record := range l.records(t) {
		if record["msg"] == "request" {
			all = append(all, record)
		}
	}
	return all
}

const (
	me       = `{ me { email } }`
	config   = `{ authConfig { id } }`
	meConfig = `{ me { email } authConfig { id } }`
	logIn    = `mutation ($email: String!, $password: String!, $delivery: TokenDelivery!) {
		login(input: {email: $email, password: $password, session: {delivery: $delivery}}) {
			auth { accessToken refreshToken session { ipAddress userAgent } } errors { code } } }`
)

// logInAs logs an account in, with its refresh token delivered as said.
func (s *site) logInAs(address, delivery string, h header) *http.Response {
	s.t.Helper()
	return s.gql(logIn, map[string]any{"email": address, "password": authtest.Password, "delivery": delivery}, h)
}
