package password

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// The algorithms, by the names that begin their stored hashes.
const (
	argon2id   = "argon2id"
	argon2i    = "argon2i" // imported hashes only
	scryptPHC  = "scrypt"
	bcryptHMAC = "bcrypt-hmac"

	// Imported hashes only.
	scryptAES    = "scrypt-aes"        // Firebase's
	bcryptSHA256 = "bcrypt-sha256"     // passlib's
	bcryptHex    = "bcrypt-sha256-hex" // Django's
	bcryptPlain  = "bcrypt"
	pbkdf2SHA1   = "pbkdf2-sha1"
	pbkdf2SHA256 = "pbkdf2-sha256"
	pbkdf2SHA512 = "pbkdf2-sha512"
)

// A Scheme is an algorithm with its work factors. Schemes compare with ==.
// Options takes the zero Scheme for DefaultScheme.
type Scheme struct {
	algorithm string
	memory    uint32 // argon2: KiB
	passes    uint32 // argon2
	logN      uint32 // scrypt: log2 of the cost
	blockSize uint32 // scrypt
	lanes     uint32 // argon2, scrypt
	cost      uint32 // bcrypt
	rounds    uint32 // pbkdf2
}

func (s Scheme) bcrypt() bool { return s.cost > 0 }

func (s Scheme) argon2() bool { return s.algorithm == argon2id || s.algorithm == argon2i }

func (s Scheme) pbkdf2() bool { return strings.HasPrefix(s.algorithm, "pbkdf2-") }

// DefaultScheme is argon2id with 19 MiB, two passes and one lane, which is
// what OWASP's Password Storage Cheat Sheet recommends first.
func DefaultScheme() Scheme {
	return Scheme{algorithm: argon2id, memory: 19456, passes: 2, lanes: 1}
}

// InsecureForTests costs microseconds, so that tests may hash by the thousand.
// ParseScheme has no spelling for it. Never use it outside tests.
func InsecureForTests() Scheme {
	return Scheme{algorithm: argon2id, memory: 8, passes: 1, lanes: 1}
}

// The forms of the setting, each with its defaults.
const (
	argon2Form = "argon2id:m=19456,t=2,p=1"
	scryptForm = "scrypt:n=131072,r=8,p=1"
	bcryptForm = "bcrypt:12"
)

// ParseScheme reads a setting:
//
//	argon2id:m=19456,t=2,p=1     memory in KiB, passes, lanes
//	scrypt:n=131072,r=8,p=1      cost (a power of two), block size, lanes
//	bcrypt:12                    cost
//
// What is left out takes the value shown; a bare name takes all of them. It
// refuses what is weaker than the equivalents OWASP lists, and what is so
// costly that a few logins would take the machine down. The error says what is
// wrong, and how it is written.
func ParseScheme(setting string) (Scheme, error) {
	s, err := parseScheme(setting)
	if err == nil {
		err = errors.Join(s.tooWeak(), s.tooCostly())
	}
	if err != nil {
		return Scheme{}, fmt.Errorf("password hash setting: %w", err)
	}
	return s, nil
}

func parseScheme(setting string) (Scheme, error) {
	name, rest, given := strings.Cut(setting, ":")
	switch name {
	case argon2id:
		f := map[string]uint32{"m": 19456, "t": 2, "p": 1}
		err := written(readFactors(rest, given, f), argon2Form)
		return Scheme{algorithm: argon2id, memory: f["m"], passes: f["t"], lanes: f["p"]}, err
	case "scrypt":
		f := map[string]uint32{"n": 1 << 17, "r": 8, "p": 1}
		err := written(readFactors(rest, given, f), scryptForm)
		if n := f["n"]; err == nil && bits.OnesCount32(n) != 1 {
			err = errors.New("n must be a power of two")
		}
		return Scheme{algorithm: scryptPHC, logN: log2(f["n"]), blockSize: f["r"], lanes: f["p"]}, err
	case "bcrypt":
		if !given {
			rest = "12"
		}
		cost, err := readFactor(rest)
		return Scheme{algorithm: bcryptHMAC, cost: cost}, written(err, bcryptForm)
	case pbkdf2SHA1, pbkdf2SHA256, pbkdf2SHA512: // kinds only, no setting
		f := map[string]uint32{"i": 0}
		err := readFactors(rest, given, f)
		return Scheme{algorithm: name, rounds: f["i"]}, err
	}
	return Scheme{}, fmt.Errorf("the algorithm must be argon2id, scrypt or bcrypt, written as %s, %s or %s", argon2Form, scryptForm, bcryptForm)
}

// written adds to an error how the setting is to be written.
func written(err error, form string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w; the setting is written as %s", err, form)
}

// readFactors overwrites the defaults in f with what text sets, if any was
// given.
func readFactors(text string, given bool, f map[string]uint32) error {
	if !given {
		return nil
	}
	if text == "" {
		return errors.New("nothing follows the colon")
	}
	seen := map[string]bool{}
	for _, part := range strings.Split(text, ",") {
		name, digits, _ := strings.Cut(part, "=")
		if _, known := f[name]; !known {
			return fmt.Errorf("%q is not a work factor of the algorithm", name)
		}
		if seen[name] {
			return fmt.Errorf("%s is set twice", name)
		}
		seen[name] = true
		n, err := readFactor(digits)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		f[name] = n
	}
	return nil
}

// tooLarge stands for a number that a uint32 does not hold. It is beyond the
// range of every factor.
const tooLarge = 1 << 31

// readFactor reads a number of the setting. One that is too large is left to
// tooCostly, which tells the range.
func readFactor(digits string) (uint32, error) {
	const most = "4294967295" // of a uint32
	canonical := strings.Trim(digits, "0123456789") == "" && !strings.HasPrefix(digits, "0")
	if canonical && (len(digits) > len(most) || len(digits) == len(most) && digits > most) {
		return tooLarge, nil
	}
	return readNumber(digits)
}

// readNumber accepts one spelling of a number: no sign, no leading zero.
func readNumber(digits string) (uint32, error) {
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || strconv.FormatUint(n, 10) != digits {
		return 0, errors.New("a whole number is needed")
	}
	return uint32(n), nil
}

func log2(n uint32) uint32 {
	return uint32(max(0, bits.Len32(n)-1))
}

// String writes the setting that ParseScheme reads.
func (s Scheme) String() string {
	switch s.algorithm {
	case pbkdf2SHA1, pbkdf2SHA256, pbkdf2SHA512:
		return fmt.Sprintf("%s:i=%d", s.algorithm, s.rounds)
	case scryptPHC, scryptAES:
		return fmt.Sprintf("scrypt:n=%d,r=%d,p=%d", uint64(1)<<s.logN, s.blockSize, s.lanes)
	case bcryptHMAC, bcryptSHA256, bcryptHex, bcryptPlain:
		return fmt.Sprintf("%s:%d", bcryptPlain, s.cost)
	case "":
		return DefaultScheme().String()
	}
	return fmt.Sprintf("%s:m=%d,t=%d,p=%d", s.algorithm, s.memory, s.passes, s.lanes)
}
