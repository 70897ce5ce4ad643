package graph_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/authtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// Everything that can be asked for of a type.
const (
	everySession  = `__typename id current deviceName userAgent program ipAddress createdAt lastUsedAt authenticatedAt expiresAt endsAt`
	everyAPIToken = `__typename id name hint scopes createdAt expiresAt lastUsedAt`
	everyUser     = `__typename id email username pendingEmail confirmedAt createdAt updatedAt ` +
		`sessions { ` + everySession + ` } apiTokens { ` + everyAPIToken + ` }`
)

// TestTooMuchAtOnce: a request for too large an answer is refused before
// anything takes effect. It is not a fault of the server, so nothing is logged.
func TestTooMuchAtOnce(t *testing.T) {
	l := newLargest(t)
	l.wantWhole(t)
	all := lists(15, `sessions { `+everySession+` }`)
	for name, document := range map[string]string{
		"a mutation that takes effect":  `mutation { logout(input: { scope: OTHERS }) { ` + all + ` } }`,
		"a query":                       `{ me { ` + all + ` } }`,
		"a query of many accounts":      `{ ` + lists(4, `me { ...F }`) + ` } fragment F on User { ` + lists(4, `sessions { id }`) + ` }`,
		"a mutation, through its login": `mutation { refresh { auth { user { ` + all + ` } } } }`,
		"API tokens":                    `{ me { ` + lists(15, `apiTokens { `+everyAPIToken+` }`) + ` } }`,
	} {
		t.Run(name, func(t *testing.T) {
			const want = `{"errors":[{"message":"The operation asks for too much at once.",` +
				`"locations":[{"line":1,"column":1}],"extensions":{"code":"COMPLEXITY_LIMIT_EXCEEDED"}}]}`
			if got := l.post(t, l.owner, document).raw; got != want {
				t.Errorf("answer %.300s\nwant %s", got, want)
			}
		})
	}
	l.wantWhole(t)
	if l.log.Len() > 0 {
		t.Errorf("the log tells of it: %.300s", l.log.String())
	}
}

// TestLargestAnswer asks for the longest text under the longest names, as often
// as the limits allow: 15 aliases leave 2,200 of 2,500 fields for it. The
// answer stays within its limit.
func TestLargestAnswer(t *testing.T) {
	l := newLargest(t)
	got := l.post(t, l.owner, `{ me { sessions { ...F } b: sessions { ...F } } } fragment F on Session { `+longest(11)+` }`)
	if least := 2200 * 770; len(got.Errors) > 0 || len(got.raw) < least {
		t.Errorf("answer of %d bytes, want at least %d: %.300s", len(got.raw), least, got.raw)
	}
}

// TestClientsAskForLess: a request for everything about an account is allowed,
// even with a second list. So is everything that the examples, the pages and
// the playground ask for.
func TestClientsAskForLess(t *testing.T) {
	l := newLargest(t)
	for _, document := range []string{
		`{ me { ` + everyUser + ` again: sessions { id current deviceName lastUsedAt } } authConfig { apiTokenScopes errorCodes } }`,
		`mutation { logout(input: { scope: OTHERS }) { sessions { ` + everySession + ` } errors { __typename code message field } } }`,
	} {
		if got := l.post(t, l.owner, document); len(got.Errors) > 0 {
			t.Errorf("%s: %.300s", document, got.raw)
		}
	}
	// Trusted documents meet every bound when the server starts.
	if _, err := graph.New(l.Service, graph.Options{Introspection: true, Trusted: clientDocuments(t)}); err != nil {
		t.Error(err)
	}
}

// clientDocuments are what our own clients send.
func clientDocuments(t *testing.T) map[string]string {
	t.Helper()
	documents := map[string]string{}
	files, err := filepath.Glob("../web/pages/*.graphql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		documents[file] = read(t, file)
	}
	for _, file := range []string{"../examples/react/src/gql/persisted-documents.json", "../web/hosted/dist/documents.json"} {
		if err := json.Unmarshal([]byte(read(t, file)), &documents); err != nil {
			t.Fatal(err)
		}
	}
	tour := read(t, "../web/playground/tour.js")
	for i, match := range regexp.MustCompile("(?s)tab\\(`(.*?)`").FindAllStringSubmatch(tour, -1) {
		documents[fmt.Sprint("tour ", i)] = match[1]
	}
	if len(documents) < 10 {
		t.Errorf("%d documents of clients; where are they?", len(documents))
	}
	return documents
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// largest is an account with as much of everything as the domain allows. Each
// text is as long as possible.
type largest struct {
	api
	most  map[string]int // the numbers that the limits assume
	log   bytes.Buffer
	owner auth.Caller
}

func newLargest(t *testing.T, edit ...func(*graph.Options)) *largest {
	t.Helper()
	env := authtest.On(t, storetest.SQLite(t))
	l := &largest{api: api{Env: env}, most: graph.Elements(len(env.APITokenScopes()))}
	o := graph.Options{Log: slog.New(slog.NewJSONHandler(&l.log, nil))}
	for _, f := range edit {
		f(&o)
	}
	var err error
	if l.handler, err = graph.New(env.Service, o); err != nil {
		t.Fatal(err)
	}
	const address = "ann@example.org"
	l.Account(address)
	l.owner = l.fill(t, address)
	return l
}

// fill begins one session more than there are places, and uses every place for
// an API token. More are refused.
func (l *largest) fill(t *testing.T, address string) auth.Caller {
	t.Helper()
	device := strings.Repeat("𝕏", 64)
	c := authtest.Anyone()
	c.UserAgent = strings.Repeat(`"`, 256)
	var last *auth.Login
	for range l.most["sessions"] + 1 {
		login, err := l.Login(t.Context(), c, auth.LoginInput{
			Email: &address, Password: authtest.Password, Session: &auth.SessionInput{DeviceName: &device},
		})
		if err != nil {
			t.Fatalf("Login() = %v", err)
		}
		last = login.Login
	}
	owner := l.As(last.AccessToken)
	in := auth.IssueAPITokenInput{Name: device, Scopes: l.APITokenScopes()}
	for range l.most["apiTokens"] {
		if _, err := l.IssueAPIToken(t.Context(), owner, in); err != nil {
			t.Fatalf("IssueAPIToken() = %v", err)
		}
	}
	if _, err := l.IssueAPIToken(t.Context(), owner, in); !errors.Is(err, &auth.Error{Code: auth.LimitReached}) {
		t.Errorf("IssueAPIToken() = %v with %d already, want LIMIT_REACHED", err, l.most["apiTokens"])
	}
	return owner
}

// lists are n aliases of one list.
func lists(n int, field string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "a%d: %s ", i, field)
	}
	return s.String()
}

// longest are n fields with the longest text of the domain, under the longest
// kind of name.
func longest(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "%s%02d: userAgent ", strings.Repeat("a", 254), i)
	}
	return s.String()
}

// wantWhole asks for the number of sessions and API tokens. It must be what the
// limits assume.
func (l *largest) wantWhole(t *testing.T) {
	t.Helper()
	var got struct {
		Data struct {
			Me struct{ Sessions, APITokens []any }
		}
	}
	raw := l.post(t, l.owner, `{ me { sessions { id } apiTokens { id } } }`).raw
	if err := json.Unmarshal([]byte(raw), &got); err != nil {
		t.Fatal(err)
	}
	if n := len(got.Data.Me.Sessions); n != l.most["sessions"] {
		t.Errorf("%d sessions, want %d", n, l.most["sessions"])
	}
	if n := len(got.Data.Me.APITokens); n != l.most["apiTokens"] {
		t.Errorf("%d API tokens, want %d", n, l.most["apiTokens"])
	}
}
