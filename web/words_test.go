package web

import (
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// texts are all words of a language, by group and key.
func texts(tag string) map[string]string {
	w := readWords(tag)
	all := map[string]string{}
	for group, some := range map[string]map[string]string{"page": w.Page, "text": w.Text, "field": w.Field, "request": w.Request} {
		for key, text := range some {
			all[group+" "+key] = text
		}
	}
	return all
}

// placeholder is what a translation must keep: {name}, and HTML.
var placeholder = regexp.MustCompile(`\{\w+\}|<[^>]*>`)

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found) // the order is the language's
	return found
}

// Whatever a language lacks, or has not translated, is told by key.
func TestEveryLanguageSaysTheSame(t *testing.T) {
	english := texts("en")
	for _, tag := range Languages() {
		has := texts(tag)
		for _, key := range slices.Sorted(maps.Keys(has)) {
			if _, ok := english[key]; !ok {
				t.Errorf("%s: %q is not in English", tag, key)
			}
		}
		for key, wanted := range english {
			text := has[key]
			if text == "" || text != strings.TrimSpace(text) {
				t.Errorf("%s: %q is %q", tag, key, text)
			}
			if !slices.Equal(placeholders(text), placeholders(wanted)) {
				t.Errorf("%s: %q has %q, want %q", tag, key, placeholders(text), placeholders(wanted))
			}
			if plain := placeholder.ReplaceAllString(text, ""); strings.ContainsAny(plain, "<>&{}\"'") {
				t.Errorf("%s: %q has a straight quotation mark, or a stray one of <>&{}: %s", tag, key, text)
			}
			if strings.Contains(text, "...") {
				t.Errorf("%s: %q has three dots: %s", tag, key, text)
			}
			if tag != "en" && text == wanted && strings.Contains(text, " ") && key != "text report" {
				t.Errorf("%s: %q is in English: %s", tag, key, text)
			}
		}
	}
}

// The pages are written in every language of the letters.
func TestLanguagesAreThoseOfTheLetters(t *testing.T) {
	entries, err := os.ReadDir("../internal/mail/templates")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"en"}
	for _, e := range entries {
		if e.IsDir() {
			want = append(want, e.Name())
		}
	}
	slices.Sort(want)
	if got := Languages(); !slices.Equal(got, want) {
		t.Errorf("Languages() = %q, want %q", got, want)
	}
}

// Words that no page and no script asks for are not kept.
func TestEveryWordIsUsed(t *testing.T) {
	var pages, scripts strings.Builder
	for name, into := range map[string]*strings.Builder{"pages/*.html": &pages, "pages/*.js": &scripts} {
		names, err := fs.Glob(files, name)
		if err != nil || len(names) == 0 {
			t.Fatal(name, err)
		}
		for _, n := range names {
			into.Write(read(n))
		}
	}
	schema := sdl(t)
	w := readWords("en")
	for key := range w.Page {
		if !strings.Contains(pages.String(), `.Say "`+key+`"`) && !strings.Contains(pages.String(), `.Cut "`+key+`"`) {
			t.Errorf("no page says %q", key)
		}
	}
	for key := range w.Text {
		if !strings.Contains(scripts.String(), `"`+key+`"`) {
			t.Errorf("no script says %q", key)
		}
	}
	for _, codes := range []map[string]string{w.Field, w.Request} {
		for code := range codes {
			if !strings.Contains(scripts.String(), `"`+code+`"`) && !regexp.MustCompile(`(?m)^  `+code+`$`).MatchString(schema) {
				t.Errorf("neither a script nor the schema has the code %s", code)
			}
		}
	}
	for _, m := range regexp.MustCompile(`\btext\("(\w+)"`).FindAllStringSubmatch(scripts.String(), -1) {
		if w.Text[m[1]] == "" {
			t.Errorf("there are no words for text(%q)", m[1])
		}
	}
}

func TestPagesAreInTheLanguageOfTheBrowser(t *testing.T) {
	for _, tc := range []struct{ offered, accept, want string }{
		{"en de", "de-DE,de;q=0.9,en;q=0.8", "de"}, {"en de", "de-AT", "de"}, {"en de", "en-GB,de;q=0.5", "en"}, {"en de", "fr, de;q=0.2", "de"},
		{"en de", "", "en"}, {"de en", "", "de"}, {"de en", "fi", "de"}, {"en de", "*", "en"}, {"en", "de", "en"}, {"de", "en", "de"},
		{"cs de en", "cs", "de"}, {"cs", "cs", "en"}, {"", "de", "en"}, {"de-CH en", "de-CH", "de"}, {"en-GB de", "en", "en"},
		{"en de", "../de", "en"}, {"en de", "de.json", "en"}, {"en de", "de\x00", "en"}, {"en de", strings.Repeat("x-", 5000) + "de", "en"},
	} {
		h := HostedPages(Options{Locales: strings.Fields(tc.offered), Accounts: true})
		for _, path := range []string{"/confirm", "/reset", "/code", "/signed-in", "/log-in"} {
			resp, body := recorded(h, path, tc.accept)
			if !strings.Contains(body, `<html lang="`+tc.want+`">`) || resp.Get("Content-Language") != tc.want {
				t.Errorf("%s, %q offered, %.40q accepted: Content-Language %q, want %q", path, tc.offered, tc.accept, resp.Get("Content-Language"), tc.want)
			}
			if !slices.Contains(resp.Values("Vary"), "Accept-Language") || resp.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: Vary %q, Cache-Control %q", path, resp.Values("Vary"), resp.Get("Cache-Control"))
			}
		}
	}
	h := HostedPages(Options{Locales: []string{"en", "de"}})
	resp, body := ask(t, h, http.MethodGet, "/reset", http.Header{"Accept-Language": {"fi", "de"}}) // a field in two lines
	if resp.Header.Get("Content-Language") != "de" || !strings.Contains(body, "Neues Passwort") || strings.Contains(body, "New password") {
		t.Errorf("two lines: %v", resp.Header)
	}
}

// Every page can be rendered in every language, and puts in what it must.
func TestEveryPageInEveryLanguage(t *testing.T) {
	for _, login := range []string{"", "https://app.example/in?a=b&c"} {
		h := HostedPages(Options{Locales: Languages(), LoginURL: login, PasswordMinLength: 23})
		for _, tag := range Languages() {
			for path, forms := range map[string]int{"/confirm": 5, "/reset": 5, "/code": 0, "/signed-in": 4} {
				_, body := recorded(h, path, tag)
				_, body, _ = strings.Cut(body, "</head>") // without the words of the scripts
				if strings.Contains(body, "{min}") || strings.Contains(body, "<a>") || strings.Contains(body, "ZgotmplZ") || strings.Count(body, "<form ") != forms {
					t.Errorf("%s in %s:\n%s", path, tag, body)
				}
				if (path == "/confirm" || path == "/reset") && !strings.Contains(body, "23") {
					t.Errorf("%s in %s says no length", path, tag)
				}
				if tag != "en" && strings.Contains(body, " the ") {
					t.Errorf("%s in %s has English words:\n%s", path, tag, body)
				}
			}
		}
	}
}

func recorded(h http.Handler, path, accept string) (http.Header, string) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if accept != "" {
		r.Header.Set("Accept-Language", accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result().Header, w.Body.String()
}

// sdl is the schema.
func sdl(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("../graph/*.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range append([]string{"../schema.graphqls"}, names...) {
		part, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(part)
	}
	return all.String()
}
