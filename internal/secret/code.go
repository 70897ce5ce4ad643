package secret

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"
)

// codeDigits is how many digits a code has that people copy from an e-mail.
const codeDigits = 8

// MintCode returns a code of eight digits, each as likely as another.
func MintCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(100_000_000))
	if err != nil {
		panic("secret: " + err.Error()) // the system's generator does not fail
	}
	return fmt.Sprintf("%0*d", codeDigits, n)
}

// ParseCode returns a code as it was minted. Spaces and dashes do not count.
func ParseCode(typed string) (code string, ok bool) {
	if len(typed) > 4*codeDigits {
		return "", false
	}
	code = blanks.Replace(typed)
	return code, len(code) == codeDigits && strings.Trim(code, "0123456789") == ""
}

// blanks are what people and e-mail programs put between digits.
var blanks = strings.NewReplacer(" ", "", "-", "", "\t", "", "\n", "", "\r", "", "\u00a0", "", "\u202f", "")
