package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rogpeppe/go-internal/testscript"
)

// hookSecret signs what the story's servers ask the application.
const hookSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"

// application is the operator's, as a story lets it answer.
type application struct {
	server *httptest.Server

	mu      sync.Mutex
	answers map[string]string // by hook
	asked   map[string]int
	last    map[string]string
	forged  bool // a message with a bad signature came
	gone    chan struct{}
}

// application HOOK[:onFailure]… starts the application, which answers {} to these
// hooks, and names them in a file for the next server.
func (s *story) application(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 0, "application HOOK[:onFailure]…")
	a := &application{answers: map[string]string{}, asked: map[string]int{}, last: map[string]string{}, gone: make(chan struct{})}
	a.server = httptest.NewServer(a)
	s.operator = a
	s.secrets.add(hookSecret)
	hooks := map[string]any{}
	ts.Check(os.WriteFile(ts.MkAbs("hook.secret"), []byte(hookSecret+"\n"), 0o600))
	for _, arg := range args {
		name, failure, some := strings.Cut(arg, ":")
		hook := map[string]any{"url": a.server.URL + "/" + name, "secretFile": ts.MkAbs("hook.secret"), "timeout": "3s"}
		if some {
			hook["onFailure"] = failure
		}
		hooks[name] = hook
	}
	text, err := json.Marshal(hooks)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("hooks.json"), text, 0o600))
	ts.Setenv("OPERATOR", a.server.URL)
	ts.Setenv("AUTHGRAPH_HOOKS", ts.MkAbs("hooks.json"))
}

func (a *application) stop() {
	close(a.gone)
	a.server.CloseClientConnections()
	a.server.Close()
}

// replies HOOK BODY|STATUS|hangs|redirects|html|megabyte says how a hook is answered
// from now on.
func (s *story) replies(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2 && s.operator != nil, "replies HOOK ANSWER, after application")
	s.operator.mu.Lock()
	defer s.operator.mu.Unlock()
	s.operator.answers[args[0]] = args[1]
}

// asked HOOK N checks how often a hook was asked since the last time, and prints
// the last question.
func (s *story) asked(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 2 && s.operator != nil, "asked HOOK N, after application")
	s.operator.mu.Lock()
	defer s.operator.mu.Unlock()
	if got := strconv.Itoa(s.operator.asked[args[0]]); got != args[1] {
		ts.Fatalf("the hook %s was asked %s times, want %s", args[0], got, args[1])
	}
	if s.operator.forged {
		ts.Fatalf("a message was not signed as Standard Webhooks says")
	}
	s.operator.asked[args[0]] = 0
	fmt.Fprintln(ts.Stdout(), s.operator.last[args[0]])
}

// ServeHTTP notes the question and answers as it was told.
func (a *application) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	body, err := io.ReadAll(r.Body)
	verifier, _ := standardwebhooks.NewWebhook(hookSecret) // the secret is a good one
	a.mu.Lock()
	// A story's clock may be turned, but not that of the program's hooks.
	a.forged = a.forged || err != nil || name != "captcha" && verifier.Verify(body, r.Header) != nil
	a.asked[name]++
	a.last[name] = string(body)
	answer := a.answers[name]
	a.mu.Unlock()
	if status, err := strconv.Atoi(answer); err == nil {
		w.WriteHeader(status)
		return
	}
	switch answer {
	case "":
		answer = `{}`
		if name == "claims" {
			answer = `{"claims":{}}`
		}
	case "hangs":
		select {
		case <-r.Context().Done():
		case <-a.gone:
		}
		return
	case "redirects":
		http.Redirect(w, r, a.server.URL+"/elsewhere", http.StatusFound)
		return
	case "html":
		w.Header().Set("Content-Type", "text/html")
	case "megabyte":
		answer = `{"claims":{"a":"` + strings.Repeat("x", 1<<20) + `"}}`
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	_, _ = io.WriteString(w, answer) // the server may have gone
}
