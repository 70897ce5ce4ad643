package blocklist

import "unicode"

// fold makes characters that a guesser does not tell apart equal: letter case
// and the full-width forms of ASCII. Every character stays one character.
func fold(s string) []rune {
	folded := make([]rune, 0, len(s))
	for _, r := range s {
		if 0xFF01 <= r && r <= 0xFF5E {
			r += '!' - 0xFF01
		}
		folded = append(folded, unicode.ToLower(r))
	}
	return folded
}

// unleet undoes the usual substitutions of letters.
func unleet(p []rune) []rune {
	plain := make([]rune, len(p))
	for i, r := range p {
		switch r {
		case '@', '4':
			r = 'a'
		case '3', '€':
			r = 'e'
		case '1', '!', '|':
			r = 'i'
		case '0':
			r = 'o'
		case '$', '5':
			r = 's'
		case '7', '+':
			r = 't'
		}
		plain[i] = r
	}
	return plain
}
