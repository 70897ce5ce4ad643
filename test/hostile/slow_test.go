package hostile

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/store/storetest"
)

// dial opens a connection to the program, from one of the addresses of
// loopback, so that ports do not run out.
func (p *program) dial(i int) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i%200))}, Timeout: patience}
	return d.Dial("tcp", p.address) //nolint:noctx // it has a timeout
}

// lives dials, has behave use the connection until the program closes it, and
// returns how long each connection lived.
func (p *program) lives(n int, behave func(c net.Conn)) (s sample) {
	p.t.Helper()
	var mu sync.Mutex
	atOnce(n, n, func(i int) {
		c, err := p.dial(i)
		if err != nil {
			p.t.Errorf("dial: %v", err)
			return
		}
		defer c.Close()
		began := time.Now()
		_ = c.SetDeadline(began.Add(patience)) // it cannot fail on an open connection
		behave(c)
		mu.Lock()
		defer mu.Unlock()
		s.add(time.Since(began))
	})
	return s
}

// trickle writes a byte a second after the beginning, until that fails.
func trickle(beginning, rest string) func(net.Conn) {
	return func(c net.Conn) {
		closed := make(chan struct{})
		go func() { // the program hangs up, with or without an answer
			_, _ = io.Copy(io.Discard, c)
			close(closed)
		}()
		if _, err := io.WriteString(c, beginning); err != nil {
			return
		}
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-closed:
				return
			case <-tick.C:
				if _, err := io.WriteString(c, rest[i%len(rest):i%len(rest)+1]); err != nil {
					return
				}
			}
		}
	}
}

// never sends requests for as long as they are taken, and reads no answer.
func never(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4096) // the less fits in between, the sooner the program notices
	}
	requests := strings.Repeat("GET /graphql?query={authConfig{errorCodes}} HTTP/1.1\r\nHost: x\r\n\r\n", 1000)
	for {
		_ = c.SetWriteDeadline(time.Now().Add(5 * time.Second)) // it cannot fail on an open connection
		if _, err := io.WriteString(c, requests); err != nil {
			return
		}
	}
}

func TestSlowClients(t *testing.T) {
	long(t)
	t.Parallel()
	s := newSite(t, storetest.SQLiteURL(t))
	s.unlimited()
	p := s.start()
	token := p.users(1, "user")[0]
	before := p.descriptors()

	agent.CloseIdleConnections()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var watching, slow sync.WaitGroup
	var m *meter
	watching.Go(func() { m = p.watchMe(ctx, 50, token, "user0") })
	for _, test := range []struct {
		name   string
		n      int
		behave func(net.Conn)
		most   time.Duration
	}{
		{"headers of a byte a second", 100, trickle("POST /graphql HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n"), 10 * time.Second},
		{"a request line of a byte a second", 20, trickle("G", strings.Repeat("E", 100)), 10 * time.Second},
		{"not a byte", 20, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, 10 * time.Second},
		{"a body of a byte a second", 100, trickle("POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n", strings.Repeat(" ", 1000)), 30 * time.Second},
		{"chunks of a byte a second", 20, trickle("POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"), 30 * time.Second},
		{"a body that nobody wants, of a byte a second", 20, trickle("POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", strings.Repeat(" ", 1000)), 30 * time.Second},
	} {
		slow.Go(func() {
			lived := p.lives(test.n, test.behave)
			t.Logf("%s: %v", test.name, lived)
			if got := lived.percentile(100); got > test.most {
				t.Errorf("%s: a connection lives for %v", test.name, got)
			}
		})
	}
	// The program is done with these as well, although to them, who do not look, it does not seem so.
	release := make(chan struct{})
	for i := range 50 {
		slow.Go(func() {
			c, err := p.dial(i)
			if err != nil {
				t.Errorf("dial: %v", err)
				return
			}
			defer c.Close()
			never(c)
			<-release
		})
	}
	began := time.Now()
	p.await(patience, "the slow clients are not here", func() bool { return p.descriptors() > before+200 })
	let := p.becomes(patience, func() bool { return p.descriptors() <= before+10 })
	t.Logf("the program let go of all after %v", time.Since(began))
	if !let {
		t.Errorf("%d open files, before it was %d", p.descriptors(), before)
	}
	close(release)
	slow.Wait()
	stop()
	watching.Wait()
	m.check(t, "beside slow clients", 500*time.Millisecond)
}

// idleConnections is how many to hold open; a run by hand can ask for more.
func idleConnections(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("AUTHGRAPH_TEST_IDLE"))
	if err != nil {
		return 2000
	}
	return n
}

func TestIdleConnections(t *testing.T) {
	long(t)
	t.Parallel()
	s := newSite(t, storetest.SQLiteURL(t))
	s.unlimited()
	p := s.start()
	token := p.users(1, "user")[0]
	n, before := idleConnections(t), p.memory("VmRSS")
	files := p.descriptors()
	var mu sync.Mutex
	var idle []net.Conn
	defer func() {
		for _, c := range idle {
			c.Close()
		}
	}()
	atOnce(50, n, func(i int) {
		c, err := p.dial(i)
		if err == nil {
			_, err = io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
		}
		if err == nil {
			var res *http.Response
			if res, err = http.ReadResponse(bufio.NewReader(c), nil); err == nil {
				_, err = io.Copy(io.Discard, res.Body)
			}
		}
		if err != nil {
			t.Errorf("connection %d: %v", i, err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		idle = append(idle, c)
	})
	began := time.Now()
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	m := p.watchMe(ctx, 100, token, "user0")
	took := p.memory("VmRSS") - before
	m.check(t, fmt.Sprintf("beside %d idle connections", n), 500*time.Millisecond)
	t.Logf("%d idle connections take %.0f MB, %.1f kB each", n, took, took*1024/float64(n))
	if took > 300*float64(n)/10_000+20 {
		t.Errorf("%d idle connections take %.0f MB", n, took)
	}
	var closed sample
	for _, c := range slices.Backward(idle) {
		_ = c.SetReadDeadline(began.Add(120 * time.Second)) // it cannot fail on an open connection
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("an idle connection is open after %v: %v", time.Since(began), err)
			break
		}
		closed.add(time.Since(began))
	}
	t.Logf("closed: %v", closed)
	agent.CloseIdleConnections()
	if !p.becomes(patience, func() bool { return p.descriptors() <= files+10 }) {
		t.Errorf("%d open files, before it was %d", p.descriptors(), files)
	}
}

// Out of file descriptors the program still serves who is connected, and takes
// new connections as soon as there is room.
func TestOutOfDescriptors(t *testing.T) {
	long(t)
	t.Parallel()
	s := newSite(t, storetest.SQLiteURL(t))
	s.unlimited()
	s.limit = 120
	p := s.start()
	token := p.users(1, "user")[0]
	var held []net.Conn
	for i := range 300 {
		c, err := p.dial(i)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	for range 20 { // on the connection that is there
		if a, err := p.ask(t.Context(), meQuery, nil, bearer(token)...); err != nil || a.me().Username != "user0" {
			t.Fatalf("me without descriptors: %v, %v", a, err)
		}
	}
	for _, c := range held {
		c.Close()
	}
	agent.CloseIdleConnections()
	p.await(within(15*time.Second), "no new connection is taken", func() bool { return p.word("/readyz") == "ready\n" })
	p.stop()
}
