package oidctest

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net"
	"slices"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// Key is one that signs.
type Key struct {
	Algorithm, ID string
	private       crypto.Signer
}

// NewKey makes one: ES256 or RS256.
func NewKey(algorithm, id string) *Key {
	k := &Key{Algorithm: algorithm, ID: id}
	var err error
	if algorithm == "RS256" {
		k.private, err = rsa.GenerateKey(rand.Reader, 2048)
	} else {
		k.private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		panic(err)
	}
	return k
}

// Public is the key as the provider publishes it.
func (k *Key) Public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: k.private.Public(), KeyID: k.ID, Algorithm: k.Algorithm, Use: "sig"}
}

// Sign makes a JWT. more are added to its header.
func (k *Key) Sign(claims map[string]any, more map[jose.HeaderKey]any) string {
	options := (&jose.SignerOptions{}).WithType("JWT")
	for name, value := range more {
		options = options.WithHeader(name, value)
	}
	return sign(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(k.Algorithm), Key: jose.JSONWebKey{Key: k.private, KeyID: k.ID}}, claims, options)
}

// SignHS256 makes a JWT with a shared secret, as an attacker would who knows what is
// public.
func SignHS256(secret []byte, claims map[string]any) string {
	return sign(jose.SigningKey{Algorithm: jose.HS256, Key: secret}, claims, (&jose.SignerOptions{}).WithType("JWT"))
}

func sign(key jose.SigningKey, claims map[string]any, options *jose.SignerOptions) string {
	signer, err := jose.NewSigner(key, options)
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		panic(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return compact
}

// ring is the provider's keys.
type ring struct {
	mu   sync.Mutex
	keys []*Key
}

// SetKeys replaces the provider's keys. The first one signs.
func (r *ring) SetKeys(keys ...*Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = keys
}

// Signer is the key that signs.
func (r *ring) Signer() *Key {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keys[0]
}

// Claims is what an ID token says of a person.
func (p *Provider) Claims(person Person, clientID, nonce string) map[string]any {
	now := p.Now()
	claims := map[string]any{
		"iss": p.URL, "sub": person.Subject, "aud": clientID, "iat": now.Unix(), "exp": now.Unix() + 600, "name": person.Name,
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	if person.Email != "" && !person.ElsewhereEmail {
		claims["email"] = person.Email
		if person.Verified != nil {
			claims["email_verified"] = person.Verified
		}
	}
	maps.Copy(claims, person.Claims)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

// IDToken is what the provider's SDK hands to an app.
func (p *Provider) IDToken(person Person, clientID, nonce string) string {
	return p.Signer().Sign(p.Claims(person, clientID, nonce), nil)
}

func (r *ring) publicKeys() jose.JSONWebKeySet {
	r.mu.Lock()
	defer r.mu.Unlock()
	set := jose.JSONWebKeySet{}
	for _, k := range slices.All(r.keys) {
		set.Keys = append(set.Keys, k.Public())
	}
	return set
}

func listen(address string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(context.Background(), "tcp", address)
}

// AppleKey is a private key as Apple hands it out.
func AppleKey() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
