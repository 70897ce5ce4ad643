// Package verify checks authgraph's access tokens in another service. Copy it.
package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

const (
	// keysAge is when the keys are fetched again, so that one that authgraph
	// has taken away is not believed for ever.
	keysAge = 5 * time.Minute
	// keysPause is how often an unknown key may cause it: anybody can make up
	// the name of a key.
	keysPause = 10 * time.Second
)

// Options say whose tokens to take, and which. All but Client and Now are
// needed.
type Options struct {
	Issuer    string // AUTHGRAPH_ISSUER; the public URL, unless that was set
	Audience  string // AUTHGRAPH_AUDIENCE; the same
	Algorithm string // AUTHGRAPH_JWT_ALGORITHM; ES256, unless that was set
	KeysURL   string // the public URL and /.well-known/jwks.json
	Client    *http.Client
	Now       func() time.Time
}

// ErrScope is of a token that is good, but not for this.
var ErrScope = errors.New("verify: the token lacks the scope")

// A Verifier checks access tokens with the keys that authgraph publishes. It
// is safe for use by many goroutines.
type Verifier struct {
	Options
	mu      sync.Mutex
	keys    jose.JSONWebKeySet
	fetched time.Time
}

// Claims are what a good token says.
type Claims struct {
	jwt.RegisteredClaims        // Subject is the account's id
	SessionID            string `json:"sid"`
	TokenID              string `json:"tid"` // of an API token, instead of SessionID
	Scope                string `json:"scope"`
}

// New makes a Verifier, and fetches the keys for the first time.
func New(ctx context.Context, o Options) (*Verifier, error) {
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 5 * time.Second}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	v := &Verifier{Options: o}
	return v, v.fetch(ctx)
}

// Verify checks a token and that it has the scope: `session` for a person, one
// of AUTHGRAPH_API_TOKEN_SCOPES for a program.
func (v *Verifier) Verify(ctx context.Context, token, scope string) (*Claims, error) {
	var claims Claims
	_, err := jwt.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) { return v.key(ctx, t) },
		jwt.WithValidMethods([]string{v.Algorithm}), jwt.WithIssuer(v.Issuer), jwt.WithAudience(v.Audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(30*time.Second),
		jwt.WithStrictDecoding(), jwt.WithTimeFunc(v.Now))
	switch {
	case err != nil:
		return nil, fmt.Errorf("verify: %w", err) // the library fills the claims even then
	case claims.Subject == "":
		return nil, errors.New("verify: the token names nobody")
	case !slices.Contains(strings.Fields(claims.Scope), scope):
		return nil, ErrScope
	}
	return &claims, nil
}

// key finds the key that a token names. The library looks at neither the type
// nor at headers that it must not ignore.
func (v *Verifier) key(ctx context.Context, t *jwt.Token) (any, error) {
	if t.Header["typ"] != "at+jwt" { // RFC 9068 section 4
		return nil, errors.New("not an access token")
	}
	if _, critical := t.Header["crit"]; critical { // RFC 7515 section 4.1.11
		return nil, errors.New("critical headers are not understood")
	}
	id, _ := t.Header["kid"].(string)
	found := v.find(ctx, id)
	if len(found) != 1 || found[0].Algorithm != t.Method.Alg() {
		return nil, errors.New("unknown key")
	}
	return found[0].Key, nil
}

// find returns the keys of an id. Where the keys are old or the id is unknown
// it fetches them first; others go on with the ones there are meanwhile, and
// for as long as authgraph cannot be reached.
func (v *Verifier) find(ctx context.Context, id string) []jose.JSONWebKey {
	v.mu.Lock()
	found, age := v.keys.Key(id), v.Now().Sub(v.fetched)
	outdated := age > keysAge || len(found) == 0 && age > keysPause
	if outdated {
		v.fetched = v.Now()
	}
	v.mu.Unlock()
	if outdated && v.fetch(ctx) == nil {
		v.mu.Lock()
		found = v.keys.Key(id)
		v.mu.Unlock()
	}
	return found
}

func (v *Verifier) fetch(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.KeysURL, nil)
	if err != nil {
		return err
	}
	res, err := v.Client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // it is only read
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("fetch keys: %s", res.Status)
	}
	var keys jose.JSONWebKeySet
	if err := json.NewDecoder(http.MaxBytesReader(nil, res.Body, 1<<20)).Decode(&keys); err != nil {
		return fmt.Errorf("fetch keys: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.keys, v.fetched = keys, v.Now()
	return nil
}
