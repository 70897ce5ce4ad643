package edge

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// scan looks at the tokens of a document before anything parses it, so that
// the parser's trees and the validator's walks have a bounded size. What is
// not even a token is left to the parser to report.
func scan(text string, b *bounds) *refusal {
	if strings.Contains(text, `\u`) && loneSurrogate(text) {
		return notUnicode(refused)
	}
	lex := lexer.New(&ast.Source{Input: text})
	for tokens := 1; ; tokens++ {
		token, err := lex.ReadToken()
		switch {
		case err != nil || token.Kind == lexer.EOF:
			return nil
		case tokens > b.tokens:
			return tooComplex("The document has too many tokens.", &token.Pos)
		case token.Kind == lexer.Name && len(token.Value) > b.nameBytes:
			return tooComplex("A name is too long.", &token.Pos)
		}
	}
}

// loneSurrogate reports whether a string of the document holds an escaped
// surrogate without its other half. The lexer would make U+FFFD of it, and two
// different passwords equal.
func loneSurrogate(text string) bool {
	for i := 0; i < len(text); {
		switch {
		case text[i] == '#':
			i += lineLength(text[i:])
		case strings.HasPrefix(text[i:], `"""`):
			i += blockLength(text[i:])
		case text[i] == '"':
			length, lone := stringLength(text[i:])
			if lone {
				return true
			}
			i += length
		default:
			i++
		}
	}
	return false
}

func lineLength(s string) int {
	if end := strings.IndexAny(s, "\n\r"); end >= 0 {
		return end
	}
	return len(s)
}

// blockLength is the length of the block string that s begins with. No
// escape but the one of its own quotes means anything in it.
func blockLength(s string) int {
	for i := 3; i < len(s); i++ {
		if strings.HasPrefix(s[i:], `\"""`) {
			i += 3
			continue
		}
		if strings.HasPrefix(s[i:], `"""`) {
			for i += 3; i < len(s) && s[i] == '"'; i++ { // the lexer takes more quotes as part of it
			}
			return i
		}
	}
	return len(s)
}

// stringLength is the length of the string that s begins with, and whether it
// holds a lone surrogate.
func stringLength(s string) (length int, lone bool) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"', '\n', '\r':
			return i + 1, false
		case '\\':
			i++
			if i >= len(s) || s[i] != 'u' {
				continue
			}
			char, ok := hex4(s[i+1:])
			if !ok || !utf16.IsSurrogate(char) {
				continue
			}
			if i += 4; !strings.HasPrefix(s[i+1:], `\u`) {
				return 0, true
			}
			second, ok := hex4(s[i+3:])
			if !ok || utf16.DecodeRune(char, second) == utf8.RuneError {
				return 0, true
			}
			i += 6
		}
	}
	return len(s), false
}

// hex4 is the code unit that four hexadecimal digits write; fewer, at the end of
// a text, write no surrogate.
func hex4(s string) (rune, bool) {
	n, err := strconv.ParseUint(s[:min(4, len(s))], 16, 16)
	return rune(n), err == nil
}
