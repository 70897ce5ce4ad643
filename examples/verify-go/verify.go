// Package verify checks authgraph's access tokens in another service.
package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

// A Verifier checks access tokens with the keys that authgraph publishes. It
// is safe for use by many goroutines.
type Verifier struct {
	// Issuer and Audience are AUTHGRAPH_ISSUER and AUTHGRAPH_AUDIENCE: both
	// are the public URL unless they were set.
	Issuer, Audience string
	// Algorithm is AUTHGRAPH_JWT_ALGORITHM.
	Algorithm string

	mu     sync.Mutex
	keys   jose.JSONWebKeySet
	loaded time.Time
}

// Claims are what a good token says.
type Claims struct {
	jwt.RegisteredClaims        // Subject is the account's id
	SessionID            string `json:"sid"`
	TokenID              string `json:"tid"` // of an API token, instead of SessionID
	Scope                string `json:"scope"`
}

// Verify checks a token and that it has the scope: `session` for a person, one
// of AUTHGRAPH_API_TOKEN_SCOPES for a program.
func (v *Verifier) Verify(ctx context.Context, token, scope string) (*Claims, error) {
	var claims Claims
	_, err := jwt.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) { return v.key(ctx, t) },
		jwt.WithValidMethods([]string{v.Algorithm}), jwt.WithIssuer(v.Issuer), jwt.WithAudience(v.Audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(30*time.Second), jwt.WithStrictDecoding())
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err) // golang-jwt fills the claims even then
	}
	for _, one := range strings.Fields(claims.Scope) {
		if one == scope {
			return &claims, nil
		}
	}
	return nil, errors.New("verify: the token lacks the scope")
}

// key finds the key that the token names. An unknown one is looked for anew,
// once a minute at most, since keys rotate.
func (v *Verifier) key(ctx context.Context, t *jwt.Token) (any, error) {
	if t.Header["typ"] != "at+jwt" { // RFC 9068 section 4
		return nil, errors.New("not an access token")
	}
	if _, critical := t.Header["crit"]; critical {
		return nil, errors.New("critical headers are not understood")
	}
	kid, _ := t.Header["kid"].(string)
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.keys.Key(kid)) == 0 && time.Since(v.loaded) > time.Minute {
		if err := v.load(ctx); err != nil {
			return nil, err
		}
	}
	found := v.keys.Key(kid)
	if len(found) != 1 || found[0].Algorithm != t.Method.Alg() {
		return nil, errors.New("unknown key")
	}
	return found[0].Key, nil
}

func (v *Verifier) load(ctx context.Context) error {
	v.loaded = time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.Issuer+"/.well-known/jwks.json", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("keys: %s", res.Status)
	}
	return json.NewDecoder(http.MaxBytesReader(nil, res.Body, 1<<20)).Decode(&v.keys)
}
