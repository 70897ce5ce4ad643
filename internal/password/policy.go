package password

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/authgraph/authgraph/internal/password/blocklist"
)

// Why Policy.Check refuses a password.
var (
	ErrTooShort  = errors.New("the password is too short")
	ErrTooLong   = errors.New("the password is too long")
	ErrTooCommon = errors.New("the password is too easy to guess")
)

// The lengths that a zero Policy allows, and how far a Policy may go: below 8
// is less than ASVS 5.0 (V6.2.1) and NIST SP 800-63B-4 (3.1.1.2) ask for even
// beside a second factor, they want at least 64 to be allowed, and a thousand
// is as far as checking stays cheap.
const (
	DefaultMin = 8
	DefaultMax = 128

	leastMax = 64
	mostMax  = 1024
)

// A Policy says which new passwords are accepted. There are no rules about
// kinds of characters, and every character is allowed. Judged is the NFC form,
// whose lengths are in code points. The zero Policy is ready for use.
type Policy struct {
	Min int // 0 is DefaultMin
	Max int // 0 is DefaultMax
}

// Validate refuses lengths that no deployment should use.
func (p Policy) Validate() error {
	least, most := p.lengths()
	switch {
	case least < DefaultMin:
		return fmt.Errorf("password policy: the shortest password must have at least %d characters", DefaultMin)
	case most < leastMax || most > mostMax:
		return fmt.Errorf("password policy: the longest password must have from %d to %d characters", leastMax, mostMax)
	case least > most:
		return errors.New("password policy: the shortest password is longer than the longest")
	}
	return nil
}

func (p Policy) lengths() (least, most int) {
	least, most = p.Min, p.Max
	if least == 0 {
		least = DefaultMin
	}
	if most == 0 {
		most = DefaultMax
	}
	return least, most
}

// Check refuses a new password with ErrTooShort, ErrTooLong or ErrTooCommon.
// The last is for the commonest passwords, for what guessing programs derive
// from them, and for what is little more than the context: the account's
// address and username and the service's name, as they are (see package
// blocklist for the rules). It costs microseconds.
func (p Policy) Check(password string, context ...string) error {
	if p.TooLong(password) {
		return ErrTooLong
	}
	password = composed(password)
	if least, _ := p.lengths(); utf8.RuneCountInString(password) < least {
		return ErrTooShort
	}
	if blocklist.Refuses(password, context...) {
		return ErrTooCommon
	}
	return nil
}

// TooLong reports whether no password of the policy is as long as this one, in
// bytes as it was typed or in code points of its NFC form. A login refuses such a
// password without hashing it, so that megabytes cost nothing. Lowering Max locks out the accounts whose passwords are longer.
func (p Policy) TooLong(password string) bool {
	_, most := p.lengths()
	return len(password) > most*utf8.UTFMax || utf8.RuneCountInString(composed(password)) > most
}
