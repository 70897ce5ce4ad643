package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// What the server asks for when a client authenticates.
const (
	Username = "mailer"
	Password = "correct horse"
)

// Server is a running SMTP server.
type Server struct {
	*inbox

	authority authority
	implicit  bool

	mu       sync.Mutex
	address  string
	listener net.Listener // nil while connections are refused
	fault    Fault
	healed   chan struct{} // closed when the present fault ends
	conns    map[net.Conn]*transcript
	dials    []time.Time
	scripts  []*transcript
	ended    bool
	tokens   []string // good ones
}

// New starts a server that speaks STARTTLS, and stops it when the test ends.
func New(t testing.TB) *Server { return start(t, false) }

// NewTLS starts a server that speaks TLS from the first byte.
func NewTLS(t testing.TB) *Server { return start(t, true) }

func start(t testing.TB, implicit bool) *Server {
	t.Helper()
	s := &Server{
		inbox: newInbox(), implicit: implicit, address: "127.0.0.1:0",
		healed: make(chan struct{}), conns: map[net.Conn]*transcript{},
	}
	var err error
	if s.authority, err = newAuthority(); err == nil {
		err = s.listen()
	}
	if err != nil {
		t.Fatalf("start the mail server: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// URL is where the server is, with its credentials; a setting can take it.
func (s *Server) URL() string {
	scheme := "smtp"
	if s.implicit {
		scheme = "smtps"
	}
	return fmt.Sprintf("%s://%s:%s@%s", scheme, Username, "correct%20horse", s.Address())
}

// Address is host:port; it stays the same through every fault.
func (s *Server) Address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.address
}

// Pool holds the authority that signed the server's certificate.
func (s *Server) Pool() *x509.CertPool { return s.authority.pool }

// CAFile writes the authority's certificate for a program of its own, which
// reads it through $SSL_CERT_FILE.
func (s *Server) CAFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mail-ca.pem")
	if err := os.WriteFile(path, s.authority.pem, 0o600); err != nil {
		t.Fatalf("write the mail server's authority: %v", err)
	}
	return path
}

// Dials are the times of the connections so far. While Refuse is on there are
// none: the operating system answers.
func (s *Server) Dials() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]time.Time(nil), s.dials...)
}

// Open is how many connections are open now.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Close ends the server and every connection.
func (s *Server) Close() {
	s.mu.Lock()
	s.ended = true
	s.stopListening()
	s.mu.Unlock()
	s.dropAll()
}

// listen opens the port, the same one each time.
func (s *Server) listen() error {
	l, err := net.Listen("tcp", s.address)
	if err != nil {
		return err
	}
	s.listener, s.address = l, l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // closed: refused from now on, or the end
			}
			s.admit(c)
		}
	}()
	return nil
}

func (s *Server) stopListening() {
	if s.listener != nil {
		_ = s.listener.Close() // its accept loop ends
		s.listener = nil
	}
}

// dropAll closes every connection without a word.
func (s *Server) dropAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close() // cutting it is the purpose
	}
}

// admit serves a connection under the fault of the moment.
func (s *Server) admit(raw net.Conn) {
	s.mu.Lock()
	script := &transcript{}
	fault, healed := s.fault, s.healed
	s.dials = append(s.dials, time.Now())
	s.scripts = append(s.scripts, script)
	s.conns[raw] = script
	if s.ended {
		_ = raw.Close()
	}
	s.mu.Unlock()
	tracked := &tracked{Conn: raw, forget: func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, raw)
	}}
	var conn net.Conn = &faulty{Conn: tracked, fault: fault, healed: healed, closed: make(chan struct{})}

	config := &tls.Config{Certificates: []tls.Certificate{s.authority.server}, MinVersion: tls.VersionTLS12}
	if fault.WrongName {
		config.Certificates = []tls.Certificate{s.authority.other}
	}
	server := smtp.NewServer(smtp.BackendFunc(s.newSession))
	server.Domain = "mail.test"
	server.Debug = script
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableSMTPUTF8 = !fault.NoSMTPUTF8
	server.ReadTimeout = time.Hour
	server.AllowInsecureAuth = true // whether a password is sent in plain text is the client's decision
	if s.implicit {
		conn = tls.Server(conn, config)
	} else if !fault.NoSTARTTLS {
		server.TLSConfig = config
	}
	_ = server.Serve(&single{conn: conn}) // its one connection is served in the background
}

// single is a listener with one connection to accept.
type single struct {
	conn net.Conn
}

func (l *single) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	return nil, net.ErrClosed
}

func (l *single) Close() error   { return nil }
func (l *single) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// tracked tells when a connection is closed.
type tracked struct {
	net.Conn
	once   sync.Once
	forget func()
}

func (c *tracked) Close() error {
	c.once.Do(c.forget)
	return c.Conn.Close()
}
