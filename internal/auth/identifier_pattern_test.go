package auth

import (
	"regexp"
	"strings"
	"testing"
)

// TestUsernamePattern: parseUsername accepts exactly what the pattern for forms
// accepts.
func TestUsernamePattern(t *testing.T) {
	pattern := regexp.MustCompile(UsernamePattern)
	check := func(name string) {
		t.Helper()
		if _, err := parseUsername(name); (err == nil) != pattern.MatchString(name) {
			t.Errorf("parseUsername(%q) = %v, but the pattern says %t", name, err, pattern.MatchString(name))
		}
	}
	for n := range 70 {
		check(strings.Repeat("a", n))
	}
	for r := range rune(0x250) { // each one at the beginning, in the middle and at the end
		check(string(r) + "bc")
		check("a" + string(r) + "c")
		check("ab" + string(r))
	}
	for _, name := range []string{"abc\n", "\nabc", "a\u212ac", "a\uff41c", "a\u0435c", "\xff\xff\xff", "ab\xff"} {
		check(name)
	}
	// The pattern of an HTML input does not allow an unescaped hyphen in a
	// class.
	if strings.Contains(strings.ReplaceAll(UsernamePattern, `\-`, ""), "-]") {
		t.Error("the pattern has a hyphen that the v flag does not take")
	}
}
