package mailtest

import (
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// newSession is go-smtp's backend.
func (s *Server) newSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c}, nil
}

// session is what a client does on a connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	from   string
	to     []string
}

// AuthMechanisms offers PLAIN, or XOAUTH2 where tokens are good.
func (s *session) AuthMechanisms() []string {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.tokens != nil {
		return []string{xoauth2}
	}
	return []string{sasl.Plain}
}

// Auth takes Username, and Password or a token that was allowed.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if mechanism == xoauth2 {
		return &tokenLogin{server: s.server}, nil
	}
	return sasl.NewPlainServer(func(_, username, password string) error {
		if err := refusal(s.server.current().Auth, ""); err != nil {
			return err
		}
		if username != Username || password != Password {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return refusal(s.server.current().Mail, "")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	if f := s.server.current(); f.concerns(to) {
		return refusal(f.Rcpt, to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	rcpt := strings.Join(s.to, " ")
	if f := s.server.current(); f.concerns(rcpt) {
		if f.DropAfterData {
			_ = s.conn.Conn().Close() // cutting it is the purpose
			return errors.New("dropped")
		}
		if err := refusal(f.Data, rcpt); err != nil {
			return err
		}
	}
	s.server.receive(s.from, s.to, raw)
	return nil
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

// transcript is what was said on a connection, both ways, after decryption.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (t *transcript) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(b)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// Transcripts returns what was said on each connection so far, oldest first.
func (s *Server) Transcripts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, t := range s.scripts {
		out = append(out, t.String())
	}
	return out
}
