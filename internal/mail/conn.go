package mail

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// conn is a connection to the mail server, past TLS and AUTH.
//
// go-mail heeds the context while it dials only, and leaves the connection
// open when TLS or AUTH fails. So the connection is held here, and closing it
// is what ends a command whose time is up.
type conn struct {
	raw    net.Conn
	dialer *gomail.Client
	client *smtp.Client
	idle   *time.Timer // closes it when nothing was sent for a while
}

// dial connects. The connection does not end with ctx; the attempt does.
func (s *SMTP) dial(ctx context.Context) (*conn, error) {
	c := &conn{}
	var stop func() bool
	open := func(dialing context.Context, _, _ string) (net.Conn, error) {
		raw, err := (&net.Dialer{}).DialContext(dialing, "tcp", s.server.address())
		if err != nil {
			return nil, err
		}
		c.raw = raw
		stop = context.AfterFunc(ctx, func() { raw.Close() })
		if s.server.Security != ImplicitTLS {
			return raw, nil
		}
		wrapped := tls.Client(raw, s.tls) // WithSSL does nothing beside a dial function of one's own
		return wrapped, wrapped.HandshakeContext(dialing)
	}
	options := []gomail.Option{
		gomail.WithDialContextFunc(open), gomail.WithTimeout(s.timeout), gomail.WithHELO(s.from.domain()),
		gomail.WithTLSConfig(s.tls), gomail.WithoutNoop(), gomail.WithoutRset(),
	}
	switch s.server.Security {
	case ImplicitTLS:
		options = append(options, gomail.WithSSL())
	case Insecure:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	var token string
	var err error
	switch {
	case s.tokens != nil:
		if token, err = s.tokens.Token(ctx); err != nil {
			return nil, &Error{step: "get a token for the mail server", outage: true, cause: err}
		}
		options = append(options, gomail.WithUsername(s.server.Username), gomail.WithPassword(token), gomail.WithSMTPAuth(gomail.SMTPAuthXOAUTH2))
	case s.server.Username != "":
		options = append(options, gomail.WithUsername(s.server.Username), gomail.WithPassword(s.server.Password),
			gomail.WithOpportunisticSMTPAuth(mechanisms(s.server.Security)...))
	}
	if c.dialer, err = gomail.NewClient(s.server.Host, options...); err == nil {
		c.client, err = c.dialer.DialToSMTPClientWithContext(ctx)
	}
	if stop != nil && !stop() && err == nil {
		err = context.Cause(ctx) // time was up in the very last step; raw is closed
	}
	if err != nil {
		c.close()
		failed := connecting(ctx, err)
		if s.tokens != nil && failed.code/100 == 5 {
			s.tokens.Forget(token)
		}
		return nil, failed
	}
	return c, nil
}

// mechanisms are how to log in, the best first. Outside of TLS that is what does not
// tell the password, if the server has it.
func mechanisms(security Security) []gomail.SMTPAuthType {
	proofs := []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthCramMD5}
	if security == Insecure {
		return append(proofs, gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc)
	}
	return append([]gomail.SMTPAuthType{gomail.SMTPAuthPlain, gomail.SMTPAuthLogin}, proofs...)
}

// send hands over one message. Once the server has taken it, what happens to
// the connection is no failure.
func (c *conn) send(ctx context.Context, msg *gomail.Msg, to string) error {
	defer context.AfterFunc(ctx, func() { c.raw.Close() })()
	// With SMTPUTF8 in MAIL, servers further on that lack it bounce the mail
	// (RFC 6531 section 3.1), so it is asked for only where it is needed.
	needed := strings.ContainsFunc(to, func(r rune) bool { return r > unicode.MaxASCII })
	c.client.SkipSMTPUTF8(!needed)
	if has, _ := c.client.Extension("SMTPUTF8"); needed && !has {
		return withoutSMTPUTF8()
	}
	err := c.dialer.SendWithSMTPClient(c.client, msg)
	if err == nil || msg.IsDelivered() {
		return nil
	}
	failed := sending(ctx, err)
	if needed && failed.refusesSMTPUTF8() {
		failed.permanent, failed.outage, failed.underway = true, false, false
	}
	return failed
}

// reset makes the connection ready for another message after a refusal.
func (c *conn) reset(ctx context.Context) bool {
	defer context.AfterFunc(ctx, func() { c.raw.Close() })()
	return c.client.Reset() == nil
}

// quit says goodbye, and closes.
func (c *conn) quit(within time.Duration) {
	defer c.close()
	timer := time.AfterFunc(within, func() { c.raw.Close() })
	defer timer.Stop()
	_ = c.client.Quit() // a server that is gone needs no goodbye
}

func (c *conn) close() {
	if c.raw != nil {
		_ = c.raw.Close() // everything that was to be said has been
	}
}
