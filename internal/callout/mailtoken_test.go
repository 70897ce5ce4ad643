package callout_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/callout"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/mailtest"
)

// endpoint is a token endpoint: it gives its tokens in turn, to whom it knows.
type endpoint struct {
	*httptest.Server
	tokens  []string
	refresh []string // the new refresh tokens, in turn
	asked   []string // the grants
	error   string
}

func newEndpoint(t *testing.T, tokens ...string) *endpoint {
	t.Helper()
	e := &endpoint{tokens: tokens}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	e.asked = append(e.asked, r.FormValue("grant_type")+" "+r.FormValue("scope")+r.FormValue("refresh_token"))
	w.Header().Set("Content-Type", "application/json")
	if e.error != "" || id != "client" || secret != "hidden" {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": e.error, "error_description": "hidden of ann@example.org"})
		return
	}
	answer := map[string]any{"access_token": e.tokens[0], "token_type": "Bearer", "expires_in": 3600}
	if len(e.refresh) > 0 {
		answer["refresh_token"], e.refresh = e.refresh[0], e.refresh[1:]
	}
	_ = json.NewEncoder(w).Encode(answer)
	if len(e.tokens) > 1 {
		e.tokens = e.tokens[1:]
	}
}

func (e *endpoint) options() callout.MailTokenOptions {
	return callout.MailTokenOptions{URL: e.URL, ClientID: "client", ClientSecret: "hidden", Scope: []string{"mail"}}
}

// TestMailByToken: a mail server gets a token instead of a password. The token is
// kept, and another one is got when the server does not take it any more.
func TestMailByToken(t *testing.T) {
	server := mailtest.New(t)
	server.Allow("first")
	tokens := newEndpoint(t, "first", "second")
	smtp := transport(t, server, callout.NewMailToken(tokens.options()))
	for range 2 {
		if err := smtp.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	if len(tokens.asked) != 1 || tokens.asked[0] != "client_credentials mail" {
		t.Errorf("the endpoint was asked for %q", tokens.asked)
	}
	server.Allow("second") // the first was revoked
	smtp = transport(t, server, callout.NewMailToken(tokens.options()))
	tokens.tokens = []string{"first", "second"}
	if err := smtp.Send(t.Context(), message()); err == nil {
		t.Error("a revoked token was taken")
	}
	if err := smtp.Send(t.Context(), message()); err != nil {
		t.Errorf("after a revoked token: %v", err)
	}
}

// TestMailTokenOfAnOwner: a refresh token is what the client asks with.
func TestMailTokenOfAnOwner(t *testing.T) {
	tokens := newEndpoint(t, "first")
	o := tokens.options()
	o.RefreshToken, o.Scope = "granted", nil
	token, err := callout.NewMailToken(o).Token(t.Context())
	if err != nil || token != "first" || tokens.asked[0] != "refresh_token granted" {
		t.Errorf("token %q, %v; asked for %q", token, err, tokens.asked)
	}
}

// TestMailWithoutAToken: why is in words of ours, and the e-mail waits.
func TestMailWithoutAToken(t *testing.T) {
	server := mailtest.New(t)
	for code, want := range map[string]string{"invalid_client": "refuses: invalid_client", "Ann <hidden>": "status 400", "": "status 400"} {
		tokens := newEndpoint(t, "first")
		tokens.error = code
		o := tokens.options()
		o.ClientSecret = "hidden but wrong"
		err := transport(t, server, callout.NewMailToken(o)).Send(t.Context(), message())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v, want %s", code, err, want)
		}
	}
	gone := newEndpoint(t, "first")
	gone.Close()
	if _, err := callout.NewMailToken(gone.options()).Token(t.Context()); err == nil || err.Error() != "the token endpoint gives no token" {
		t.Error(err)
	}
}

func transport(t *testing.T, server *mailtest.Server, tokens *callout.MailToken) *mail.SMTP {
	t.Helper()
	at, err := mail.ParseURL("smtp://" + mailtest.Username + "@" + server.Address())
	if err != nil {
		t.Fatal(err)
	}
	smtp, err := mail.NewSMTP(at, mail.Sender{Address: "no-reply@example.org"}, mail.SMTPOptions{RootCAs: server.Pool(), Tokens: tokens, Idle: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { smtp.Close() })
	return smtp
}

func message() mail.Message {
	return mail.Message{To: "ann@example.org", Subject: "Hello", Text: "Hello"}
}
