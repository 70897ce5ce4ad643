package foreignhash

import (
	"errors"
	"strings"
)

// Why a hash cannot be read.
var (
	ErrUnknown = errors.New("this is no password hash that authgraph knows")
	ErrDamaged = errors.New("the password hash is damaged")
	ErrArgon2d = errors.New("argon2d is not supported: it protects less against programs on the same machine, and no library offers it here")
)

// longest is how long a text may be. No form needs as much.
const longest = 1024

// Translate writes a hash in its normal form. What is in a normal form already
// stays as it is; whether it is a good one is for package password to say. An
// account without a password has an empty text, or one that Django marks as
// unusable: the result is empty.
func Translate(text string) (string, error) {
	if len(text) > longest {
		return "", ErrDamaged
	}
	head, rest, _ := strings.Cut(text, "$")
	switch {
	case text == "" || strings.HasPrefix(text, "!"):
		return "", nil
	case head == "":
		return dollar(text, rest)
	case head == "scrypt" || strings.HasPrefix(head, "scrypt:") || strings.HasPrefix(head, "pbkdf2:"):
		return colonsOrDjango(head, rest)
	case strings.HasPrefix(text, "{"):
		return ldap(text)
	}
	if read := djangos[head]; read != nil && strings.Contains(text, "$") {
		return read(rest)
	}
	return aspnet(text)
}

// dollar reads what begins with a dollar.
func dollar(text, rest string) (string, error) {
	id, rest, _ := strings.Cut(rest, "$")
	switch id {
	case "argon2d":
		return "", ErrArgon2d
	case "7":
		return crypt7(rest)
	case "pbkdf2", "pbkdf2-sha1", "pbkdf2-sha256", "pbkdf2-sha512":
		return pbkdf2PHC(id, rest)
	}
	return text, nil
}

// colonsOrDjango reads scrypt of Django or Werkzeug, and PBKDF2 of the latter.
func colonsOrDjango(head, rest string) (string, error) {
	if head == "scrypt" {
		return djangoScrypt(rest)
	}
	return werkzeug(head, rest)
}
