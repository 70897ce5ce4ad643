package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/server"
)

// serve starts Serve and returns its address, what ends it, and what it
// returned.
func serve(t *testing.T, h http.Handler) (address string, stop func(), ended <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		result <- server.Serve(ctx, l, h, server.Connections{Log: slog.New(slog.DiscardHandler), H2C: true})
	}()
	t.Cleanup(cancel)
	return l.Addr().String(), cancel, result
}

// raw sends bytes as they are, and returns the connection and its answers.
func raw(t *testing.T, address, text string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", address) //nolint:noctx // loopback
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

func TestServeDrains(t *testing.T) {
	t.Parallel()
	began, finish := make(chan struct{}), make(chan struct{})
	address, stop, ended := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(began)
			<-finish
		}
		fmt.Fprint(w, r.URL.Path)
	}))
	_, idle := raw(t, address, "GET /idle HTTP/1.1\r\nHost: x\r\n\r\n")
	res, err := http.ReadResponse(idle, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	_, slow := raw(t, address, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
	<-began
	stop()
	if _, err := idle.ReadByte(); err != io.EOF {
		t.Errorf("the idle connection is still open: %v", err)
	}
	if c, err := net.Dial("tcp", address); err == nil { //nolint:noctx // loopback
		c.Close()
		t.Error("a new connection is taken")
	}
	select {
	case err := <-ended:
		t.Fatalf("Serve() = %v while a request is under way", err)
	default:
	}
	close(finish)
	res, err = http.ReadResponse(slow, nil)
	if err != nil {
		t.Fatalf("the request under way: %v", err)
	}
	if body, err := io.ReadAll(res.Body); string(body) != "/slow" || err != nil {
		t.Errorf("the request under way is answered %q, %v", body, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve() = %v", err)
	}
}

func TestServeOnAClosedListener(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := server.Serve(t.Context(), l, http.NotFoundHandler(), server.Connections{Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("Serve() = nil")
	}
}

func TestServeBoundsHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address, _, _ := serve(t, s.handler)
	big := strings.Repeat("authorization,", 1<<20/14)
	for name, test := range map[string]struct {
		request string
		want    int
	}{
		"a preflight with a header of 1 MB": {"OPTIONS /graphql HTTP/1.1\r\nHost: x\r\nOrigin: https://app.test\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: " + big + "\r\n\r\n", 431},
		"a cookie of 1 MB":                  {"GET /healthz HTTP/1.1\r\nHost: x\r\nCookie: " + big + "\r\n\r\n", 431},
		"ten thousand headers":              {"GET /healthz HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 10_000) + "\r\n", 431},
		"a path of 1 MB":                    {"GET /" + big + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
		"OPTIONS of the server":             {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"two lengths":                       {"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400},
		"a length that is none":             {"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}", 400},
		"two hosts":                         {"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
		"an unknown transfer coding":        {"POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
		"a good one":                        {"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := net.Dial("tcp", address) //nolint:noctx // loopback
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			go io.WriteString(c, test.request) //nolint:errcheck // the server hangs up before it has read all
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != test.want {
				t.Errorf("%s, want %d", res.Status, test.want)
			}
		})
	}
}

// What a proxy in front and net/http may read differently, the length beside a
// Transfer-Encoding above all, is the last on its connection: else what follows
// in the same bytes would be taken for the next request, of somebody else.
func TestServeEndsWhatCanBeReadInTwoWays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address, _, _ := serve(t, s.handler)
	const (
		head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
		body = `{"query":"{authConfig{id}}"}`
	)
	chunks := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	for name, test := range map[string]struct {
		request string
		stays   bool
	}{
		"chunks":                        {head + "Transfer-Encoding: chunked\r\n\r\n" + chunks, false},
		"chunks and a length":           {head + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + chunks, false},
		"a length and chunks":           {head + "Content-Length: 100\r\nTransfer-Encoding: Chunked\r\n\r\n" + chunks, false},
		"chunks with a trailer":         {head + "Trailer: X-A\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.TrimSuffix(chunks, "\r\n") + "X-A: b\r\n\r\n", false},
		"chunks for what takes no body": {"GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false},
		"chunks that nobody reads":      {"POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, false},
		"chunks in HTTP/1.0": {"POST /graphql HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nContent-Type: application/json\r\n" +
			"Transfer-Encoding: chunked\r\nContent-Length: 28\r\n\r\n" + body, false},
		"a length": {head + "Content-Length: 28\r\n\r\n" + body, true},
		"no body":  {"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, answers := raw(t, address, test.request+"GET /readyz HTTP/1.1\r\nHost: smuggled\r\n\r\n")
			res, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, res.Body); err != nil {
				t.Fatal(err)
			}
			if res.Close == test.stays {
				t.Errorf("the answer is %s, and says close: %t", res.Status, res.Close)
			}
			if _, err := http.ReadResponse(answers, nil); (err == nil) != test.stays {
				t.Errorf("what follows is answered: %t", err == nil)
			}
		})
	}
}
