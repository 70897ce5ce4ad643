package mail

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"  work   laptop\t":         "work laptop",
		"Zoë's Mac, 2nd. (new)":     "Zoë's Mac, 2nd. (new)",
		"ann.dev":                   "ann[.]dev",
		"https://evil.test/x":       "https[:][/][/]evil[.]test[/]x",
		"eve@evil.test":             "eve[@]evil[.]test",
		"me @ home":                 "me @ home",
		"<b>":                       "‹b›",
		"a\u202Eb\u200Bc\u0000d":    "abcd",
		"line\none\u2028two":        "line one two",
		"\xff\xfeok":                "ok",
		strings.Repeat("é", 70):     strings.Repeat("é", 64),
		strings.Repeat("a.", 40):    strings.Repeat("a[.]", 15) + "a[.…",
		"e\u0301":                   "é",
		"family 👨‍👩‍👧":              "family 👨👩👧",
		"a\ufe0fb\U000e0041c\ue000": "abc",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"http://evil.test", "a\u202eb", "ﷺ.ﷺ", "\xff.x", " . x", "a.\u200bb", "x:\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxText {
			t.Fatalf("clean(%q) = %q", s, got)
		}
		runes := []rune(strings.NewReplacer("[.]", "", "[:]", "", "[/]", "", "[@]", "", `[\]`, "").Replace(got) + " ")
		for i, r := range runes[:len(runes)-1] {
			next := runes[i+1]
			switch {
			case r == ':' && next != '…', strings.ContainsRune("./@。", r) && next != ' ' && next != '…':
				t.Fatalf("clean(%q) = %q leaves %q", s, got, string(r))
			case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '<' || r == '>':
				t.Fatalf("clean(%q) = %q has %q", s, got, r)
			}
		}
	})
}
