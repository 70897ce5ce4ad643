package foreignhash

import (
	"encoding/base64"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

var enc = base64.RawStdEncoding

// digestSizes are the sizes of PBKDF2's blocks, by the hash.
var digestSizes = map[string]int{"sha1": 20, "sha256": 32, "sha512": 64}

// pbkdf2 writes the normal form. PBKDF2 makes its result block by block, each
// at full cost and none depending on another. The first one alone decides as
// safely as all of them, so the others are cut off.
func pbkdf2(hash string, rounds uint64, salt, digest []byte) (string, error) {
	size := digestSizes[hash]
	if size == 0 {
		return "", fmt.Errorf("%w: of PBKDF2 it knows sha1, sha256 and sha512", ErrUnknown)
	}
	if len(digest) < 16 {
		return "", ErrDamaged
	}
	return fmt.Sprintf("$pbkdf2-%s$i=%d$%s$%s", hash, rounds, enc.EncodeToString(salt), enc.EncodeToString(digest[:min(size, len(digest))])), nil
}

// scrypt writes the normal form, or that of a name like it.
func scrypt(name string, n, r, p uint64, salt, digest []byte) (string, error) {
	if bits.OnesCount64(n) != 1 {
		return "", fmt.Errorf("%w: the cost N of scrypt must be a power of two", ErrDamaged)
	}
	return fmt.Sprintf("$%s$ln=%d,r=%d,p=%d$%s$%s", name, bits.TrailingZeros64(n), r, p, enc.EncodeToString(salt), enc.EncodeToString(digest)), nil
}

// pbkdf2PHC reads the normal form, passlib's ($pbkdf2-sha256$29000$salt$digest,
// in its own base64) and Auth0's ($pbkdf2-sha256$i=100000,l=32$salt$digest).
func pbkdf2PHC(id, rest string) (string, error) {
	fields := strings.Split(rest, "$")
	if len(fields) != 3 {
		return "", ErrDamaged
	}
	hash := strings.TrimPrefix(id, "pbkdf2-")
	if id == "pbkdf2" {
		hash = "sha1"
	}
	factors, _, _ := strings.Cut(strings.TrimPrefix(fields[0], "i="), ",l=")
	rounds, err := number(factors)
	if err != nil {
		return "", err
	}
	salt, err := unbase64(strings.ReplaceAll(fields[1], ".", "+"))
	if err != nil {
		return "", err
	}
	digest, err := unbase64(strings.ReplaceAll(fields[2], ".", "+"))
	if err != nil {
		return "", err
	}
	return pbkdf2(hash, rounds, salt, digest)
}

func number(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%w: it has no number where one is needed, or one that is too large", ErrDamaged)
	}
	return n, nil
}

// unbase64 reads base64 with and without padding, also that for URLs.
func unbase64(text string) ([]byte, error) {
	text = strings.TrimRight(text, "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	b, err := enc.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // which the decoder skips
		return nil, ErrDamaged
	}
	return b, nil
}
