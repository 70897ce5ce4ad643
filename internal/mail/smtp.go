package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Defaults of SMTPOptions.
const (
	sendTimeout = 15 * time.Second
	idleTimeout = 5 * time.Second
	maxIdle     = 2
)

// SMTPOptions are rarely needed.
type SMTPOptions struct {
	// RootCAs are the authorities a server's certificate may come from; nil
	// for the system's.
	RootCAs *x509.CertPool
	// Tokens, if not nil, are what to log in with instead of a password (XOAUTH2).
	Tokens Tokens
	// Timeout bounds connecting and sending one message, each; default 15 s.
	Timeout time.Duration
	// Idle is how long a connection is kept for the next message; default 5 s.
	Idle time.Duration
}

// Tokens are short-lived passwords for a mail server.
type Tokens interface {
	// Token is one that is good for now. It ends with ctx.
	Token(ctx context.Context) (string, error)
	// Forget is told that the server did not take a token.
	Forget(token string)
}

// SMTP sends messages to a mail server. It verifies the server's certificate,
// speaks TLS 1.2 or later, and keeps up to two connections open for a few
// seconds, so that a queue drains quickly. It is safe for concurrent use.
type SMTP struct {
	server  Server
	from    Sender
	tls     *tls.Config
	tokens  Tokens
	timeout time.Duration
	keep    time.Duration
	// farewell is how long a server may take to answer a goodbye.
	farewell time.Duration

	mu     sync.Mutex
	idle   []*conn // the one used last at the end
	closed bool
}

// NewSMTP returns a transport to server for letters from from. It does not
// connect.
func NewSMTP(server Server, from Sender, o SMTPOptions) (*SMTP, error) {
	switch {
	case server.Host == "" || server.Port < 1 || server.Port > 65535:
		return nil, errors.New("the mail server has no host or port")
	case checkAddress(from.Address) != nil:
		return nil, errors.New("the sender's address is not valid")
	}
	if o.Timeout <= 0 {
		o.Timeout = sendTimeout
	}
	if o.Idle <= 0 {
		o.Idle = idleTimeout
	}
	return &SMTP{
		server: server, from: from, tokens: o.Tokens, timeout: o.Timeout, keep: o.Idle, farewell: time.Second,
		tls: &tls.Config{ServerName: server.Host, MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs},
	}, nil
}

// Send hands one message to the server and returns when the server has taken
// it. It ends with ctx, whatever the server does. A failure is an *Error.
//
// If the connection breaks between the end of the content and the answer,
// nobody can know whether the message was taken: Send reports an outage, and
// a repetition carries the same Message-ID.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	_, err := s.Try(ctx, m)
	return err
}

// Try is Send that returns the server's answer, in its own words. A failure's is
// in Error.Answer.
func (s *SMTP) Try(ctx context.Context, m Message) (answer string, err error) {
	msg, err := compose(s.from, m)
	if err != nil {
		return "", &Error{step: "write the mail", permanent: true, cause: err}
	}
	if c := s.take(); c != nil {
		err := s.sendOn(ctx, c, msg, m.To)
		if ctx.Err() != nil || !wentStale(err) {
			return msg.ServerResponse(), err
		}
	}
	dialing, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	c, err := s.dial(dialing)
	if err != nil {
		return "", err
	}
	err = s.sendOn(ctx, c, msg, m.To)
	return msg.ServerResponse(), err
}

// sendOn sends on a connection and keeps or closes it.
func (s *SMTP) sendOn(ctx context.Context, c *conn, msg *gomail.Msg, to string) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	err := c.send(ctx, msg, to)
	var e *Error
	if err == nil || errors.As(err, &e) && !e.outage && c.reset(ctx) {
		s.put(c)
	} else {
		c.close()
	}
	return err
}

// wentStale reports that a kept connection was of no use, and that nothing of
// the content went out on it: servers close what idles.
func wentStale(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.outage && !e.begun
}

// take returns a kept connection, or nil.
func (s *SMTP) take() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == 0 {
		return nil
	}
	c := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	c.idle.Stop()
	return c
}

// put keeps a connection for the next message.
func (s *SMTP) put(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.idle) >= maxIdle {
		go c.quit(s.farewell)
		return
	}
	s.idle = append(s.idle, c)
	c.idle = time.AfterFunc(s.keep, func() { s.expire(c) })
}

// expire ends a connection that nobody took in time.
func (s *SMTP) expire(c *conn) {
	s.mu.Lock()
	i := slices.Index(s.idle, c)
	if i >= 0 {
		s.idle = slices.Delete(s.idle, i, i+1)
	}
	s.mu.Unlock()
	if i >= 0 { // else take was quicker
		c.quit(s.farewell)
	}
}

// Close ends the kept connections, within a second. Connections in use end
// after their message.
func (s *SMTP) Close() error {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	var wg sync.WaitGroup
	for _, c := range idle {
		c.idle.Stop()
		wg.Go(func() { c.quit(s.farewell) })
	}
	wg.Wait()
	return nil
}
