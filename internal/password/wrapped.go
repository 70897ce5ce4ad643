package password

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // of imported hashes; argon2id is around it
	"crypto/sha1" //nolint:gosec // as above
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"
)

// wrapped begins a hash of a hash.
const wrapped = "$wrapped$"

// inner is a fast hash of the password that an import brought. It is never
// stored. What is stored is a slow hash of it:
//
//	$wrapped$f=md5,s=after$c2FsdA$argon2id$v=19$…
//	$wrapped$f=pbkdf2-sha1,i=1000$c2FsdA$argon2id$v=19$…
type inner struct {
	format string // one of fast, or a PBKDF2
	place  string // of the salt: none, before, after, hmac
	rounds uint32 // of PBKDF2
	salt   []byte
}

// fast are hashes that are not made for passwords.
var fast = map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}

const maxFastSalt = 128

// of hashes a password. Its result has the length of the hash.
func (i *inner) of(password string) []byte {
	if block := blocks[i.format]; block != nil {
		s := stored{scheme: Scheme{algorithm: i.format, rounds: i.rounds}, salt: i.salt}
		digest, _ := s.derive([]byte(password), block().Size()) // the factors were found good
		return digest
	}
	h := fast[i.format]()
	if i.place == "hmac" {
		h = hmac.New(fast[i.format], i.salt)
	}
	if i.place == "before" {
		h.Write(i.salt)
	}
	h.Write([]byte(password))
	if i.place == "after" {
		h.Write(i.salt)
	}
	return h.Sum(nil)
}

// size is the length of what of returns.
func (i *inner) size() int {
	if block := blocks[i.format]; block != nil {
		return block().Size()
	}
	return fast[i.format]().Size()
}

func (i *inner) String() string {
	return wrapped + i.params() + "$" + base64.RawStdEncoding.EncodeToString(i.salt)
}

func (i *inner) params() string {
	if i.rounds > 0 {
		return fmt.Sprintf("f=%s,i=%d", i.format, i.rounds)
	}
	return fmt.Sprintf("f=%s,s=%s", i.format, i.place)
}

// readInner reads the parameters and the salt.
func readInner(params, salt string) (*inner, bool) {
	format, rest, _ := strings.Cut(strings.TrimPrefix(params, "f="), ",")
	i := &inner{format: format}
	var ok bool
	if i.salt, ok = decode(base64.RawStdEncoding, salt); !ok || len(i.salt) > maxFastSalt {
		return nil, false
	}
	switch name, value, _ := strings.Cut(rest, "="); {
	case blocks[format] != nil && name == "i":
		n, err := readNumber(value)
		if i.rounds = n; err != nil || n < 1 || n >= fewRounds {
			return nil, false
		}
	case fast[format] != nil && name == "s":
		i.place = value
		if (len(i.salt) == 0) != (value == "none") && value != "hmac" || value != "none" && value != "before" && value != "after" && value != "hmac" {
			return nil, false
		}
	default:
		return nil, false
	}
	return i, i.params() == params
}

// splitWrapped reads a hash of a hash. The outer one is of a kind that new
// hashes are made of.
func splitWrapped(text string) (stored, bool) {
	fields := strings.SplitN(strings.TrimPrefix(text, wrapped), "$", 3)
	if len(fields) != 3 {
		return stored{}, false
	}
	i, ok := readInner(fields[0], fields[1])
	outer := "$" + fields[2]
	if !ok || strings.HasPrefix(outer, wrapped) {
		return stored{}, false
	}
	s, ok := split(outer)
	s.inner = i
	switch s.scheme.algorithm {
	case argon2id, scryptPHC, bcryptHMAC:
		return s, ok
	}
	return stored{}, false
}
