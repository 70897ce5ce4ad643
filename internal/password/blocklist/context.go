package blocklist

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What of the context is looked for in a password: pieces of three characters
// and more would be found in too many by chance, except for a whole username
// or local part.
const (
	shortestContext = 3
	shortestPiece   = 4
	longestContext  = 320 // bytes; what is longer is cut
)

// contextWords folds the context and takes it apart: ann.lee@mail.example.org
// is looked for whole, as ann.lee, annlee, mail.example.org and example.
func contextWords(context []string) [][]rune {
	var found [][]rune
	add := func(s string, shortest int) {
		if utf8.RuneCountInString(s) >= shortest {
			found = append(found, []rune(s))
		}
	}
	for _, text := range context {
		whole := string(fold(text[:min(len(text), longestContext)]))
		add(whole, shortestContext)
		local, domain, isAddress := strings.Cut(whole, "@")
		if isAddress {
			add(local, shortestContext)
			add(domain, shortestContext)
		}
		separated := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
		pieces := strings.FieldsFunc(local, separated)
		if len(pieces) > 1 {
			add(strings.Join(pieces, ""), shortestContext)
		}
		for _, piece := range append(pieces, strings.FieldsFunc(domain, separated)...) {
			if piece != whole && piece != local {
				add(piece, shortestPiece)
			}
		}
	}
	return found
}
