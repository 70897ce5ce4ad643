package oidc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// appleSecretLife is how long a client secret is good. We make one for each request:
// one that lives for months expires on a day that nobody remembers.
const appleSecretLife = 5 * time.Minute

// appleSecret signs the client secret that Apple wants.
func appleSecret(p *Provider) (string, error) {
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.PrivateKey, KeyID: p.KeyID}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", errors.New("sign the client secret for Apple")
	}
	now := p.around.Now()
	text, err := json.Marshal(map[string]any{
		"iss": p.TeamID, "sub": p.ClientID, "aud": p.Issuer, "iat": now.Unix(), "exp": now.Add(appleSecretLife).Unix(),
	})
	if err != nil {
		return "", errors.New("write the client secret for Apple")
	}
	signed, err := signer.Sign(text)
	if err != nil {
		return "", errors.New("sign the client secret for Apple")
	}
	return signed.CompactSerialize()
}

// ParseAppleKey reads the file that Apple hands out, AuthKey_….p8.
func ParseAppleKey(text string) (*ecdsa.PrivateKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || strings.TrimSpace(string(rest)) != "" {
		return nil, errors.New("must be the whole file that Apple hands out: -----BEGIN PRIVATE KEY-----…")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("is not a private key as Apple hands it out (PKCS #8)")
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errors.New("is not a key of the curve P-256, as Apple hands out")
	}
	return private, nil
}

// appleName is what Apple says of a person in the first answer, and never again. Its
// address there is not signed, and is not taken.
func appleName(user string) string {
	var said struct {
		Name struct {
			First string `json:"firstName"`
			Last  string `json:"lastName"`
		} `json:"name"`
	}
	if json.Unmarshal([]byte(user), &said) != nil {
		return ""
	}
	return cleanName(said.Name.First + " " + said.Name.Last)
}
