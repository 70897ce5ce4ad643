package foreignhash

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Fast is a hash that is not made for passwords, as its owner describes it.
type Fast struct {
	Format   string // md5, sha1, sha256, sha512
	Salt     []byte
	Position string // of the salt: before or after the password; hmac: it is the key of an HMAC. Empty without a salt
	Digest   []byte
}

var fastSizes = map[string]int{"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}

// FastFormats are the names of the formats.
func FastFormats() []string { return []string{"md5", "sha1", "sha256", "sha512"} }

// maxFastSalt is how long a salt may be, in bytes.
const maxFastSalt = 128

// text is the form that must not be stored: package password wraps it.
func (f Fast) text() (string, error) {
	size := fastSizes[f.Format]
	switch {
	case size == 0:
		return "", fmt.Errorf("%w: of fast ones it knows %s", ErrUnknown, strings.Join(FastFormats(), ", "))
	case len(f.Digest) != size:
		return "", fmt.Errorf("%w: a digest of %s has %d bytes", ErrDamaged, f.Format, size)
	case len(f.Salt) > maxFastSalt:
		return "", fmt.Errorf("%w: a salt has at most %d bytes", ErrDamaged, maxFastSalt)
	case len(f.Salt) == 0 && f.Position != "hmac":
		f.Position = "none"
	case !slices.Contains([]string{"before", "after", "hmac"}, f.Position):
		return "", fmt.Errorf("the position of the salt must be before, after or hmac")
	}
	return fmt.Sprintf("$fast$f=%s,s=%s$%s$%s", f.Format, f.Position, enc.EncodeToString(f.Salt), enc.EncodeToString(f.Digest)), nil
}

// Described reads a fast hash by its description. The digest is in hexadecimal
// or base64, whichever its length fits; the salt is in saltEncoding: utf8 (the
// default), hex or base64.
func Described(format, digest, salt, saltEncoding, position string) (string, error) {
	size, known := fastSizes[format]
	if !known {
		return Fast{Format: format}.text()
	}
	f := Fast{Format: format, Position: position}
	b, err := hex.DecodeString(digest)
	if len(digest) != 2*size {
		b, err = unbase64(digest)
	}
	if err != nil {
		return "", fmt.Errorf("%w: its digest is neither hexadecimal nor base64", ErrDamaged)
	}
	f.Digest = b
	if f.Salt, err = decodeSalt(salt, saltEncoding); err != nil {
		return "", err
	}
	return f.text()
}

// ldap reads {SSHA} and its kin (RFC 2307): base64 of the digest, and of the salt
// that follows the password. {CRYPT} has a text of crypt(3) behind it.
func ldap(text string) (string, error) {
	name, rest, _ := strings.Cut(text[1:], "}")
	name = strings.ToUpper(name)
	if name == "CRYPT" && strings.HasPrefix(rest, "$") {
		return Translate(rest)
	}
	formats := map[string]string{
		"MD5": "md5", "SMD5": "md5", "SHA": "sha1", "SSHA": "sha1",
		"SHA256": "sha256", "SSHA256": "sha256", "SHA512": "sha512", "SSHA512": "sha512",
	}
	format := formats[name]
	b, err := base64.StdEncoding.DecodeString(rest)
	if format == "" {
		return "", ErrUnknown
	}
	if size := fastSizes[format]; err == nil && len(b) >= size {
		return Fast{Format: format, Salt: b[size:], Position: "after", Digest: b[:size]}.text()
	}
	return "", ErrDamaged
}

// DescribedScrypt reads scrypt by its description: decimal numbers, the salt in
// saltEncoding, the digest in hexadecimal or base64.
func DescribedScrypt(n, r, p, salt, saltEncoding, digest string) (string, error) {
	var factors [3]uint64
	for i, text := range []string{n, r, p} {
		var err error
		if factors[i], err = number(text); err != nil {
			return "", err
		}
	}
	s, err := decodeSalt(salt, saltEncoding)
	if err != nil {
		return "", err
	}
	b, err := hex.DecodeString(digest)
	if err != nil {
		if b, err = unbase64(digest); err != nil {
			return "", err
		}
	}
	return scrypt("scrypt", factors[0], factors[1], factors[2], s, b)
}

func decodeSalt(salt, encoding string) (b []byte, err error) {
	switch encoding {
	case "", "utf8":
		return []byte(salt), nil
	case "hex":
		b, err = hex.DecodeString(salt)
	case "base64":
		b, err = unbase64(salt)
	default:
		return nil, fmt.Errorf("the encoding of the salt must be utf8, hex or base64")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: its salt is not in the encoding that is named", ErrDamaged)
	}
	return b, nil
}
