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

func TestSummarize(t *testing.T) {
	for in, want := range map[string]string{
		"": "",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                         "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":           "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15":                   "Safari on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":                         "Chrome on Android",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox on Linux",
		"Mozilla/5.0 (evil.test http://evil.test)": "A browser",
		"curl/8.5.0":            "curl",
		"Go-http-client/1.1":    "Go-http-client",
		"evil.test/1.0":         "",
		"http://evil.test":      "",
		"<b>/1":                 "",
		"\x1b[31m/1":            "",
		strings.Repeat("a", 33): "",
	} {
		if got := summarize(in); got != want {
			t.Errorf("summarize(%q) = %q, want %q", in, got, want)
		}
	}
}
