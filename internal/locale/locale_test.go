package locale_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/locale"
)

func offered(t *testing.T, tags ...string) *locale.Set {
	t.Helper()
	s, err := locale.New(tags...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGiven(t *testing.T) {
	s := offered(t, "en", "de", "pt", "uk", "ja")
	for tag, want := range map[string]string{
		"de": "de", "de-AT": "de-AT", "DE-at": "de-AT", "de_AT": "de-AT", "de-Latn-CH": "de-Latn-CH", "de-CH-1996": "de-CH", "de-u-co-phonebk": "de",
		"de-x-private": "de", "pt-BR": "pt-BR", "pt-PT": "pt-PT", "ja-JP": "ja-JP", "en-GB": "en-GB", "de-OO": "de",
		// Well formed, and not offered.
		"cs": "", "x-private": "", "und": "", "qq": "", "zxx": "", "mul": "", "ru": "", "nl": "", "fr-FR": "",
	} {
		if got, err := s.Given(tag); got != want || err != nil {
			t.Errorf("Given(%q) = %q, %v, want %q", tag, got, err, want)
		}
	}
}

// What is no tag is refused, whatever it looks like.
func TestAttackTags(t *testing.T) {
	s := offered(t, "en", "de")
	for _, tag := range hostile {
		if got, err := s.Given(tag); !errors.Is(err, locale.ErrNotATag) || got != "" {
			t.Errorf("Given(%.40q) = %q, %v", tag, got, err)
		}
		if got := s.Offered(tag); got != "en" {
			t.Errorf("Offered(%.40q) = %q", tag, got)
		}
		if got := s.Accepted(tag); got != "" && tag != "de\n" && !strings.HasPrefix(tag, "de-x-") { // spaces do not count in a header
			t.Errorf("Accepted(%.40q) = %q", tag, got)
		}
	}
}

var hostile = []string{
	"", " ", "-", "--", "e", "../../etc", "..", "/etc/passwd", `..\..`, "de/../en", "de/confirm.txt", "de\x00", "\x00", "de\n", "de,en;q", "de en", "%2e%2e", "../de", "de-", "-de",
	strings.Repeat("d", 10_000), strings.Repeat("a-", 5_000), strings.Repeat("../", 3_000), "\u202ede", "дe", "\xff\xfe", "{{.Link}}", "<b>", "de';--", "de-x-" + strings.Repeat("abcdefgh-", 4) + "ab",
}

func TestAccepted(t *testing.T) {
	s := offered(t, "en", "de", "fr")
	for header, want := range map[string]string{
		"":                                  "",
		"de":                                "de",
		"de-AT,de;q=0.9,en;q=0.8":           "de-AT",
		"cs,fr;q=0.3,de;q=0.8":              "de",
		"*":                                 "",
		"de;q=0":                            "",
		"cs;q=1,en-US;q=0.1":                "en-US",
		"de;q=abc":                          "",
		"../../etc,de":                      "",
		strings.Repeat("cs,", 200) + "de":   "", // beyond what is read
		strings.Repeat("fr-CA,", 200):       "fr-CA",
		"de," + strings.Repeat("x", 10_000): "de",
		strings.Repeat("x", 10_000):         "",
		strings.Repeat("-", 100_000):        "",
	} {
		if got := s.Accepted(header); got != want {
			t.Errorf("Accepted(%.60q) = %q, want %q", header, got, want)
		}
	}
}

func TestOffered(t *testing.T) {
	s := offered(t, "fr", "de", "pt-BR", "zh-Hant")
	for tag, want := range map[string]string{"": "fr", "de-AT": "de", "de": "de", "en": "fr", "pt-BR": "pt-BR", "zh-TW": "zh-Hant"} {
		if got := s.Offered(tag); got != want {
			t.Errorf("Offered(%q) = %q, want %q", tag, got, want)
		}
	}
	if got := s.Default(); got != "fr" {
		t.Errorf("Default() = %q", got)
	}
}

func TestNew(t *testing.T) {
	for wrong, tags := range map[string][]string{
		"no language": {}, "not a language tag": {"en", "../de"}, "de_AT is written de-AT": {"en", "de_AT"}, "EN is written en": {"EN"},
		"de is there twice": {"de", "en", "de"}, "not a language": {"en", ""}, "not a language tag (BCP 47)": {"x-private"}, "iw is written he": {"iw"}, "there are 51 languages": make([]string, locale.Max+1),
	} {
		if _, err := locale.New(tags...); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("New(%q): %v, want %q", tags, err, wrong)
		}
	}
}

func FuzzSet(f *testing.F) {
	for _, tag := range hostile {
		f.Add(tag)
	}
	f.Add("de-AT,de;q=0.9")
	s, err := locale.New("en", "de", "pt-BR")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		given, _ := s.Given(text)
		for _, tag := range []string{given, s.Accepted(text)} {
			if again, err := s.Given(tag); tag != "" && (err != nil || again != tag || len(tag) > 12) {
				t.Errorf("%q became %q, and that %q, %v", text, tag, again, err)
			}
		}
	})
}
