package mailtest

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Fault is what is wrong with the server. The zero value is a good server.
// Faults of the connection hold for connections made under them; a client's
// kept connection is cut when a fault begins.
type Fault struct {
	// Refuse closes the port: connection refused.
	Refuse bool
	// Hang accepts connections and says nothing.
	Hang bool
	// Trickle sends one byte in this time, e.g. a second.
	Trickle time.Duration
	// NoSTARTTLS does not offer TLS.
	NoSTARTTLS bool
	// NoSMTPUTF8 takes ASCII addresses only.
	NoSMTPUTF8 bool
	// WrongName shows a certificate for another host.
	WrongName bool
	// Auth, Mail, Rcpt, Data are the answers to these commands, where they are
	// not 0; Data is the answer at the end of the content.
	Auth, Mail, Rcpt, Data int
	// DropAfterData takes the content and cuts the connection in place of an
	// answer. What was so taken is not among the messages.
	DropAfterData bool
	// Only limits Rcpt, Data and DropAfterData to letters for recipients that end
	// so: an address or a domain; empty for all.
	Only string
}

// Set begins a fault and cuts every connection.
func (s *Server) Set(f Fault) {
	s.mu.Lock()
	close(s.healed)
	s.healed = make(chan struct{})
	s.fault = f
	if f.Refuse {
		s.stopListening()
	}
	s.mu.Unlock()
	s.dropAll()
	s.reopen()
}

// Switch changes what is answered to commands and leaves connections alone.
func (s *Server) Switch(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Heal ends the fault. Connections that hang are cut.
func (s *Server) Heal() { s.Set(Fault{}) }

// reopen listens again unless connections are to be refused.
func (s *Server) reopen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil && !s.fault.Refuse && !s.ended {
		if err := s.listen(); err != nil {
			panic("mailtest: listen again on the same port: " + err.Error())
		}
	}
}

// current is the fault of the moment.
func (s *Server) current() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// concerns reports whether letters to rcpt suffer from the fault.
func (f Fault) concerns(rcpt string) bool { return strings.HasSuffix(rcpt, f.Only) }

// refusal is an answer with a code, or nil for 0. Like those of real servers
// its text quotes the address.
func refusal(code int, rcpt string) error {
	if code == 0 {
		return nil
	}
	return &smtp.SMTPError{
		Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 7, 1},
		Message: fmt.Sprintf("not today, <%s>", rcpt),
	}
}

// faulty is a connection that says nothing, or says it slowly.
type faulty struct {
	net.Conn
	fault  Fault
	healed <-chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (c *faulty) Write(b []byte) (int, error) {
	switch {
	case c.fault.Hang:
		return len(b), nil
	case c.fault.Trickle <= 0:
		return c.Conn.Write(b)
	}
	for i := range b {
		timer := time.NewTimer(c.fault.Trickle)
		select {
		case <-timer.C:
		case <-c.healed:
			timer.Stop()
			return i, net.ErrClosed
		case <-c.closed:
			timer.Stop()
			return i, net.ErrClosed
		}
		if _, err := c.Conn.Write(b[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(b), nil
}

func (c *faulty) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}
