package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	body   []byte
	// Of GraphQL alone: the operation's name, and what the body holds.
	operation string
	json      graphqlAnswer
}

type graphqlAnswer struct {
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
}

// client keeps no cookies and follows no redirects: a story says what it sends.
var client = &http.Client{
	Timeout:       patience,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100},
}

// message is a request as a script writes it.
type message struct {
	method, path string
	header       http.Header
	body         string
	at           string // a base URL; $URL if empty
}

func (s *story) send(ts *testscript.TestScript, m message) *answer {
	if m.at == "" {
		s.mustRun(ts)
		m.at = ts.Getenv("URL")
	}
	a, err := m.exchange()
	ts.Check(err)
	return a
}

func (m message) exchange() (*answer, error) {
	r, err := http.NewRequest(m.method, m.at+m.path, strings.NewReader(m.body))
	if err != nil {
		return nil, err
	}
	r.Header = m.header.Clone()
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
		r.Header.Del("Host")
	}
	res, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return &answer{status: res.StatusCode, header: res.Header, body: body}, err
}

// http METHOD PATH [Header:value]… [BODY] sends what it is told, and nothing
// else. A body of @NAME is a file's; a path that begins with $ADMIN is one of
// the operator's listener.
func (s *story) http(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) > 1, "http METHOD PATH [Header:value]… [BODY]")
	m := message{method: args[0], path: args[1], header: http.Header{}}
	if admin := ts.Getenv("ADMIN"); admin != "" && strings.HasPrefix(m.path, admin+"/") {
		m.at, m.path = admin, m.path[len(admin):]
	}
	for i, arg := range args[2:] {
		if h := headerForm.FindStringSubmatch(arg); h != nil {
			m.header[h[1]] = append(m.header[h[1]], h[2])
			continue
		}
		usage(ts, i == len(args)-3, "http METHOD PATH [Header:value]… [BODY]")
		m.body = arg
		if name, isFile := strings.CutPrefix(arg, "@"); isFile {
			m.body = ts.ReadFile(name)
		}
	}
	s.last = s.send(ts, m)
	if m.at == "" {
		s.last.check(ts)
	}
	var body any
	_ = json.Unmarshal(s.last.body, &body) // it need not be JSON
	s.secrets.collect(body)
	fmt.Fprintf(ts.Stdout(), "%s", s.last.body)
}
