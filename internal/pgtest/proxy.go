package pgtest

import (
	"context"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Proxy is a way to a database on loopback that a test can shut, in the ways in
// which networks do: connections break off, or fall silent and stay open.
type Proxy struct {
	// URL leads to the database through the proxy.
	URL string

	dial     func(context.Context) (net.Conn, error)
	listener net.Listener
	ctx      context.Context // ends with the proxy
	all      sync.WaitGroup

	mu    sync.Mutex
	gate  *gate
	ends  map[net.Conn]struct{}
	shut  bool
	taken int
	after func() int // see CutAfter
	left  int
}

// gate is what connections pass: requests in one direction, answers in the
// other. A channel is closed while bytes may pass.
type gate struct{ requests, answers chan struct{} }

func newGate() *gate {
	open := make(chan struct{})
	close(open)
	return &gate{open, open}
}

func isOpen(way chan struct{}) bool {
	select {
	case <-way:
		return true
	default:
		return false
	}
}

// NewProxy opens a way to a database of the cluster, until the test ends.
func (c *Cluster) NewProxy(t testing.TB, database string) *Proxy {
	t.Helper()
	return newProxy(t, database, c.Dial)
}

func newProxy(t testing.TB, database string, dial func(context.Context) (net.Conn, error)) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen for the proxy: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Proxy{
		URL: through(t, database, listener.Addr().String()), dial: dial, listener: listener, ctx: ctx,
		gate: newGate(), ends: map[net.Conn]struct{}{},
	}
	p.all.Go(p.accept)
	t.Cleanup(func() {
		cancel()
		p.listener.Close()
		p.Cut()
		p.all.Wait()
	})
	return p
}

// through is the database's URL with the proxy's address.
func through(t testing.TB, database, proxy string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal("the database's URL is none") // the cause would quote it
	}
	q := u.Query()
	if u.Host == "" || strings.HasPrefix(q.Get("host"), "/") || !q.Has("sslmode") {
		q.Set("sslmode", "disable") // a socket has no TLS
	}
	q.Del("host")
	q.Del("port")
	u.Host, u.RawQuery = proxy, q.Encode()
	return u.String()
}

// Stall has every connection fall silent, and those that are opened from now
// on: they stay open, and what is sent arrives when the proxy resumes.
func (p *Proxy) Stall() {
	p.StallAnswers()
	p.mu.Lock()
	defer p.mu.Unlock()
	if isOpen(p.gate.requests) {
		p.gate.requests = make(chan struct{})
	}
}

// StallAnswers is Stall in one direction: the server hears what is asked of it.
func (p *Proxy) StallAnswers() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if isOpen(p.gate.answers) {
		p.gate.answers = make(chan struct{})
	}
}

// Strand has every connection fall silent for good, though it stays open; new
// ones work: as when a server's address has moved to another machine.
func (p *Proxy) Strand() {
	p.Stall()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate = newGate()
}

// Resume ends Stall and Shut.
func (p *Proxy) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = false
	for _, way := range []chan struct{}{p.gate.requests, p.gate.answers} {
		if !isOpen(way) {
			close(way)
		}
	}
}

// Cut breaks off every connection. New ones can be opened.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for end := range p.ends {
		end.Close()
	}
}

// CutAfter has the proxy cut as soon as so many pieces have passed, requests and
// answers, and again after the next number, until it is 0: at any moment of what
// is going on, however long that takes.
func (p *Proxy) CutAfter(pieces func() int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after, p.left = pieces, pieces()
}

// passed counts a piece, and reports whether it was the last before a cut.
func (p *Proxy) passed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left == 0 {
		return false
	}
	if p.left--; p.left > 0 {
		return false
	}
	p.left = p.after()
	return true
}

// Shut breaks off every connection, and each new one as it is opened.
func (p *Proxy) Shut() {
	p.mu.Lock()
	p.shut = true
	p.mu.Unlock()
	p.Cut()
}

// Accepted counts the connections that were opened to the proxy.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.taken++
		p.mu.Unlock()
		p.all.Go(func() { p.serve(client) })
	}
}

func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	p.mu.Lock()
	g := p.gate
	p.mu.Unlock()
	if !p.keep(client) {
		return
	}
	defer p.leave(client)
	server, err := p.dial(p.ctx)
	if err != nil {
		return // the client finds out
	}
	defer server.Close()
	if !p.keep(server) {
		return
	}
	defer p.leave(server)
	var answers sync.WaitGroup
	defer answers.Wait()
	answers.Go(func() { p.copy(client, server, func() chan struct{} { return g.answers }) })
	p.copy(server, client, func() chan struct{} { return g.requests })
}

// keep notes an end of a connection, so that it can be cut; false if it is to
// break off at once.
func (p *Proxy) keep(end net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ends[end] = struct{}{}
	return !p.shut && p.ctx.Err() == nil
}

func (p *Proxy) leave(end net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.ends, end)
}

// copy passes bytes on, and closes both ends when one is closed.
func (p *Proxy) copy(to, from net.Conn, way func() chan struct{}) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			p.wait(way)
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
			if p.passed() {
				p.Cut()
			}
		}
		if err != nil {
			return
		}
	}
}

// wait returns when bytes may pass.
func (p *Proxy) wait(way func() chan struct{}) {
	p.mu.Lock()
	open := way()
	p.mu.Unlock()
	select {
	case <-open:
	case <-p.ctx.Done():
	}
}
