package storetest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/authgraph/authgraph/internal/pgtest"
)

// Wire is PostgreSQL behind a proxy that reads what passes. It knows which
// statements the server was asked to run, and can break a connection at one of
// them.
type Wire struct {
	// URL leads to the database through the proxy.
	URL string

	t       testing.TB
	mu      sync.Mutex
	ran     []string
	parsed  int
	cut     func(statement string) bool
	answer  bool
	dropped int
}

// NewWire puts a proxy in front of a database of pgtest.Server.
func NewWire(t testing.TB, database string) *Wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen for the proxy: %v", err)
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal("the database's URL is none")
	}
	q := u.Query()
	q.Del("host")
	q.Del("port")
	q.Set("sslmode", "disable") // it could not read along
	u.Host, u.RawQuery = listener.Addr().String(), q.Encode()
	w := &Wire{URL: u.String(), t: t}
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() { w.serve(client) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		connections.Wait() // the test has closed its pools by now
	})
	return w
}

// Statements are the texts of the statements that ran since the last call, in
// order.
func (w *Wire) Statements() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	ran := w.ran
	w.ran = nil
	return ran
}

// Parsed counts the statements that were prepared since the last call.
func (w *Wire) Parsed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.parsed
	w.parsed = 0
	return n
}

// Lose makes the next connection that runs a statement with the prefix break.
// If ran is false, it breaks before the server gets the statement. If ran is
// true, it breaks after the server has run it and before the client gets the
// answer.
func (w *Wire) Lose(prefix string, ran bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut, w.answer = func(s string) bool { return strings.HasPrefix(s, prefix) }, ran
}

// Lost counts the connections that broke.
func (w *Wire) Lost() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dropped
}

// fate is what happens to a connection after a message.
type fate int

const (
	lives fate = iota
	breaksBefore
	breaksAfter
)

// run notes a statement and says what happens to its connection.
func (w *Wire) run(statement string) fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ran = append(w.ran, statement)
	if w.cut == nil || !w.cut(statement) {
		return lives
	}
	w.cut = nil
	w.dropped++
	if w.answer {
		return breaksAfter
	}
	return breaksBefore
}

func (w *Wire) serve(client net.Conn) {
	defer client.Close()
	server, err := pgtest.Server(w.t).Dial(w.t.Context())
	if err != nil {
		return // the client finds out
	}
	defer server.Close()
	deaf := make(chan struct{}) // the client hears no more
	var answers sync.WaitGroup
	defer answers.Wait()
	answers.Go(func() {
		defer client.Close()
		defer server.Close()
		copyAnswers(client, bufio.NewReader(server), deaf)
	})
	defer server.Close()
	w.copyRequests(server, bufio.NewReader(client), deaf)
}

// copyRequests reads the client's messages (PostgreSQL's documentation,
// section "Message Formats") and passes them on.
func (w *Wire) copyRequests(server io.Writer, client *bufio.Reader, deaf chan struct{}) {
	prepared := map[string]string{}
	for typed := false; ; typed = true { // the first message has no type
		head, body, err := message(client, typed)
		if err != nil {
			return
		}
		becomes := lives
		switch {
		case !typed:
		case head[0] == 'P':
			parts := bytes.SplitN(body, []byte{0}, 3)
			prepared[string(parts[0])] = string(parts[1])
			w.mu.Lock()
			w.parsed++
			w.mu.Unlock()
		case head[0] == 'B':
			becomes = w.run(prepared[string(bytes.SplitN(body, []byte{0}, 3)[1])])
		case head[0] == 'Q':
			becomes = w.run(string(bytes.TrimRight(body, "\x00")))
		}
		if becomes == breaksBefore {
			return
		}
		if becomes == breaksAfter {
			close(deaf)
		}
		if _, err := server.Write(append(head, body...)); err != nil {
			return
		}
		if becomes == breaksAfter {
			_, _ = io.Copy(server, client) // the rest of the request, until the answer closes all
			return
		}
	}
}

// copyAnswers passes the server's messages on. If the client must hear no more,
// it closes the connection when the server is ready for the next request.
func copyAnswers(client io.Writer, server *bufio.Reader, deaf chan struct{}) {
	for {
		head, body, err := message(server, true)
		if err != nil {
			return
		}
		select {
		case <-deaf:
			if head[0] == 'Z' {
				return
			}
			continue
		default:
		}
		if _, err := client.Write(append(head, body...)); err != nil {
			return
		}
	}
}

func message(r *bufio.Reader, typed bool) (head, body []byte, err error) {
	head = make([]byte, 4, 5)
	if typed {
		head = head[:5]
	}
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, nil, err
	}
	body = make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
	_, err = io.ReadFull(r, body)
	return head, body, err
}
