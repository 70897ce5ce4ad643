package password

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1" //nolint:gosec // PBKDF2 with it is as good as with others
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/scrypt"
)

// Lengths in bytes of what new hashes are made of.
const (
	saltSize   = 16
	digestSize = 32
)

// bcrypt's own lengths.
const (
	bcryptMaxInput = 72 // bytes; it ignores what follows
	bcryptSalt     = 22 // characters that begin the tail of its text
	bcryptTail     = 53
)

// bcryptEncoding is bcrypt's own base64.
var bcryptEncoding = base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)

// bcryptLabel is the key of the HMAC where there is no pepper. It makes a hash
// worthless for finding passwords whose plain SHA-256 is known from elsewhere.
const bcryptLabel = "authgraph password 1"

// blocks are the hashes that PBKDF2 repeats. One block of it is at most as long.
var blocks = map[string]func() hash.Hash{pbkdf2SHA1: sha1.New, pbkdf2SHA256: sha256.New, pbkdf2SHA512: sha512.New}

// input is what the algorithm hashes: the password itself, or its HMAC under
// the pepper. bcrypt always gets an HMAC, of which it reads every byte, however
// long the password is: base64 keeps it free of zero bytes, at which many
// implementations stop.
func (s stored) input(password string, pepper []byte) []byte {
	if s.inner != nil {
		return s.wrapInput(s.inner.of(password), pepper)
	}
	return s.wrapInput([]byte(password), pepper)
}

// wrapInput is input for what stands for the password.
func (s stored) wrapInput(password, pepper []byte) []byte {
	key := pepper
	switch {
	case s.scheme.algorithm == bcryptHex:
		sum := sha256.Sum256(password)
		return []byte(hex.EncodeToString(sum[:]))
	case s.scheme.algorithm == bcryptHMAC && key == nil:
		key = []byte(bcryptLabel)
	case s.scheme.algorithm == bcryptSHA256:
		key = s.salt // so passlib has it
	case key == nil:
		return password
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(password)
	input := mac.Sum(nil)
	if s.scheme.bcrypt() {
		return []byte(base64.StdEncoding.EncodeToString(input))
	}
	return input
}

// make hashes input under a new salt. This and matches are where the time and
// the memory go; the scheme must be within its bounds.
func (s *stored) make(input []byte) (err error) {
	if s.scheme.bcrypt() {
		s.digest, err = bcrypt.GenerateFromPassword(input, int(s.scheme.cost))
		return err
	}
	s.salt = random(saltSize)
	s.digest, err = s.derive(input, digestSize)
	return err
}

// matches hashes input under the salt of s, and compares.
func (s stored) matches(input []byte) (bool, error) {
	if s.scheme.bcrypt() {
		good := bcrypt.CompareHashAndPassword(s.digest, input) == nil // its text was found good before
		return good && len(input) <= bcryptMaxInput, nil
	}
	digest, err := s.derive(input, len(s.digest))
	return subtle.ConstantTimeCompare(digest, s.digest) == 1, err
}

func (s stored) derive(input []byte, size int) ([]byte, error) {
	c := s.scheme
	switch c.algorithm {
	case argon2id:
		return argon2.IDKey(input, s.salt, c.passes, c.memory, uint8(c.lanes), uint32(size)), nil
	case argon2i:
		return argon2.Key(input, s.salt, c.passes, c.memory, uint8(c.lanes), uint32(size)), nil
	case scryptPHC:
		// scrypt's own first step cannot tell zero bytes at the end of a
		// password from none (RFC 2104 pads keys with them).
		return scrypt.Key(input, s.salt, 1<<c.logN, int(c.blockSize), int(c.lanes), size)
	case scryptAES:
		key, err := scrypt.Key(input, s.salt, 1<<c.logN, int(c.blockSize), int(c.lanes), 32)
		if err != nil {
			return nil, err
		}
		return aesStream(key, size)
	case pbkdf2SHA1, pbkdf2SHA256, pbkdf2SHA512:
		return pbkdf2.Key(blocks[c.algorithm], string(input), s.salt, int(c.rounds), size)
	}
	return nil, errors.New("no such password hash algorithm")
}

// aesStream is the beginning of AES in counter mode, counted from zero.
func aesStream(key []byte, size int) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	stream := make([]byte, size)
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(stream, stream) //nolint:gosec // Firebase counts from zero; each key is of one salt
	return stream, nil
}
