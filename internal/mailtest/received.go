package mailtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long Token and Await wait at most: longer than the slowest
// machine needs.
const patience = 5 * time.Minute

// Received is a message the server took.
type Received struct {
	// From and To are the envelope.
	From string
	To   []string
	// Raw is the message as it came.
	Raw []byte
	// Header, Subject, Text and HTML are what a reader's program makes of it.
	Header     mail.Header
	Subject    string
	Text, HTML string
	// Link is the first link in the text that carries a token, and Token is
	// that token; both are empty in a notice.
	Link, Token string
	// Err says why the message could not be read, if so.
	Err error
}

var link = regexp.MustCompile(`(https?://\S+)#(?:token|code)=([A-Za-z0-9._~-]+)(&email=[A-Za-z0-9._~%+-]+)?`)

// inbox is what the server took.
type inbox struct {
	mu       sync.Mutex
	received []Received
	handed   map[int]bool  // by index in received: Await has returned it
	news     chan struct{} // closed when something is received
}

func newInbox() *inbox { return &inbox{handed: map[int]bool{}, news: make(chan struct{})} }

// receive reads a message and keeps it.
func (s *inbox) receive(from string, to []string, raw []byte) {
	m := Received{From: from, To: append([]string(nil), to...), Raw: raw}
	m.Err = m.read()
	if found := link.FindStringSubmatch(m.Text); found != nil {
		m.Link, m.Token = found[0], found[2]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received = append(s.received, m)
	close(s.news)
	s.news = make(chan struct{})
}

// read fills in what a reader's program shows.
func (m *Received) read() error {
	msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return err
	}
	m.Header = msg.Header
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return err
	}
	return m.readPart(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body)
}

// readPart reads one part, or the parts of a multipart one.
func (m *Received) readPart(contentType, encoding string, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				err = m.readPart(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
			}
			if err != nil {
				return err
			}
		}
	}
	if strings.EqualFold(encoding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	switch kind {
	case "text/plain":
		m.Text = strings.ReplaceAll(string(text), "\r\n", "\n")
	case "text/html":
		m.HTML = strings.ReplaceAll(string(text), "\r\n", "\n")
	default:
		return fmt.Errorf("a part of type %s", kind)
	}
	return nil
}

// Messages returns everything received, oldest first.
func (s *inbox) Messages() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Received(nil), s.received...)
}

// Await returns the oldest message that match accepts and that no Await has
// returned before, and waits for it if need be. So asking twice for the same
// thing gives the second letter, never the first again. The test fails when
// ctx ends, or after five minutes.
func (s *inbox) Await(t testing.TB, ctx context.Context, match func(Received) bool) Received { //nolint:revive // t comes first in tests
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		m, news, ok := s.hand(match)
		if ok {
			return m
		}
		select {
		case <-news:
		case <-ctx.Done():
			t.Fatalf("the awaited letter did not come (%d others did): %v", len(s.Messages()), ctx.Err())
		}
	}
}

// hand returns a message that was not handed out before, or a channel that is
// closed when there is another one.
func (s *inbox) hand(match func(Received) bool) (Received, <-chan struct{}, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, m := range s.received {
		if !s.handed[i] && match(m) {
			s.handed[i] = true
			return m, nil, true
		}
	}
	return Received{}, s.news, false
}

// Token waits for the next letter to rcpt that carries a token, as Await does,
// and returns the token.
func (s *inbox) Token(t testing.TB, rcpt string) string {
	t.Helper()
	return s.Await(t, t.Context(), func(m Received) bool {
		return m.Token != "" && len(m.To) == 1 && m.To[0] == rcpt
	}).Token
}
