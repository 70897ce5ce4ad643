package auth

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

const (
	maxAddress   = 254 // bytes, RFC 5321 section 4.5.3.1.3 less the brackets
	maxLocalPart = 64  // bytes, RFC 5321 section 4.5.3.1.1
	minUsername  = 3
	maxUsername  = 64
	maxName      = 64 // code points in the name of a device or a token
)

// identifier is an address or a username. It has the text as typed, for
// display, and the canonical form. Only the canonical form decides equality,
// and e-mails go to it.
type identifier struct {
	typed, key string
	field      string // "email" or "username"
}

// domainProfile maps case and width, and refuses what cannot be a host name.
var domainProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(),
	idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// parseAddress brings an e-mail address into its canonical form: trimmed, in
// NFC, with the domain in ASCII (IDNA). In the local part only ASCII is
// lowered; dots and +tags stay. It refuses everything but a plain address:
// quoted local parts, comments, control or invisible characters, IP literals,
// domains of one label.
func parseAddress(typed string) (identifier, error) {
	text := norm.NFC.String(strings.TrimFunc(typed, unicode.IsSpace))
	if text == "" {
		return identifier{}, refuse(Required, "email")
	}
	if len(text) > maxAddress {
		return identifier{}, refuse(TooLong, "email")
	}
	at := strings.LastIndexByte(text, '@')
	if at < 1 || at > maxLocalPart || !isVisible(text) || !validLocalPart(text[:at]) {
		return identifier{}, refuse(Invalid, "email")
	}
	domain, err := domainProfile.ToASCII(text[at+1:])
	if err != nil || !strings.Contains(domain, ".") || isNumeric(domain[strings.LastIndexByte(domain, '.')+1:]) {
		return identifier{}, refuse(Invalid, "email")
	}
	key := norm.NFC.String(lowerASCII(text[:at])) + "@" + domain // again NFC: a lowered character may combine where the capital did not
	if len(key) > maxAddress {
		return identifier{}, refuse(TooLong, "email")
	}
	return identifier{typed: text, key: key, field: "email"}, nil
}

// validLocalPart reports a dot-atom of RFC 5322 that may also have letters,
// digits and marks of every script (RFC 6531). It refuses "=?", the beginning
// of an encoded word: a mail server that decodes it would send the e-mail to
// another domain than the one that is shown.
func validLocalPart(s string) bool {
	if strings.Contains(s, "=?") || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || strings.Contains(s, "..") {
		return false
	}
	for _, r := range s {
		if r < utf8.RuneSelf {
			if !isASCIIAlphanumeric(r) && !strings.ContainsRune(".!#$%&'*+/=?^_`{|}~-", r) {
				return false
			}
		} else if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) || isSelector(r) {
			return false
		}
	}
	return true
}

// UsernamePattern is the form of usernames, as a regular expression. JavaScript
// accepts it with every flag, so that a form can check it first.
const UsernamePattern = `^[A-Za-z0-9][A-Za-z0-9._\-]{2,63}$`

// parseUsername accepts UsernamePattern and ignores letter case. There is no @,
// so a username is never an address.
func parseUsername(typed string) (identifier, error) {
	switch {
	case typed == "":
		return identifier{}, refuse(Required, "username")
	case len(typed) > maxUsername:
		return identifier{}, refuse(TooLong, "username")
	case len(typed) < minUsername:
		return identifier{}, refuse(Invalid, "username")
	}
	for i, r := range typed {
		if !isASCIIAlphanumeric(r) && (i == 0 || !strings.ContainsRune("._-", r)) {
			return identifier{}, refuse(Invalid, "username")
		}
	}
	return identifier{typed: typed, key: lowerASCII(typed), field: "username"}, nil
}

// parseIdentifier takes exactly one of address and username.
func parseIdentifier(email, username *string) (identifier, error) {
	switch {
	case email != nil && username == nil:
		return parseAddress(*email)
	case username != nil && email == nil:
		return parseUsername(*username)
	case email == nil:
		return identifier{}, refuse(Required, "email")
	}
	return identifier{}, &Error{Code: Invalid, Field: []string{"username"}, Text: "Give an address or a username, not both."}
}

// pasted removes white space and invisible characters around a token that a
// person pasted into a form. It is for inputs only, never for a header or a
// cookie.
func pasted(token string) string {
	return strings.TrimFunc(token, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
}

// parseID takes a UUID in its canonical spelling. uuid.Parse accepts four more
// spellings, and one of them is a possible username.
func parseID(text string) (uuid.UUID, bool) {
	id, err := uuid.Parse(text)
	return id, err == nil && strings.EqualFold(text, id.String())
}

// parseName checks the name that a person gives to a device or a token:
// trimmed, one line, no control or invisible characters.
func parseName(typed string, field ...string) (string, error) {
	text := norm.NFC.String(strings.TrimFunc(typed, unicode.IsSpace))
	switch {
	case strings.TrimFunc(text, isSelector) == "":
		return "", refuse(Required, field...)
	case utf8.RuneCountInString(text) > maxName:
		return "", refuse(TooLong, field...)
	}
	if !isVisible(text) {
		return "", refuse(Invalid, field...)
	}
	return text, nil
}

// isVisible reports that a text is valid UTF-8 without control characters and
// without invisible ones, such as those that reverse the direction of text. A
// variation selector after a symbol is allowed.
func isVisible(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, isInvisible)
}

const brailleBlank = '\u2800' // Unicode counts it as a symbol

func isInvisible(r rune) bool {
	return !unicode.IsGraphic(r) || r == brailleBlank || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

func isSelector(r rune) bool { return unicode.Is(unicode.Variation_Selector, r) }

func isASCIIAlphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func isNumeric(s string) bool { return strings.Trim(s, "0123456789") == "" }

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, s)
}
