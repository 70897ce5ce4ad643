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
	digest []byte // of bcrypt its whole text
	inner  *inner // what was hashed instead of the password; nil for none
}

// String writes the PHC string (https://github.com/P-H-C/phc-string-format), or
// bcrypt's own text behind the name.
func (s stored) String() string {
	id, enc := s.scheme.algorithm, base64.RawStdEncoding
	var before string
	if s.inner != nil {
		before = s.inner.String()
	}
	tail := "$" + enc.EncodeToString(s.salt) + "$" + enc.EncodeToString(s.digest)
	var params string
	switch id {
	case pbkdf2SHA1, pbkdf2SHA256, pbkdf2SHA512:
		params = fmt.Sprintf("i=%d", s.scheme.rounds)
	case scryptPHC, scryptAES:
		params = fmt.Sprintf("ln=%d,r=%d,p=%d", s.scheme.logN, s.scheme.blockSize, s.scheme.lanes)
	case bcryptHMAC, bcryptHex:
		params, tail = "v=1", string(s.digest)
	default:
		id, params = id+"$v=19", fmt.Sprintf("m=%d,t=%d,p=%d", s.scheme.memory, s.scheme.passes, s.scheme.lanes)
	}
	if s.keyID != "" {
		params += ",keyid=" + enc.EncodeToString([]byte(s.keyID))
	}
	return before + "$" + id + "$" + params + tail
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
	if strings.HasPrefix(text, wrapped) {
		return splitWrapped(text)
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
	case (id == scryptPHC || id == scryptAES) && len(rest) == 3:
		f, keyID, ok := readParams(rest[0], "ln", "r", "p")
		s = stored{scheme: Scheme{algorithm: id, logN: f[0], blockSize: f[1], lanes: f[2]}, keyID: keyID}
		return s, ok && (id == scryptPHC || keyID == "") && s.readPHC(rest[1], rest[2])
	case blocks[id] != nil && len(rest) == 3:
		f, keyID, ok := readParams(rest[0], "i")
		s = stored{scheme: Scheme{algorithm: id, rounds: f[0]}}
		return s, ok && keyID == "" && s.readPHC(rest[1], rest[2]) && len(s.digest) <= blocks[id]().Size()
	case (id == bcryptHMAC || id == bcryptHex) && len(rest) == 4:
		f, keyID, ok := readParams(rest[0], "v")
		s = stored{scheme: Scheme{algorithm: id}, keyID: keyID}
		return s, ok && f[0] == 1 && (id == bcryptHMAC || keyID == "") && s.readBcrypt(rest[1], rest[2], rest[3])
	case id == bcryptSHA256 && len(rest) == 3:
		params, v2 := strings.CutPrefix(rest[0], "v=2,t=2b,")
		f, keyID, ok := readParams(params, "r")
		s = stored{scheme: Scheme{algorithm: id}, salt: []byte(rest[1])}
		_, strict := decode(bcryptEncoding.Strict(), rest[1]) // the salt's very text is a key here
		return s, v2 && ok && keyID == "" && strict && s.readBcrypt("2b", fmt.Sprintf("%02d", f[0]), rest[1]+rest[2])
	case len(rest) == 2:
		s = stored{scheme: Scheme{algorithm: bcryptPlain}}
		return s, s.readBcrypt(id, rest[0], rest[1])
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
	least := 1
	if s.scheme.argon2() {
		least = 8 // RFC 9106, section 3.1
	}
	return ok1 && ok2 && len(s.salt) >= least && len(s.salt) <= 64 && len(s.digest) >= 16 && len(s.digest) <= 64
}

// readBcrypt reads bcrypt's own text, cut at its dollars. Hashes made elsewhere
// are known to carry stray bits in the last character of their salt.
func (s *stored) readBcrypt(version, cost, tail string) bool {
	if version != "2a" && version != "2b" && version != "2y" || len(cost) != 2 || len(tail) != bcryptTail {
		return false
	}
	var err error
	s.scheme.cost, err = readNumber(strings.TrimPrefix(cost, "0"))
	s.digest = []byte("$" + version + "$" + cost + "$" + tail)
	_, ok1 := decode(bcryptEncoding, tail[:bcryptSalt])
	_, ok2 := decode(bcryptEncoding.Strict(), tail[bcryptSalt:])
	return err == nil && ok1 && ok2
}

// invent makes up salt and digest. A random digest is one that no password has;
// comparing with it takes as long as with a real one.
func (s *stored) invent() {
	s.salt, s.digest = random(saltSize), random(digestSize)
	if block := blocks[s.scheme.algorithm]; block != nil {
		s.digest = s.digest[:min(digestSize, block().Size())] // more would cost another block
	}
	if s.scheme.bcrypt() {
		tail := bcryptEncoding.EncodeToString(s.salt) + bcryptEncoding.EncodeToString(s.digest[:23])
		s.salt, s.digest = nil, fmt.Appendf(nil, "$2a$%02d$%s", s.scheme.cost, tail)
	}
}

// decode refuses line breaks, which encoding/base64 skips.
func decode(enc *base64.Encoding, text string) ([]byte, bool) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	b, err := enc.DecodeString(text)
	return b, err == nil
}
