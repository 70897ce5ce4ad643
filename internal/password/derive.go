package password

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/blowfish" //nolint:staticcheck // bcrypt is made of it
	"golang.org/x/crypto/scrypt"
)

// Lengths in bytes of what new hashes are made of. bcrypt has its own digest.
const (
	saltSize   = 16
	digestSize = 32

	bcryptDigestSize = 23
	bcryptMaxInput   = 72 // bcrypt ignores what follows
)

// digestSize is the length of the digests that s makes.
func (s Scheme) digestSize() int {
	if s.algorithm == bcryptSHA256 {
		return bcryptDigestSize
	}
	return digestSize
}

// derive runs the algorithm: this is where the time and the memory go. The
// scheme must be within its bounds.
func (s Scheme) derive(input, salt []byte, size int) ([]byte, error) {
	switch s.algorithm {
	case argon2id:
		return argon2.IDKey(input, salt, s.passes, s.memory, uint8(s.lanes), uint32(size)), nil
	case argon2i:
		return argon2.Key(input, salt, s.passes, s.memory, uint8(s.lanes), uint32(size)), nil
	case scryptPHC:
		// scrypt's own first step cannot tell zero bytes at the end of a
		// password from none (RFC 2104 pads keys with them).
		return scrypt.Key(input, salt, 1<<s.logN, int(s.blockSize), int(s.lanes), size)
	case bcryptSHA256:
		return bcrypt(shorten(input, salt), salt, s.cost)
	case bcryptPlain:
		return bcrypt(input[:min(len(input), bcryptMaxInput)], salt, s.cost)
	}
	return nil, errors.New("no such password hash algorithm")
}

// shorten brings an input of any length within what bcrypt reads, as passlib's
// bcrypt_sha256 does in version 2. The key makes the result worthless for
// finding passwords whose plain SHA-256 is known from elsewhere; base64 keeps
// zero bytes, at which many implementations stop, away from bcrypt.
func shorten(input, salt []byte) []byte {
	mac := hmac.New(sha256.New, []byte(bcryptEncoding.EncodeToString(salt)))
	mac.Write(input)
	return []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// bcryptEncoding is bcrypt's own base64.
var bcryptEncoding = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)

// bcrypt is the algorithm under a salt of the caller's choice, which
// x/crypto/bcrypt does not offer and bcrypt-sha256 needs: its key is the salt.
func bcrypt(input, salt []byte, cost uint32) ([]byte, error) {
	key := append(input[:len(input):len(input)], 0) // the C string's end is part of the key
	cipher, err := blowfish.NewSaltedCipher(key, salt)
	if err != nil {
		return nil, fmt.Errorf("bcrypt: %w", err)
	}
	for range uint64(1) << cost {
		blowfish.ExpandKey(key, cipher)
		blowfish.ExpandKey(salt, cipher)
	}
	block := []byte("OrpheanBeholderScryDoubt")
	for i := 0; i < len(block); i += blowfish.BlockSize {
		for range 64 {
			cipher.Encrypt(block[i:], block[i:])
		}
	}
	return block[:bcryptDigestSize], nil
}
