package callout

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// mailTokenTimeout is how long a token endpoint may take.
const mailTokenTimeout = 10 * time.Second

// MailToken gets access tokens for a mail server that takes no password, from the
// token endpoint of its provider. It is safe for concurrent use.
type MailToken struct {
	client clientcredentials.Config
	owner  oauth2.Config
	http   *http.Client
	// kept is the last token; nil when there is none, or the mail server refused it.
	kept atomic.Pointer[oauth2.Token]
	// turn is taken by the one caller that asks the endpoint. A channel, because others
	// wait for it no longer than their contexts.
	turn chan struct{}
	// refresh is the refresh token that the endpoint gave last. It belongs to the turn.
	refresh string
}

// MailTokenOptions say where tokens come from.
type MailTokenOptions struct {
	// URL of the token endpoint. Empty: the mail server takes a password, or nothing.
	URL                    string
	ClientID, ClientSecret string
	// Scope is words with spaces in between; may be empty.
	Scope []string
	// RefreshToken was granted to the mailbox's owner (RFC 6749 section 6). Without
	// one the client has a right of its own (section 4.4).
	RefreshToken string
}

// NewMailToken asks nothing yet.
func NewMailToken(o MailTokenOptions) *MailToken {
	return &MailToken{
		client:  clientcredentials.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret, TokenURL: o.URL, Scopes: o.Scope},
		owner:   oauth2.Config{ClientID: o.ClientID, ClientSecret: o.ClientSecret, Endpoint: oauth2.Endpoint{TokenURL: o.URL}, Scopes: o.Scope},
		http:    newClient(mailTokenTimeout).http,
		turn:    make(chan struct{}, 1),
		refresh: o.RefreshToken,
	}
}

// Forget is told that the mail server did not take a token. A newer one is kept.
func (m *MailToken) Forget(token string) {
	if kept := m.kept.Load(); kept != nil && kept.AccessToken == token {
		m.kept.CompareAndSwap(kept, nil)
	}
}

// Token is an access token that is good for now, kept until shortly before it ends.
// It ends with ctx. An error quotes nothing but the endpoint's error code or status.
func (m *MailToken) Token(ctx context.Context) (string, error) {
	if kept := m.kept.Load(); kept.Valid() {
		return kept.AccessToken, nil
	}
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if kept := m.kept.Load(); kept.Valid() { // got by the one before
		return kept.AccessToken, nil
	}
	token, err := m.ask(ctx)
	if err != nil {
		return "", err
	}
	m.kept.Store(token)
	return token.AccessToken, nil
}

// ask asks the endpoint. An endpoint may give a new refresh token with each answer, and
// take the one before no longer.
func (m *MailToken) ask(ctx context.Context) (*oauth2.Token, error) {
	asking := context.WithValue(ctx, oauth2.HTTPClient, m.http)
	var token *oauth2.Token
	var err error
	if m.refresh == "" {
		token, err = m.client.Token(asking)
	} else {
		token, err = m.owner.TokenSource(asking, &oauth2.Token{RefreshToken: m.refresh}).Token()
	}
	switch refused, is := errors.AsType[*oauth2.RetrieveError](err); {
	case err == nil:
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case !is:
		return nil, errors.New("the token endpoint gives no token")
	case plain(refused.ErrorCode) != "":
		return nil, fmt.Errorf("the token endpoint refuses: %s", plain(refused.ErrorCode))
	default:
		return nil, fmt.Errorf("the token endpoint answers with the status %d", refused.Response.StatusCode)
	}
	if m.refresh != "" {
		m.refresh = token.RefreshToken // the same one, if the endpoint gave none
	}
	return token, nil
}

// plain is an error code in the letters of RFC 6749's codes, or empty.
func plain(code string) string {
	for _, c := range code {
		if (c < 'a' || c > 'z') && c != '_' {
			return ""
		}
	}
	return code[:min(len(code), 40)]
}
