package secret

import (
	"errors"
	"strings"
)

const (
	minBytes    = 32
	minDistinct = 8
	// examined bounds how much of a secret is looked at for patterns: in a very
	// long one, random text has to repeat itself.
	examined = 256
)

// The reasons why a secret is refused. None of them quotes it.
var (
	errShort       = errors.New("is shorter than 32 bytes; make one with: openssl rand -base64 32")
	errMonotonous  = errors.New("has too few different characters; make one with: openssl rand -base64 32")
	errRepetitive  = errors.New("repeats itself; make one with: openssl rand -base64 32")
	errSequence    = errors.New("is a sequence of neighbouring characters; make one with: openssl rand -base64 32")
	errPlaceholder = errors.New("looks like a placeholder; make one with: openssl rand -base64 32")
)

// placeholders are looked for in the lower-cased letters and digits of a secret.
// Each is long enough that random base64 does not hold one by chance (below one
// in ten million for all of them together).
func placeholders() []string {
	return []string{
		"changeme", "changethis", "changeit", "pleasechange", "replaceme", "replacethis", "replacewith",
		"placeholder", "yoursecret", "mysecret", "supersecret", "topsecret", "secretkey", "testsecret",
		"devsecret", "defaultsecret", "authgraphsecret", "yourkey", "jwtsecret", "insecure", "notsecure",
		"notasecret", "donotuse", "dontuse", "example", "password", "passphrase", "development",
		"qwertyui", "asdfghjk", "12345678", "abcdefgh", "deadbeef", "loremipsum", "opensslrand",
	}
}

// checkStrength refuses secrets that somebody could guess. It cannot tell good
// randomness from bad; it catches what people type instead of making one.
func checkStrength(s string) error {
	if len(s) < minBytes {
		return errShort
	}
	s = s[:min(len(s), examined)]
	switch {
	case distinct(s) < minDistinct:
		return errMonotonous
	case repeats(s):
		return errRepetitive
	case sequential(s):
		return errSequence
	}
	bare := strings.Map(alphanumeric, s)
	for _, word := range placeholders() {
		if strings.Contains(bare, word) {
			return errPlaceholder
		}
	}
	return nil
}

// distinct counts the different bytes of s.
func distinct(s string) int {
	var seen [256]bool
	n := 0
	for i := range len(s) {
		if !seen[s[i]] {
			seen[s[i]] = true
			n++
		}
	}
	return n
}

// repeats tells whether s is one piece written again and again, or has so few
// different groups of three that it is made of a few words. Thirty-two random
// decimal digits, the poorest alphabet that passes distinct, stay far above.
func repeats(s string) bool {
	for period := 1; period <= len(s)/2; period++ {
		if s[period:] == s[:len(s)-period] {
			return true
		}
	}
	groups := map[string]struct{}{}
	for i := range len(s) - 2 {
		groups[s[i:i+3]] = struct{}{}
	}
	return 3*len(groups) < 2*(len(s)-2)
}

// sequential tells whether three in four steps of s go to the same or a
// neighbouring character ("aabbccdd…", "0123…", "zyx…").
func sequential(s string) bool {
	near := 0
	for i := 1; i < len(s); i++ {
		if d := int(s[i]) - int(s[i-1]); -1 <= d && d <= 1 {
			near++
		}
	}
	return 4*near > 3*(len(s)-1)
}

// alphanumeric maps to lower case and drops all but letters and digits, so that
// "CHANGE_ME" and "change-me" are one word.
func alphanumeric(c rune) rune {
	switch {
	case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		return c
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	}
	return -1
}
