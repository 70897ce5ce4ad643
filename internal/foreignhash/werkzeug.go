package foreignhash

import (
	"encoding/hex"
	"strings"
)

// werkzeug reads scrypt:N:r:p$salt$hex and pbkdf2:sha256:iterations$salt$hex.
// The salt is its text.
func werkzeug(head, rest string) (string, error) {
	method := strings.Split(head, ":")
	salt, digits, _ := strings.Cut(rest, "$")
	digest, err := hex.DecodeString(digits)
	if err != nil || digits == "" {
		return "", ErrDamaged
	}
	var factors []uint64
	first := 1
	if method[0] == "pbkdf2" {
		first = 2
	}
	for _, text := range method[min(first, len(method)):] {
		n, err := number(text)
		if err != nil {
			return "", err
		}
		factors = append(factors, n)
	}
	switch {
	case method[0] == "scrypt" && len(factors) == 3:
		return scrypt("scrypt", factors[0], factors[1], factors[2], []byte(salt), digest)
	case method[0] == "pbkdf2" && len(factors) == 1:
		return pbkdf2(method[1], factors[0], []byte(salt), digest)
	}
	return "", ErrDamaged // without its factors, which depended on the version
}
