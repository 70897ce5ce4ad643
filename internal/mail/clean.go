package mail

import (
	"net/netip"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxText bounds in code points what a letter shows of a text that a person
// chose: room for a name, none for a message of their own.
const maxText = 64

// clean makes a text that a person chose fit for a letter. Mail clients make
// links of their own out of anything that looks like an address, also in
// plain text, and a letter from us is a fine place for a stranger's link
// (CVE-2024-41953 is one such). So what links are made of is put in brackets,
// as in evil[.]test and https[:][/][/]; tags lose their brackets; characters
// that cannot be seen, or that turn the direction of the text, are dropped.
func clean(s string) string {
	// Twice, since NFKC can make one code point into eighteen.
	s = cut(norm.NFKC.String(cut(strings.ToValidUTF8(s, ""), maxText)), maxText)
	var b strings.Builder
	space := true // drops leading space
	runes := visible(s)
	for i, r := range runes {
		if r == ' ' {
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		space = false
		beforeText := i+1 < len(runes) && runes[i+1] != ' '
		switch {
		case r == ':' || strings.ContainsRune("@/\\", r) && beforeText:
			b.WriteString("[" + string(r) + "]")
		case isDot(r) && beforeText:
			b.WriteString("[.]")
		case r == '<':
			b.WriteRune('‹')
		case r == '>':
			b.WriteRune('›')
		default:
			b.WriteRune(r)
		}
	}
	out := strings.TrimRight(b.String(), " ")
	if short := cut(out, maxText); short != out {
		return cut(out, maxText-1) + "…"
	}
	return out
}

// isDot reports whether r separates the labels of a domain name. NFKC has
// made the other dots of RFC 3490 section 3.1 into one of these.
func isDot(r rune) bool { return r == '.' || r == '。' }

// visible returns the runes of s without those that show nothing or change
// how others show (controls, format and direction marks, private use), with
// every kind of space as ' '.
func visible(s string) []rune {
	var out []rune
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			out = append(out, ' ')
		case unicode.In(r, unicode.C, unicode.Zl, unicode.Zp), unicode.Is(unicode.Variation_Selector, r):
		default:
			out = append(out, r)
		}
	}
	return out
}

// cut returns the first n code points of s.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// cleanIP returns s if it is an IP address, else nothing.
func cleanIP(s string) string {
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	return addr.Unmap().WithZone("").String()
}
