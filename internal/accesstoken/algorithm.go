package accesstoken

import "github.com/golang-jwt/jwt/v5"

// Algorithm is a JWS algorithm by its registered name (RFC 7518 section 3.1, RFC
// 8037 section 3.1), in exactly that spelling.
type Algorithm string

// The algorithms that can be configured. Others are refused.
const (
	ES256 Algorithm = "ES256" // ECDSA on P-256, the default
	EdDSA Algorithm = "EdDSA" // Ed25519
	RS256 Algorithm = "RS256" // RSA of 2048 to 4096 bits, PKCS #1 v1.5
	HS256 Algorithm = "HS256" // HMAC: nobody but us can verify, nothing is published
)

// Valid tells whether a is one of the four.
func (a Algorithm) Valid() bool {
	return a.method() != nil
}

// method is the cryptography of a; nil if a is not one of ours. The library's
// own registry knows more algorithms, "none" among them, and is not asked.
func (a Algorithm) method() jwt.SigningMethod {
	switch a {
	case ES256:
		return jwt.SigningMethodES256
	case EdDSA:
		return jwt.SigningMethodEdDSA
	case RS256:
		return jwt.SigningMethodRS256
	case HS256:
		return jwt.SigningMethodHS256
	}
	return nil
}

// symmetric tells whether who verifies could also sign.
func (a Algorithm) symmetric() bool {
	return a == HS256
}
