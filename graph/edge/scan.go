package edge

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// scan reads the tokens of a document before it is parsed, so that the size of
// the parser's trees and the validator's work are limited. It leaves invalid
// tokens to the parser.
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

// loneSurrogate reports whether a string of the document has an escaped
// surrogate without its other half. The lexer would replace it by U+FFFD, and
// two different passwords would become equal.
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

// blockLength is the length of the block string at the beginning of s. Its only
// escape is that of three quotes.
func blockLength(s string) int {
	for i := 3; i < len(s); i++ {
		if strings.HasPrefix(s[i:], `\"""`) {
			i += 3
			continue
		}
		if strings.HasPrefix(s[i:], `"""`) {
			for i += 3; i < len(s) && s[i] == '"'; i++ { // the lexer includes further quotes
			}
			return i
		}
	}
	return len(s)
}

// stringLength is the length of the string at the beginning of s, and whether
// it has a lone surrogate.
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

// hex4 is the code unit of four hexadecimal digits. Fewer, at the end of a
// text, are no surrogate.
func hex4(s string) (rune, bool) {
	n, err := strconv.ParseUint(s[:min(4, len(s))], 16, 16)
	return rune(n), err == nil
}
