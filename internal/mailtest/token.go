package mailtest

import (
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// xoauth2 is a login with an access token, as Google and Microsoft have it.
const xoauth2 = "XOAUTH2"

// Allow makes tokens good for Username, and all others bad.
func (s *Server) Allow(tokens ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = tokens
}

// tokenLogin is one login.
type tokenLogin struct {
	server  *Server
	refused bool
}

var _ sasl.Server = (*tokenLogin)(nil)

// Next reads the first message. A bad token is told of as JSON, which the client
// answers with nothing; only then it is refused.
func (t *tokenLogin) Next(response []byte) (challenge []byte, done bool, err error) {
	if t.refused {
		return nil, false, smtp.ErrAuthFailed
	}
	if response == nil {
		return []byte{}, false, nil
	}
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	user, rest, _ := strings.Cut(string(response), "\x01")
	token, end, _ := strings.Cut(rest, "\x01")
	token, bearer := strings.CutPrefix(token, "auth=Bearer ")
	if user == "user="+Username && bearer && end == "\x01" && slices.Contains(t.server.tokens, token) {
		return nil, true, nil
	}
	t.refused = true
	return []byte(`{"status":"400","schemes":"Bearer"}`), false, nil
}
