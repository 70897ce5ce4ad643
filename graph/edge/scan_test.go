package edge

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
)

func TestLoneSurrogate(t *testing.T) {
	for text, want := range map[string]bool{
		`{a(b:"\ud83d\ude00")}`:           false,
		`{a(b:"\ud83d")}`:                 true,
		`{a(b:"\ud83dx\ude00")}`:          true,
		`{a(b:"\ude00\ud83d")}`:           true,
		`{a(b:"\\ud83d")}`:                false,
		`{a(b:"\\\ud83d")}`:               true,
		`{a(b:"\u0041\uD83D")}`:           true,
		`{a(b:"""\ud83d""")}`:             false,
		`{a(b:"""\""" " """ c:"\ud83d")}`: true,
		`{a(b:"""x"""" c:"\ud83d")}`:      true,
		"#\"\n{a(b:\"\\ud83d\")}":         true,
		"# \"\\ud83d\"\n{a}":              false,
		`{a(b:"\ud83d`:                    true,
		`{a(b:"\ud83d\`:                   true,
		`{a(b:"\`:                         false,
		`{a(b:"\u`:                        false,
		`{a(b:"x" c:"\ud83d")}`:           true,
		`{a(b:"" c:"\ud83d")}`:            true,
	} {
		if got := loneSurrogate(text); got != want {
			t.Errorf("loneSurrogate(%s) = %v, want %v", text, got, want)
		}
	}
}

// FuzzScan compares scan with the parser. What passes here never meets the
// parser's own limit, and no surrogate in a string becomes U+FFFD.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`query A($a:[Int!]=[1,2]){a:b(c:"\ud83d\ude00",d:"""x\"""y""")@e{...f}}fragment f on T{g}`,
		"{a(b:\"\\ud800\")}", "# comment\n{a}", `{a(b:-1.5e3 c:"""""" d:"")}`, "{a(b:\"\"\"\r\n  \\ud800\n\"\"\")}",
	} {
		f.Add(seed)
	}
	bounds := newBounds(1)
	bounds.tokens, bounds.nameBytes = 30, 10
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // the body is refused
		}
		if scan(text, &bounds) != nil {
			return
		}
		if _, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, bounds.tokens); err != nil {
			if strings.Contains(err.Error(), "token limit") {
				t.Errorf("the parser counts more tokens in %q", text)
			}
			return
		}
		if strings.Contains(text, "\uFFFD") || strings.Contains(strings.ToLower(text), "fffd") {
			return
		}
		for lex := lexer.New(&ast.Source{Input: text}); ; {
			token, err := lex.ReadToken()
			if err != nil || token.Kind == lexer.EOF {
				return
			}
			if strings.Contains(token.Value, "\uFFFD") {
				t.Errorf("a lone surrogate in %q", text)
			}
		}
	})
}
