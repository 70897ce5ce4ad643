package mailtest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/smtp"
	"net/textproto"
	"os"
	"strings"
	"testing"
	"time"
)

// send hands over a message as any client would.
func send(s *Server, to, body string) error { return sendWithin(patience, s, to, body) }

func sendWithin(span time.Duration, s *Server, to, body string) error {
	conn, err := net.DialTimeout("tcp", s.Address(), patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(span))
	c, err := smtp.NewClient(conn, "127.0.0.1")
	if err != nil {
		return err
	}
	if err := c.StartTLS(&tls.Config{ServerName: "127.0.0.1", RootCAs: s.Pool(), MinVersion: tls.VersionTLS12}); err != nil {
		return err
	}
	if err := c.Auth(smtp.PlainAuth("", Username, Password, "127.0.0.1")); err != nil {
		return err
	}
	if err := errors.Join(c.Mail("from@example.org"), c.Rcpt(to)); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	_, err = w.Write([]byte("Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: text/plain\r\n\r\n" + body))
	return errors.Join(err, w.Close(), c.Quit())
}

func TestServer(t *testing.T) {
	s := New(t)
	for _, token := range []string{"first", "second"} {
		if err := send(s, "ann@example.org", "https://example.org/confirm#token="+token+" and more"); err != nil {
			t.Fatal(err)
		}
	}
	if err := send(s, "ann@example.org", "no token"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"first", "second"} {
		if got := s.Token(t, "ann@example.org"); got != want {
			t.Errorf("Token() = %q, want %q", got, want)
		}
	}
	m := s.Messages()[1]
	if m.Err != nil || m.Subject != "Grüße" || m.From != "from@example.org" || m.Link != "https://example.org/confirm#token=second" {
		t.Errorf("received %+v", m)
	}
	if len(s.Dials()) != 3 || !strings.Contains(s.Transcripts()[0], "RCPT TO:<ann@example.org>") {
		t.Errorf("%d connections; the first said\n%s", len(s.Dials()), s.Transcripts()[0])
	}
	pem, err := os.ReadFile(s.CAFile(t))
	if pool := x509.NewCertPool(); err != nil || !pool.AppendCertsFromPEM(pem) || !pool.Equal(s.Pool()) {
		t.Errorf("the file does not hold the authority (%v)", err)
	}
}

func TestAwaitWaits(t *testing.T) {
	s := New(t)
	if err := send(s, "ann@example.org", "one"); err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	asked := 0
	got := s.Await(t, t.Context(), func(m Received) bool {
		if asked++; asked == 1 { // it has looked at what is there: now the other one
			go func() { sent <- send(s, "bob@example.org", "two") }()
		}
		return m.To[0] == "bob@example.org"
	})
	if err := <-sent; err != nil || got.Text != "two\n" {
		t.Errorf("Await() = %q, %v", got.Text, err)
	}
}

func TestFaults(t *testing.T) {
	s := New(t)
	code := func(want int) func(error) bool {
		return func(err error) bool {
			var reply *textproto.Error
			return errors.As(err, &reply) && reply.Code == want
		}
	}
	for name, c := range map[string]struct {
		fault Fault
		want  func(error) bool
	}{
		"refuse": {Fault{Refuse: true}, func(err error) bool { return strings.Contains(err.Error(), "connection refused") }},
		"hang":   {Fault{Hang: true}, os.IsTimeout},
		"trickle": {Fault{Trickle: 300 * time.Millisecond}, func(err error) bool { // what came in time is no whole line
			return os.IsTimeout(err) || errors.As(err, new(textproto.ProtocolError))
		}},
		"wrong name": {Fault{WrongName: true}, func(err error) bool { return errors.As(err, new(*tls.CertificateVerificationError)) }},
		"no TLS":     {Fault{NoSTARTTLS: true}, code(502)},
		"auth":       {Fault{Auth: 535}, code(535)},
		"mail":       {Fault{Mail: 451}, code(451)},
		"rcpt":       {Fault{Rcpt: 550}, code(550)},
		"data":       {Fault{Data: 452}, code(452)},
		"drop":       {Fault{DropAfterData: true}, func(err error) bool { return !errors.As(err, new(*textproto.Error)) }},
	} {
		s.Set(c.fault)
		span := patience
		if c.fault.Hang || c.fault.Trickle > 0 {
			span = 400 * time.Millisecond // for what would take for ever
		}
		if err := sendWithin(span, s, "ann@example.org", "hello"); err == nil || !c.want(err) {
			t.Errorf("%s: %v", name, err)
		}
		s.Set(Fault{Rcpt: 550, Data: 550, DropAfterData: true, Only: "bob@example.org"})
		if err := send(s, "ann@example.org", "hello"); err != nil {
			t.Errorf("another's fault: %v", err)
		}
		s.Heal()
		before := len(s.Messages())
		if err := send(s, "ann@example.org", "hello"); err != nil || len(s.Messages()) != before+1 {
			t.Errorf("healed from %s: %v", name, err)
		}
	}
}
