package accesstoken

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// Key signs access tokens. It is immutable, safe for concurrent use, and prints
// as its id.
type Key struct {
	check VerifyingKey
	// private returns *ecdsa.PrivateKey, ed25519.PrivateKey, *rsa.PrivateKey or,
	// for HS256, []byte. It is a function because fmt prints what it can reach,
	// and does not ask Format about a key inside another struct.
	private func() any
}

// Generate makes a new key for alg. It refuses algorithms that are not ours.
// For RS256 (2048 bits) it takes up to a second or so of CPU.
func Generate(alg Algorithm) (*Key, error) {
	var private any
	var err error
	switch alg {
	case ES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case EdDSA:
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case RS256:
		private, err = rsa.GenerateKey(rand.Reader, minModulusBits)
	case HS256:
		private = randomBytes(minSecretBytes)
	default:
		return nil, errors.New("unknown algorithm")
	}
	if err != nil {
		return nil, fmt.Errorf("generate %s key: %w", alg, err)
	}
	// A secret has no thumbprint that could be shown; its id is random, and has
	// the form of one.
	return newKey(alg, base64.RawURLEncoding.EncodeToString(randomBytes(thumbprintSize)), private)
}

// ParseKey reads what Marshal wrote, with the algorithm and the id that were
// stored beside it. It refuses keys unfit for the algorithm, RSA keys shorter
// than 2048 bits, secrets shorter than 32 bytes, and an id that is not the key's
// thumbprint: a row whose key was exchanged does not load. The error quotes
// nothing of the key.
func ParseKey(alg, id string, der []byte) (*Key, error) {
	var private any = bytes.Clone(der)
	if Algorithm(alg) != HS256 {
		var err error
		if private, err = x509.ParsePKCS8PrivateKey(der); err != nil {
			return nil, errors.New("parse signing key: not in PKCS #8") // the cause may quote bytes
		}
	}
	k, err := newKey(Algorithm(alg), id, private)
	if err != nil {
		return nil, fmt.Errorf("parse signing key: %w", err)
	}
	if k.ID() != id {
		return nil, errors.New("parse signing key: the id is not the key's thumbprint")
	}
	return k, nil
}

// newKey checks private against the policy. The id is taken for secrets only;
// other keys are named by their thumbprint.
func newKey(alg Algorithm, id string, private any) (*Key, error) {
	public := private
	if signer, ok := private.(crypto.Signer); ok {
		public = signer.Public()
	}
	if err := admit(alg, public); err != nil {
		return nil, err
	}
	if alg.symmetric() && !plausibleID(id) {
		return nil, errors.New("the id of a secret is 32 bytes in base64url")
	}
	if !alg.symmetric() {
		var err error
		if id, err = thumbprint(public); err != nil {
			return nil, err
		}
	}
	return &Key{
		check:   VerifyingKey{id: id, alg: alg, key: func() any { return public }},
		private: func() any { return private },
	}, nil
}

// ID is the "kid" of the tokens that k signs: 43 characters of base64url, the
// RFC 7638 thumbprint of the public key (SHA-256); for HS256 random.
func (k *Key) ID() string { return k.check.id }

// Algorithm is the one algorithm that k signs with.
func (k *Key) Algorithm() Algorithm { return k.check.alg }

// Marshal returns the private key in PKCS #8, for HS256 the raw secret. It is
// for sealing, not for storing as it is.
func (k *Key) Marshal() ([]byte, error) {
	if secret, ok := k.private().([]byte); ok {
		return bytes.Clone(secret), nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.private())
	if err != nil {
		return nil, fmt.Errorf("marshal signing key: %w", err)
	}
	return der, nil
}

// Format writes the algorithm and the id whatever the verb, and never the key.
func (k *Key) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "%s key %s", k.Algorithm(), k.ID()) // a fmt.State keeps its own errors
}

// same tells whether k and other are one key.
func (k *Key) same(other *Key) bool {
	if k.ID() != other.ID() || k.Algorithm() != other.Algorithm() {
		return false
	}
	a, symmetric := k.private().([]byte)
	if !symmetric {
		return true // the id is the key's thumbprint
	}
	b, _ := other.private().([]byte) // of the same algorithm
	return hmac.Equal(a, b)
}

// thumbprint names a public key by its RFC 7638 thumbprint.
func thumbprint(public any) (string, error) {
	jwk := jose.JSONWebKey{Key: public}
	sum, err := jwk.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("compute thumbprint: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sum), nil
}

// thumbprintSize is the size in bytes of every key id before it is encoded.
const thumbprintSize = 32

// plausibleID tells whether id has the form of our key ids.
func plausibleID(id string) bool {
	b, ok := decodeSegment(id)
	return ok && len(b) == thumbprintSize
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // documented never to return an error
	return b
}
