package secret

import (
	"crypto/sha256"
	"encoding/base64"
)

// tokenSize is the number of random bytes in every token: 256 bits.
const tokenSize = 32

// mailedLength is the length of tokenSize bytes in base64url without padding.
const mailedLength = 43

// Mint returns a token for a letter (43 characters of base64url, RFC 4648
// section 5) and the digest that is stored in its place.
func Mint() (plain string, digest []byte) {
	b := random(tokenSize)
	return base64.RawURLEncoding.EncodeToString(b), digestOf(b)
}

// ParseMailed returns the digest under which a mailed token is stored. It
// refuses whatever Mint cannot have made: another length, a character outside
// the alphabet, padding, line breaks, bits set behind the last byte.
func ParseMailed(plain string) (digest []byte, ok bool) {
	if len(plain) != mailedLength {
		return nil, false
	}
	b, ok := decode(plain)
	if !ok {
		return nil, false
	}
	return digestOf(b), true
}

// decode reads base64url in its one canonical spelling. Encoding again is the
// test, because the decoder skips line breaks even when it is strict.
func decode(s string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || base64.RawURLEncoding.EncodeToString(b) != s {
		return nil, false
	}
	return b, true
}

// digestOf is SHA-256. Nothing slower is needed for 256 random bits: there is
// no dictionary to try.
func digestOf(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}
