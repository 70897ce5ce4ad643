package mail

import (
	"cmp"
	"html"
	"io/fs"
	"maps"
	"mime"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/internal/locale"
)

// translations are the languages beside English.
func translations() []string { return Locales()[1:] }

// Every language has the files that English has, and no other.
func TestEveryLanguageHasEveryFile(t *testing.T) {
	for _, tag := range translations() {
		for _, english := range files(t, "templates") {
			if !slices.Contains(files(t, "templates/"+tag), english) {
				t.Errorf("%s lacks %s", tag, english)
			}
		}
		if got, want := len(files(t, "templates/"+tag)), len(files(t, "templates")); got != want {
			t.Errorf("%s has %d files, want %d", tag, got, want)
		}
		if _, ok := languages[tag]; !ok {
			t.Errorf("%s has no words", tag)
		}
	}
	folders, err := fs.Glob(embedded, "templates/*/layout.txt")
	if err != nil || len(folders) != len(translations()) {
		t.Errorf("there are %d folders, %v", len(folders), err)
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := embedded.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// A letter says the same things in every language: its templates show the same fields,
// and depend on the same ones.
func TestEveryLanguageSaysTheSame(t *testing.T) {
	r := newRenderer(t, settings())
	for _, name := range Names() {
		english := actions(t, r, written{"en", name})
		for _, tag := range translations() {
			got := actions(t, r, written{tag, name})
			for part, want := range english {
				if !slices.Equal(got[part], want) {
					t.Errorf("%s/%s: %s uses %v, want %v", tag, name, part, got[part], want)
				}
			}
			if len(got) != len(english) {
				t.Errorf("%s/%s defines %v", tag, name, slices.Sorted(maps.Keys(got)))
			}
		}
	}
}

// actions are what each template of a letter shows, depends on and includes.
func actions(t *testing.T, r *Renderer, k written) map[string][]string {
	t.Helper()
	c, err := r.templates.compile(k)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	add := func(name string, tree *parse.Tree) {
		if tree == nil || tree.Root == nil {
			return
		}
		seen := map[string]bool{}
		walk(tree.Root, seen)
		all[name] = slices.Sorted(maps.Keys(seen))
	}
	for _, one := range c.text.Templates() {
		add("text "+one.Name(), one.Tree)
	}
	for _, one := range c.html.Templates() {
		add("html "+one.Name(), one.Tree)
	}
	return all
}

func walk(n parse.Node, seen map[string]bool) {
	branch := func(word string, b parse.BranchNode) {
		seen[word+" "+b.Pipe.String()] = true
		walk(b.List, seen)
		if b.ElseList != nil {
			walk(b.ElseList, seen)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, one := range n.Nodes {
			walk(one, seen)
		}
	case *parse.ActionNode:
		seen[n.Pipe.String()] = true
	case *parse.TemplateNode:
		seen["template "+n.Name] = true
	case *parse.IfNode:
		branch("if", n.BranchNode)
	case *parse.WithNode:
		branch("with", n.BranchNode)
	case *parse.RangeNode:
		branch("range", n.BranchNode)
	}
}

// No translation has a sentence of the English letter, nor its subject, and each says in
// which language it is.
func TestEveryLetterIsInItsLanguage(t *testing.T) {
	r := newRenderer(t, settings())
	for _, name := range Names() {
		english := render(t, r, name, "en")
		long := append(longest(english.Text, english.Link), longest(plain(english.HTML), english.Link)...)
		for _, tag := range translations() {
			if err := r.try(written{tag, name}); err != nil {
				t.Errorf("%s/%s: %v", tag, name, err)
			}
			m := render(t, r, name, tag)
			if m.Subject == english.Subject || !strings.Contains(m.Subject, "Example Shop") {
				t.Errorf("%s/%s has the subject %q", tag, name, m.Subject)
			}
			if !strings.Contains(m.HTML, `<html lang="`+tag+`">`) {
				t.Errorf("%s/%s does not say its language", tag, name)
			}
			for kind, body := range map[string]string{"text": m.Text, "html": plain(m.HTML)} {
				body = strings.Join(strings.Fields(body), " ")
				for _, sentence := range long {
					if strings.Contains(body, sentence) {
						t.Errorf("%s/%s: the %s has the English %q", tag, name, kind, sentence)
					}
				}
				if strings.Contains(body, "'") || strings.Contains(body, `"`) {
					t.Errorf("%s/%s: the %s has quotation marks of a typewriter", tag, name, kind)
				}
				if strings.Contains(body, "hours") || strings.Contains(body, " on Linux") {
					t.Errorf("%s/%s: the %s has English words: %s", tag, name, kind, body)
				}
			}
		}
	}
}

// longest are the three longest sentences of a text.
func longest(text, link string) []string {
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, link, "")), " ")
	sentences := strings.Split(text, ". ")
	slices.SortFunc(sentences, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return sentences[:min(3, len(sentences))]
}

func plain(text string) string {
	return html.UnescapeString(regexp.MustCompile(`(?s)<style>.*</style>|<[^>]*>`).ReplaceAllString(text, " "))
}

func render(t *testing.T, r *Renderer, name, tag string) Message {
	t.Helper()
	l := letter()
	l.Locale, l.FactorName, l.Providers = tag, "phone", "Google"
	m, err := r.Render(name, "ann@example.org", l, tokenFor(name))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The language of a reader is looked up among those that are offered. Nothing that
// is sent names a file.
func TestRenderInALanguage(t *testing.T) {
	r := newRenderer(t, settings())
	for tag, want := range map[string]string{
		"de": "de", "de-AT": "de", "": "en", "cs": "en", "../de": "en", "de/../fr": "en", "de\x00": "en", "layout": "en", strings.Repeat("de-", 4000): "en", "DE_at": "de", "pt-PT": "pt", "ja-JP": "ja",
	} {
		m := render(t, r, Confirm, tag)
		if !strings.Contains(m.HTML, `<html lang="`+want+`">`) {
			t.Errorf("a letter for %.20q is not in %s", tag, want)
		}
	}
	few, err := locale.New("fr", "pt-BR")
	if err != nil {
		t.Fatal(err)
	}
	s := settings()
	s.Locales = few
	r = newRenderer(t, s)
	for tag, want := range map[string]string{"de": "fr", "": "fr", "en": "fr", "pt": "pt", "pt-BR": "pt"} {
		if m := render(t, r, Confirm, tag); !strings.Contains(m.HTML, `<html lang="`+want+`">`) {
			t.Errorf("a letter for %q is not in %s", tag, want)
		}
	}
}

// An operator's file counts for its language. What is missing comes from the nearest
// language, and at last from the English letters.
func TestOverridesOfALanguage(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("de/confirm.txt", `{{define "subject"}}Los gehts{{end}}Hallo {{.Link}} {{.Token}}`)
	write("cs/confirm.txt", `{{define "subject"}}Potvrďte{{end}}Dobrý den {{.Link}} {{.Token}}`)
	write("password_changed.txt", `{{define "subject"}}Ours{{end}}Ours`)
	write(".git/confirm.txt", "not looked at")
	write("pictures/logo.svg", "not looked at")
	s := settings()
	s.Templates = folder
	var err error
	if s.Locales, err = locale.New("en", "de-AT", "de", "cs"); err != nil {
		t.Fatal(err)
	}
	r := newRenderer(t, s)
	for _, c := range []struct{ name, tag, text, lang string }{
		{Confirm, "de", "Hallo https", "de"},
		{Confirm, "de-AT", "Hallo https", "de"},
		{Confirm, "cs", "Dobrý den", "en"},
		{Confirm, "en", "Someone signed up", "en"},
		{PasswordChanged, "en", "Ours", "en"},
		{PasswordChanged, "cs", "Ours", "en"},
		{PasswordChanged, "de", "Das Passwort", "de"},
	} {
		m := render(t, r, c.name, c.tag)
		if !strings.HasPrefix(m.Text, c.text) || !strings.Contains(m.HTML, `<html lang="`+c.lang+`">`) {
			t.Errorf("%s in %s begins with %.30q", c.name, c.tag, m.Text)
		}
	}
	write("xx/confirm.txt", "a language that is not offered")
	write("de/confrim.txt", "a typo")
	write("cs/confirm.html", "{{.Nmae}}")
	_, err = NewRenderer(s)
	for _, want := range []string{"xx is not the tag of a language that is offered", "de/confrim.txt is not the name of a template"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err == nil || !strings.Contains(err.Error(), "Nmae") {
		t.Errorf("got %v, want the field that does not exist", err)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "less than a minute", -time.Hour: "less than a minute", 29 * time.Second: "less than a minute", time.Minute: "1 minute",
		30 * time.Minute: "30 minutes", time.Hour: "1 hour", 90 * time.Minute: "90 minutes", 24 * time.Hour: "24 hours",
		48 * time.Hour: "2 days", 36 * time.Hour: "36 hours", 365 * 24 * time.Hour: "365 days", time.Hour - time.Millisecond: "1 hour",
	} {
		if got := wordsOf("en").span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
	for tag, want := range map[string][]string{ // of 1, 2, 5, 12, 21, 22, 25 hours
		"de": {"1 Stunde", "2 Stunden", "5 Stunden", "12 Stunden", "21 Stunden", "22 Stunden", "25 Stunden"},
		"pl": {"1 godzinę", "2 godziny", "5 godzin", "12 godzin", "21 godzin", "22 godziny", "25 godzin"},
		"uk": {"1 годину", "2 години", "5 годин", "12 годин", "21 годину", "22 години", "25 годин"},
		"ja": {"1時間", "2時間", "5時間", "12時間", "21時間", "22時間", "25時間"},
	} {
		for i, hours := range []int{1, 2, 5, 12, 21, 22, 25} {
			if got := wordsOf(tag).span(time.Duration(hours) * time.Hour); got != want[i] {
				t.Errorf("%s: %d hours are %q, want %q", tag, hours, got, want[i])
			}
		}
	}
}

// Subjects that are not ASCII travel as encoded words, and come out as they were.
func TestSubjectsAreEncoded(t *testing.T) {
	r := newRenderer(t, settings())
	for _, tag := range translations() {
		m := render(t, r, PasswordChanged, tag)
		m.ID = uuid.New()
		raw, err := compose(Sender{Name: "Example Shop", Address: "no-reply@shop.example"}, m)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if _, err := raw.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		checkSubject(t, tag, b.String(), m.Subject)
	}
}

func checkSubject(t *testing.T, tag, raw, want string) {
	t.Helper()
	parsed, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(raw, "\r\n\r\n")
	if i := strings.IndexFunc(head, func(r rune) bool { return r > '~' }); i >= 0 {
		t.Errorf("%s: a header is not ASCII: %q", tag, head[max(0, i-20):i+4])
	}
	got, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
	if err != nil || got != want {
		t.Errorf("%s: the subject is %q, %v, want %q", tag, got, err, want)
	}
}
