package auth

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FuzzParseAddress: the canonical form of a canonical form is the same, and it
// is safe in the envelope of an e-mail.
func FuzzParseAddress(f *testing.F) {
	for _, seed := range []string{
		"ann@example.org", " Ann.Lee+x@BÜCHER.example ", "J\u030c@example.org", "ann@example.org\r\nBcc: x@y.z", "\"a b\"@example.org", "ann@[127.0.0.1]",
		"a@xn--bcher-kva.example", "a@ex\u00adample.org", "İ@i\u0307.example", "ann@example。org", "a\u200d@b\u200c.example", "\xff@example.org", "=?x?q?a?=@example.org",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		id, err := parseAddress(typed)
		if err != nil {
			if id != (identifier{}) {
				t.Errorf("parseAddress(%q) = %+v beside %v", typed, id, err)
			}
			return
		}
		again, err := parseAddress(id.key)
		if err != nil || again.key != id.key {
			t.Errorf("the canonical form %q of %q becomes %q, %v", id.key, typed, again.key, err)
		}
		if shown, err := parseAddress(id.typed); err != nil || shown.key != id.key {
			t.Errorf("what is shown, %q, is not the address %q: %q, %v", id.typed, id.key, shown.key, err)
		}
		local, domain, _ := strings.Cut(id.key, "@")
		if strings.ContainsFunc(domain, func(r rune) bool { return r >= utf8.RuneSelf || unicode.IsUpper(r) }) || !strings.Contains(domain, ".") {
			t.Errorf("the domain of %q is not a name in small ASCII letters", id.key)
		}
		if strings.ContainsFunc(id.key+id.typed, func(r rune) bool { return !unicode.IsGraphic(r) }) || strings.ContainsAny(id.key, " \"<>()[],;:\\") {
			t.Errorf("%q holds what an envelope must not", id.key)
		}
		if len(id.key) > maxAddress || len(id.typed) > maxAddress || local == "" || !norm.NFC.IsNormalString(id.key) {
			t.Errorf("%q is too long, empty or not NFC", id.key)
		}
	})
}
