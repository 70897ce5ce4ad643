package callout

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// mailTokenTimeout is how long a token endpoint may take.
const mailTokenTimeout = 10 * time.Second

// MailToken gets access tokens for a mail server that takes no password, from the
// token endpoint of its provider.
type MailToken struct {
	o    MailTokenOptions
	http *http.Client

	mu     sync.Mutex
	source oauth2.TokenSource
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
	m := &MailToken{o: o, http: newClient(mailTokenTimeout).http}
	m.Forget()
	return m
}

// Forget has the next Token be a new one: the mail server did not take the last.
func (m *MailToken) Forget() {
	// The source uses the context beyond this call, for its client alone.
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, m.http)
	endpoint := oauth2.Endpoint{TokenURL: m.o.URL}
	source := (&clientcredentials.Config{ClientID: m.o.ClientID, ClientSecret: m.o.ClientSecret, TokenURL: m.o.URL, Scopes: m.o.Scope}).TokenSource(ctx)
	if m.o.RefreshToken != "" {
		owner := &oauth2.Config{ClientID: m.o.ClientID, ClientSecret: m.o.ClientSecret, Endpoint: endpoint, Scopes: m.o.Scope}
		source = owner.TokenSource(ctx, &oauth2.Token{RefreshToken: m.o.RefreshToken})
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.source = source
}

// Token is an access token that is good for now, kept until shortly before it ends.
// An error quotes nothing but the endpoint's error code or status.
func (m *MailToken) Token() (string, error) {
	m.mu.Lock()
	source := m.source
	m.mu.Unlock()
	token, err := source.Token()
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		if code := plain(refused.ErrorCode); code != "" {
			return "", fmt.Errorf("the token endpoint refuses: %s", code)
		}
		return "", fmt.Errorf("the token endpoint answers with the status %d", refused.Response.StatusCode)
	}
	if err != nil {
		return "", errors.New("the token endpoint gives no token")
	}
	return token.AccessToken, nil
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
