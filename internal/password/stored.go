package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrUnreadable says that a stored hash is not one that this package can
// verify: damaged, of an unknown kind, under a pepper that is not configured,
// or asking for more work than is allowed.
var ErrUnreadable = errors.New("stored password hash is unreadable")

// stored is what the text of a stored hash says.
type stored struct {
	scheme Scheme
	keyID  string // of the pepper; "" for none
	salt   []byte
	digest []byte
}

// String writes the PHC string (https://github.com/P-H-C/phc-string-format),
// or for bcrypt-sha256 passlib's form of it.
func (s stored) String() string {
	enc, id := base64.RawStdEncoding, s.scheme.algorithm
	var params string
	switch id {
	case scryptPHC:
		params = fmt.Sprintf("ln=%d,r=%d,p=%d", s.scheme.logN, s.scheme.blockSize, s.scheme.lanes)
	case bcryptSHA256:
		enc, params = bcryptEncoding, fmt.Sprintf("v=2,t=2b,r=%d", s.scheme.cost)
	default:
		id, params = id+"$v=19", fmt.Sprintf("m=%d,t=%d,p=%d", s.scheme.memory, s.scheme.passes, s.scheme.lanes)
	}
	if s.keyID != "" {
		params += ",keyid=" + base64.RawStdEncoding.EncodeToString([]byte(s.keyID))
	}
	return "$" + id + "$" + params + "$" + enc.EncodeToString(s.salt) + "$" + enc.EncodeToString(s.digest)
}

// parseStored reads a stored hash. It accepts nothing that derive could not
// run within the bounds, and does so before any work is done.
func parseStored(text string) (stored, error) {
	s, ok := split(text)
	if !ok {
		return stored{}, ErrUnreadable
	}
	if err := s.scheme.tooCostly(); err != nil {
		return stored{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return s, nil
}

func split(text string) (s stored, ok bool) {
	if len(text) > 512 {
		return stored{}, false
	}
	fields := strings.Split(text, "$")
	if fields[0] != "" || len(fields) < 4 {
		return stored{}, false
	}
	switch id, rest := fields[1], fields[2:]; {
	case (id == argon2id || id == argon2i) && len(rest) == 4 && rest[0] == "v=19":
		f, keyID, ok := readParams(rest[1], "m", "t", "p")
		s = stored{scheme: Scheme{algorithm: id, memory: f[0], passes: f[1], lanes: f[2]}, keyID: keyID}
		return s, ok && s.readPHC(rest[2], rest[3])
	case id == scryptPHC && len(rest) == 3:
		f, keyID, ok := readParams(rest[0], "ln", "r", "p")
		s = stored{scheme: Scheme{algorithm: id, logN: f[0], blockSize: f[1], lanes: f[2]}, keyID: keyID}
		return s, ok && s.readPHC(rest[1], rest[2])
	case id == bcryptSHA256 && len(rest) == 3:
		params, v2 := strings.CutPrefix(rest[0], "v=2,t=2b,")
		f, keyID, ok := readParams(params, "r")
		s = stored{scheme: Scheme{algorithm: id, cost: f[0]}, keyID: keyID}
		return s, v2 && ok && s.readBcrypt(rest[1], rest[2])
	case (id == "2a" || id == "2b" || id == "2y") && len(rest) == 2 && len(rest[0]) == 2 && len(rest[1]) == 53:
		cost, err := readNumber(strings.TrimPrefix(rest[0], "0"))
		s = stored{scheme: Scheme{algorithm: bcryptPlain, cost: cost}}
		return s, err == nil && s.readBcrypt(rest[1][:22], rest[1][22:])
	}
	return stored{}, false
}

// readParams reads "name=number" for each name in its order, then perhaps
// "keyid=…", which is at most eight bytes. It always returns three numbers.
func readParams(text string, names ...string) (values [3]uint32, keyID string, ok bool) {
	parts := strings.Split(text, ",")
	if len(parts) == len(names)+1 {
		encoded, found := strings.CutPrefix(parts[len(names)], "keyid=")
		id, good := decode(base64.RawStdEncoding, encoded)
		if !found || !good || len(id) < 1 || len(id) > maxPepperID {
			return values, "", false
		}
		keyID, parts = string(id), parts[:len(names)]
	}
	if len(parts) != len(names) {
		return values, "", false
	}
	for i, name := range names {
		digits, found := strings.CutPrefix(parts[i], name+"=")
		n, err := readNumber(digits)
		if !found || err != nil {
			return values, "", false
		}
		values[i] = n
	}
	return values, keyID, true
}

// readPHC decodes salt and digest. A digest of a few bytes would be matched by
// too many passwords.
func (s *stored) readPHC(salt, digest string) bool {
	var ok1, ok2 bool
	s.salt, ok1 = decode(base64.RawStdEncoding, salt)
	s.digest, ok2 = decode(base64.RawStdEncoding, digest)
	return ok1 && ok2 && len(s.salt) >= 8 && len(s.salt) <= 64 && len(s.digest) >= 16 && len(s.digest) <= 64
}

// readBcrypt decodes salt and digest. Hashes made elsewhere are known to carry
// stray bits in the last character of a plain salt.
func (s *stored) readBcrypt(salt, digest string) bool {
	enc := bcryptEncoding
	if s.scheme.algorithm == bcryptSHA256 {
		enc = enc.Strict() // the salt's very text is a key there
	}
	var ok1, ok2 bool
	s.salt, ok1 = decode(enc, salt)
	s.digest, ok2 = decode(bcryptEncoding, digest)
	return ok1 && ok2 && len(s.salt) == saltSize && len(s.digest) == bcryptDigestSize
}

// decode refuses line breaks, which encoding/base64 skips.
func decode(enc *base64.Encoding, text string) ([]byte, bool) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	b, err := enc.DecodeString(text)
	return b, err == nil
}
