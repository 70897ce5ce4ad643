package secret

import (
	"crypto/sha256"
	"strings"

	"github.com/google/uuid"
)

const (
	// recoveryAlphabet is Crockford's base32: no I, L, O and U, which are misread.
	recoveryAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	// recoveryLength in characters of five bits: 120 bits. From 112 on a plain
	// hash is enough (ASVS V6.5.2).
	recoveryLength = 24
	recoveryGroup  = 4
)

// misread are letters that the alphabet leaves out, and what was meant; spaces
// and dashes do not count.
var misread = strings.NewReplacer("O", "0", "I", "1", "L", "1", " ", "", "-", "", "\t", "", "\n", "", "\r", "")

// MintRecovery returns a recovery code, in six groups of four characters, and
// the digest that is stored in its place. The digest is that account's alone.
func MintRecovery(account uuid.UUID) (plain string, digest []byte) {
	var code, shown strings.Builder
	for i, b := range random(recoveryLength) {
		if i > 0 && i%recoveryGroup == 0 {
			shown.WriteByte('-')
		}
		c := recoveryAlphabet[b%32] // 256 is a multiple of 32: no character is likelier
		code.WriteByte(c)
		shown.WriteByte(c)
	}
	return shown.String(), recoveryDigest(account, code.String())
}

// ParseRecovery returns the digest under which a recovery code of an account is
// stored. Case, spaces and dashes do not count, nor do letters that are misread.
func ParseRecovery(account uuid.UUID, plain string) (digest []byte, ok bool) {
	if len(plain) > 4*recoveryLength {
		return nil, false
	}
	code := misread.Replace(strings.ToUpper(plain))
	if len(code) != recoveryLength || strings.Trim(code, recoveryAlphabet) != "" {
		return nil, false
	}
	return recoveryDigest(account, code), true
}

func recoveryDigest(account uuid.UUID, code string) []byte {
	h := sha256.New()
	h.Write([]byte("recovery"))
	h.Write(account[:])
	h.Write([]byte(code))
	return h.Sum(nil)
}
