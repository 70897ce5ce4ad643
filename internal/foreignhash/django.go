package foreignhash

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// djangos are the forms of Django's PASSWORD_HASHERS, by what begins them. What
// follows the first dollar is read.
var djangos = map[string]func(rest string) (string, error){
	"pbkdf2_sha256": func(rest string) (string, error) { return djangoPBKDF2("sha256", rest) },
	"pbkdf2_sha1":   func(rest string) (string, error) { return djangoPBKDF2("sha1", rest) },
	"bcrypt":        djangoBcrypt,
	"bcrypt_sha256": djangoBcryptSHA256,
	"argon2":        djangoArgon2,
	"md5":           func(rest string) (string, error) { return djangoFast("md5", rest) },
	"sha1":          func(rest string) (string, error) { return djangoFast("sha1", rest) },
}

// djangoPBKDF2 reads iterations$salt$base64. The salt is its text.
func djangoPBKDF2(hash, rest string) (string, error) {
	fields := strings.Split(rest, "$")
	if len(fields) != 3 {
		return "", ErrDamaged
	}
	rounds, err := number(fields[0])
	if err != nil {
		return "", err
	}
	digest, err := unbase64(fields[2])
	if err != nil {
		return "", err
	}
	return pbkdf2(hash, rounds, []byte(fields[1]), digest)
}

// djangoBcrypt reads bcrypt's own text behind one more dollar.
func djangoBcrypt(rest string) (string, error) {
	if !strings.HasPrefix(rest, "$2") {
		return "", ErrDamaged
	}
	return rest, nil
}

// djangoBcryptSHA256 is bcrypt of the SHA-256 of the password, in hexadecimal.
func djangoBcryptSHA256(rest string) (string, error) {
	if !strings.HasPrefix(rest, "$2") {
		return "", ErrDamaged
	}
	return "$bcrypt-sha256-hex$v=1" + rest, nil
}

func djangoArgon2(rest string) (string, error) {
	if strings.HasPrefix(rest, "argon2d$") {
		return "", ErrArgon2d
	}
	return "$" + rest, nil
}

// djangoScrypt reads salt$N$r$p$base64, in the order that Django writes. The
// salt is its text.
func djangoScrypt(rest string) (string, error) {
	fields := strings.Split(rest, "$")
	if len(fields) != 5 {
		return "", ErrDamaged
	}
	var factors [3]uint64 // Django writes N, r, p
	for i := range factors {
		var err error
		if factors[i], err = number(fields[i+1]); err != nil {
			return "", err
		}
	}
	digest, err := unbase64(fields[4])
	if err != nil {
		return "", err
	}
	return scrypt("scrypt", factors[0], factors[1], factors[2], []byte(fields[0]), digest)
}

// djangoFast reads salt$hex, of Django's oldest hashers.
func djangoFast(format, rest string) (string, error) {
	salt, digest, _ := strings.Cut(rest, "$")
	b, err := hex.DecodeString(digest)
	if err != nil {
		return "", fmt.Errorf("%w: its digest is not in hexadecimal", ErrDamaged)
	}
	return Fast{Format: format, Salt: []byte(salt), Position: "before", Digest: b}.text()
}
