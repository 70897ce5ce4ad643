package mail

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/mailtest"
)

// patient is for servers that answer, however slow the machine is.
const patient = time.Hour

// newSMTP is patient unless something else is asked for.
func newSMTP(t *testing.T, server *mailtest.Server, o SMTPOptions) *SMTP {
	t.Helper()
	o.Timeout, o.Idle = cmp.Or(o.Timeout, patient), cmp.Or(o.Idle, patient)
	at, err := ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	if o.RootCAs == nil {
		o.RootCAs = server.Pool()
	}
	s, err := NewSMTP(at, Sender{Name: "Exämple, Inc.", Address: "no-reply@example.org"}, o)
	if err != nil {
		t.Fatal(err)
	}
	s.farewell = patient
	t.Cleanup(func() { s.Close() })
	return s
}

func message(to string) Message {
	return Message{
		ID: uuid.MustParse("0190f5fe-7c00-7a00-8000-000000000001"), Letter: Confirm, To: to,
		At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Subject: "Grüße von uns", Text: "Hällo\n", HTML: "<p>Hällo</p>\n",
	}
}

func TestSMTPSend(t *testing.T) {
	for name, start := range map[string]func(testing.TB) *mailtest.Server{"STARTTLS": mailtest.New, "implicit TLS": mailtest.NewTLS} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t)
			if err := newSMTP(t, server, SMTPOptions{}).Send(t.Context(), message("ann@example.org")); err != nil {
				t.Fatal(err)
			}
			got := server.Messages()[0]
			if got.Err != nil || len(got.To) != 1 || got.To[0] != "ann@example.org" || got.From != "no-reply@example.org" {
				t.Fatalf("envelope %q -> %q, %v", got.From, got.To, got.Err)
			}
			for header, want := range map[string]string{
				"Message-Id": "<0190f5fe-7c00-7a00-8000-000000000001@example.org>", "Auto-Submitted": "auto-generated",
				"Date": "Sun, 01 Mar 2026 12:00:00 +0000", "To": "<ann@example.org>",
				"X-Mailer": "", "User-Agent": "", "Cc": "", "Bcc": "", "Received": "",
			} {
				if got.Header.Get(header) != want {
					t.Errorf("%s: %q, want %q", header, got.Header.Get(header), want)
				}
			}
			if got.Subject != "Grüße von uns" || got.Text != "Hällo\n" || got.HTML != "<p>Hällo</p>\n" {
				t.Errorf("got %q, %q, %q", got.Subject, got.Text, got.HTML)
			}
		})
	}
}

// Whatever stands in an address or a subject, the transcript has one
// recipient and the mail no header of the attacker's.
func TestSMTPRefusesInjection(t *testing.T) {
	server := mailtest.New(t)
	s := newSMTP(t, server, SMTPOptions{})
	for _, to := range []string{
		"", "ann", "@", "ann@", "ann@x.org\r\nRCPT TO:<eve@evil.test>", "ann@x.org\nBcc: eve@evil.test", "ann@x.org\x00",
		"ann@x.org,eve@evil.test", "ann@x.org eve@evil.test", "ann@x.org>,<eve@evil.test", "<ann@x.org>", "Ann <ann@x.org>",
		`"ann"@x.org`, `"a\r\nb"@x.org`, "ann@x.org (eve@evil.test)", "x:ann@x.org;", "@evil.test:ann@x.org", "ann@[127.0.0.1]",
		"=?utf-8?q?eve=40evil.test=3E?= <ann@x.org>", strings.Repeat("a", 250) + "@x.org",
	} {
		err := s.Send(t.Context(), message(to))
		var e *Error
		if !errors.As(err, &e) || !e.Permanent() || e.Outage() {
			t.Errorf("Send(%q) = %v, want a permanent refusal", to, err)
		}
		if to != "" && len(to) > 3 && strings.Contains(err.Error(), to) {
			t.Errorf("the error quotes the address: %v", err)
		}
	}
	m := message("ann@example.org")
	m.Subject = "Hello\r\nBcc: eve@evil.test\r\n\r\nbody"
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := server.Messages()
	if len(got) != 1 || got[0].Header.Get("Bcc") != "" || len(got[0].To) != 1 {
		t.Fatalf("%d messages; header %v", len(got), got[0].Header)
	}
	if script := strings.Join(server.Transcripts(), ""); strings.Count(script, "RCPT TO:") != 1 {
		t.Errorf("the transcript has more than one recipient:\n%s", script)
	}
}

func TestSMTPFailures(t *testing.T) {
	const temporary, permanent, outage, underway = "temporary", "permanent", "outage", "outage over this letter"
	for _, c := range []struct {
		name  string
		fault mailtest.Fault
		want  string
	}{
		{"a refused connection", mailtest.Fault{Refuse: true}, outage},
		{"a hanging server", mailtest.Fault{Hang: true}, outage},
		{"a server that trickles", mailtest.Fault{Trickle: time.Second}, outage},
		{"no STARTTLS", mailtest.Fault{NoSTARTTLS: true}, outage},
		{"a certificate for another name", mailtest.Fault{WrongName: true}, outage},
		{"a wrong password", mailtest.Fault{Auth: 535}, outage},
		{"the sender refused for now", mailtest.Fault{Mail: 451}, outage},
		{"the sender refused for good", mailtest.Fault{Mail: 550}, outage},
		{"the recipient refused for now", mailtest.Fault{Rcpt: 450}, temporary},
		{"the recipient refused for good", mailtest.Fault{Rcpt: 550}, permanent},
		{"closing at the recipient", mailtest.Fault{Rcpt: 421}, underway},
		{"credentials wanted at the recipient", mailtest.Fault{Rcpt: 530}, outage},
		{"the content refused for now", mailtest.Fault{Data: 452}, temporary},
		{"the content refused for good", mailtest.Fault{Data: 554}, permanent},
		{"a connection cut after the content", mailtest.Fault{DropAfterData: true}, underway},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.New(t)
			s := newSMTP(t, server, SMTPOptions{})
			if c.fault.Hang || c.fault.Trickle > 0 {
				s = newSMTP(t, server, SMTPOptions{Timeout: 300 * time.Millisecond}) // else it would wait for an hour
			}
			server.Set(c.fault)
			err := s.Send(t.Context(), message("ann@example.org"))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("Send() = %v, want an *Error", err)
			}
			t.Log(err)
			got := temporary
			switch {
			case e.Permanent():
				got = permanent
			case e.Outage() && e.Underway():
				got = underway
			case e.Outage():
				got = outage
			}
			if got != c.want || e.Permanent() && e.Outage() {
				t.Errorf("it is %s, want %s (%v)", got, c.want, err)
			}
			for _, secret := range []string{"ann@", "not today", mailtest.Password, "correct%20horse", mailtest.Username + ":"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells %q: %v", secret, err)
				}
			}
			if script := strings.Join(server.Transcripts(), ""); strings.Contains(script, "AUTH PLAIN ") && c.fault.NoSTARTTLS {
				t.Error("the password went out in plain text")
			}
			server.Heal()
			s.timeout = patient
			if err := s.Send(t.Context(), message("ann@example.org")); err != nil {
				t.Errorf("after healing: %v", err)
			}
			if n := len(server.Messages()); n != 1 {
				t.Errorf("%d messages, want 1", n)
			}
		})
	}
}

func TestSMTPInsecure(t *testing.T) {
	server := mailtest.New(t)
	at, err := ParseURL("smtp+insecure://" + server.Address())
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSMTP(at, Sender{Address: "no-reply@example.org"}, SMTPOptions{Timeout: patient})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Send(t.Context(), message("ann@example.org")); err != nil {
		t.Fatal(err)
	}
}

// TestSMTPInsecurePassword: whoever writes out that the connection is plain text, and
// a password, has it sent. Nobody else has.
func TestSMTPInsecurePassword(t *testing.T) {
	for scheme, want := range map[string]bool{"smtp+insecure": true, "smtp": false} {
		server := mailtest.New(t)
		at, err := ParseURL(scheme + "://" + url.UserPassword(mailtest.Username, mailtest.Password).String() + "@" + server.Address())
		if err != nil {
			t.Fatal(err)
		}
		server.Set(mailtest.Fault{NoSTARTTLS: true})
		s, err := NewSMTP(at, Sender{Address: "no-reply@example.org"}, SMTPOptions{Timeout: patient})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Send(t.Context(), message("ann@example.org")); (err == nil) != want {
			t.Errorf("%s: %v", scheme, err)
		}
		if sent := strings.Contains(strings.Join(server.Transcripts(), ""), "AUTH PLAIN "); sent != want {
			t.Errorf("%s: the password was sent: %t, want %t", scheme, sent, want)
		}
	}
}

func TestSMTPTrustsOnlyKnownAuthorities(t *testing.T) {
	server := mailtest.New(t)
	s := newSMTP(t, server, SMTPOptions{RootCAs: x509.NewCertPool()})
	if err := s.Send(t.Context(), message("ann@example.org")); err == nil {
		t.Error("a server with a certificate of an unknown authority was trusted")
	}
	if script := strings.Join(server.Transcripts(), ""); strings.Contains(script, "AUTH PLAIN ") || strings.Contains(script, "MAIL FROM") {
		t.Errorf("it was told something:\n%s", script)
	}
}

// The context ends a command, long before the patience of the transport does.
func TestSMTPHeedsTheContext(t *testing.T) {
	for name, fault := range map[string]mailtest.Fault{
		"while dialling": {Hang: true}, "slowly": {Trickle: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mailtest.New(t)
			s := newSMTP(t, server, SMTPOptions{})
			server.Set(fault)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			if err := s.Send(ctx, message("ann@example.org")); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Send() = %v, want %v", err, context.DeadlineExceeded)
			}
		})
	}
}

func TestSMTPLeavesNoConnectionOpen(t *testing.T) {
	server := mailtest.New(t)
	s := newSMTP(t, server, SMTPOptions{})
	server.Set(mailtest.Fault{WrongName: true})
	for range 10 {
		if err := s.Send(t.Context(), message("ann@example.org")); err == nil {
			t.Fatal("a certificate for another name was taken")
		}
	}
	eventually(t, func() bool { return server.Open() == 0 })
}

func TestSMTPKeepsItsConnection(t *testing.T) {
	server := mailtest.New(t)
	s := newSMTP(t, server, SMTPOptions{})
	send := func(n int) {
		t.Helper()
		for range n {
			if err := s.Send(t.Context(), message("ann@example.org")); err != nil {
				t.Fatal(err)
			}
		}
	}
	send(20)
	if n := len(server.Dials()); n != 1 {
		t.Errorf("%d connections for 20 messages", n)
	}
	// A refused letter leaves the connection fit for the next one.
	server.Switch(mailtest.Fault{Rcpt: 550})
	_ = s.Send(t.Context(), message("bob@example.org"))
	server.Switch(mailtest.Fault{Data: 452})
	_ = s.Send(t.Context(), message("bob@example.org"))
	server.Switch(mailtest.Fault{})
	send(1)
	if n := len(server.Dials()); n != 1 {
		t.Errorf("%d connections after refusals", n)
	}
	// A connection that the server cut meanwhile is replaced unseen.
	server.Heal()
	send(1)
	if n := len(server.Messages()); n != 22 {
		t.Errorf("%d messages, want 22", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return server.Open() == 0 })
	if last := server.Transcripts()[1]; !strings.Contains(last, "QUIT") {
		t.Error("it went without a goodbye")
	}
}

func TestSMTPClosesWhatIdles(t *testing.T) {
	server := mailtest.New(t)
	s := newSMTP(t, server, SMTPOptions{Idle: 20 * time.Millisecond})
	if err := s.Send(t.Context(), message("ann@example.org")); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return server.Open() == 0 })
}

func TestSMTPSendsFromManyAtOnce(t *testing.T) {
	server := mailtest.New(t)
	s := newSMTP(t, server, SMTPOptions{})
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if err := s.Send(t.Context(), message(fmt.Sprintf("user%d@example.org", i))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := len(server.Messages()); n != 40 {
		t.Errorf("%d messages, want 40", n)
	}
}

// eventually waits for what another goroutine does after a connection closes;
// there is nothing to wait on but the state itself.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // which the slowest machine does not need
	defer cancel()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("it never came true")
		}
	}
}
