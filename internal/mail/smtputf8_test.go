package mail

import (
	"errors"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/mailtest"
)

func TestSMTPUTF8OnlyWhereNeeded(t *testing.T) {
	server := mailtest.New(t)
	s := newSMTP(t, server, SMTPOptions{})
	for _, to := range []string{"ann@example.org", "jürgen@example.org", "o'brien+x@example.org"} {
		if err := s.Send(t.Context(), message(to)); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(server.Transcripts()[0], "BODY=8BITMIME SMTPUTF8"); n != 1 {
		t.Errorf("SMTPUTF8 was asked for %d times, want 1:\n%s", n, server.Transcripts()[0])
	}
}

// TestSMTPUTF8IsMissing: nothing of a letter goes out to a server that would not
// understand its address; the next letter does, on the same connection.
func TestSMTPUTF8IsMissing(t *testing.T) {
	t.Parallel()
	server := mailtest.New(t)
	server.Set(mailtest.Fault{NoSMTPUTF8: true})
	s := newSMTP(t, server, SMTPOptions{})
	for range 2 { // on a new connection, and on a kept one
		var e *Error
		err := s.Send(t.Context(), message("jürgen@example.org"))
		if !errors.As(err, &e) || !e.Permanent() || e.Outage() || !strings.Contains(err.Error(), "needs SMTPUTF8") || strings.Contains(err.Error(), "jürgen") {
			t.Errorf("Send() = %v", err)
		}
	}
	script := strings.Join(server.Transcripts(), "")
	if strings.Contains(script, "MAIL FROM") || strings.Contains(script, "rgen") {
		t.Errorf("something was sent:\n%s", script)
	}
	if err := s.Send(t.Context(), message("ann@example.org")); err != nil {
		t.Error(err)
	}
	if n := len(server.Dials()); n != 1 {
		t.Errorf("it took %d connections", n)
	}
}

// TestSMTPUTF8IsRefused: a server that offers it and then does not know the
// parameter refuses this letter, and not us.
func TestSMTPUTF8IsRefused(t *testing.T) {
	t.Parallel()
	server := mailtest.New(t)
	s := newSMTP(t, server, SMTPOptions{})
	server.Set(mailtest.Fault{Mail: 555})
	for to, permanent := range map[string]bool{"jürgen@example.org": true, "ann@example.org": false} {
		var e *Error
		if err := s.Send(t.Context(), message(to)); !errors.As(err, &e) || e.Permanent() != permanent || e.Outage() == permanent {
			t.Errorf("Send(%s) = %v, permanent %t", to, err, e.Permanent())
		}
	}
}
