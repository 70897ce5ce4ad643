package mail

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func settings() Settings {
	return Settings{Service: "Example Shop", ConfirmPage: "https://shop.example/confirm?lang=en&v=1", ResetPage: "https://shop.example/reset", CodePage: "https://shop.example/code"}
}

func newRenderer(t *testing.T, s Settings) *Renderer {
	t.Helper()
	r, err := NewRenderer(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var at = time.Date(2026, 11, 21, 18, 6, 56, 0, time.UTC)

func letter() Letter {
	return Letter{
		At: at, IP: "2001:db8::7", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		DeviceName: "work laptop", Username: "ann", Email: "ann@new.example", TokenName: "nightly backup", ExpiresAt: at.Add(24 * time.Hour),
	}
}

func tokenFor(name string) string {
	if name == LoginCode {
		return "12345678"
	}
	if HasToken(name) {
		return "dG9rZW4tXy1vZi10aGUtbGV0dGVy-_"
	}
	return ""
}

func TestRender(t *testing.T) {
	r := newRenderer(t, settings())
	url := regexp.MustCompile(`(?i)[a-z]+:/|www\.|javascript:|mailto:`)
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			m, err := r.Render(name, "ann@example.org", letter(), tokenFor(name))
			if err != nil {
				t.Fatal(err)
			}
			if m.Subject == "" || strings.ContainsAny(m.Subject, "\r\n") || !strings.Contains(m.Subject, "Example Shop") {
				t.Errorf("subject %q", m.Subject)
			}
			for kind, body := range map[string]string{"text": m.Text, "html": html.UnescapeString(m.HTML)} {
				for _, want := range []string{"2026-11-21 18:06 UTC", "2001:db8::7", "Firefox on Linux", "Example Shop"} {
					if !strings.Contains(body, want) {
						t.Errorf("the %s does not tell %q", kind, want)
					}
				}
				if !HasToken(name) {
					if !strings.Contains(strings.ToLower(body), "not you") {
						t.Errorf("the %s does not name what to do if it was not you", kind)
					}
					if found := url.FindString(body); found != "" || strings.Contains(body, "<a") {
						t.Errorf("the %s of a notice has a link: %q", kind, found)
					}
					continue
				}
				for _, want := range []string{m.Link, "24 hours", "2026-11-22 18:06 UTC", "gnore this e-mail"} {
					if !strings.Contains(body, want) {
						t.Errorf("the %s does not tell %q", kind, want)
					}
				}
				if rest := strings.ReplaceAll(body, m.Link, ""); url.MatchString(rest) || !strings.Contains(rest, toCopy(name, m.Token)) {
					t.Errorf("the %s has another link, or no token to copy", kind)
				}
			}
			if strings.Contains(m.HTML, "src=") || strings.Contains(m.HTML, "@import") || strings.Contains(m.HTML, "ZgotmplZ") {
				t.Error("the html loads something, or html/template refused a value")
			}
		})
	}
}

// The start does not try the embedded letters: that their readers can do what they
// are for is known from here.
func TestEmbeddedLetters(t *testing.T) {
	r := newRenderer(t, settings())
	for _, name := range Names() {
		if err := r.try(written{"en", name}); err != nil {
			t.Error(err)
		}
	}
}

// Who replaces templates finds every e-mail in the documents.
func TestLettersAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/production.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/production.md does not name %s", name)
		}
	}
}

func TestRenderLinks(t *testing.T) {
	r := newRenderer(t, settings())
	for _, c := range []struct{ letter, to, want string }{
		{Confirm, "ann@example.org", "https://shop.example/confirm?lang=en&v=1#token=tok&email=ann%40example.org"},
		{ChangeEmail, "ann@example.org", "https://shop.example/confirm?lang=en&v=1#token=tok&email=ann%40example.org"},
		{ResetPassword, "ann@example.org", "https://shop.example/reset#token=tok"},
		{AccountCreated, "ann@example.org", "https://shop.example/reset#token=tok"},
		{Confirm, "a+b&email=c#d%e@bücher.example", "https://shop.example/confirm?lang=en&v=1#token=tok&email=a%2Bb%26email%3Dc%23d%25e%40b%C3%BCcher.example"},
	} {
		m, err := r.Render(c.letter, c.to, letter(), "tok")
		if err != nil || m.Link != c.want || m.Token != "tok" || m.To != c.to {
			t.Errorf("%s to %s: link %q, %v, want %q", c.letter, c.to, m.Link, err, c.want)
		}
		if !strings.Contains(html.UnescapeString(m.HTML), c.want) {
			t.Errorf("%s to %s: the html does not lead to %q", c.letter, c.to, c.want)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	r := newRenderer(t, settings())
	for name, c := range map[string]struct {
		letter  string
		content Letter
		token   string
	}{
		"an unknown letter":                {"welcome", letter(), ""},
		"a letter without its token":       {Confirm, letter(), ""},
		"a token without an end":           {Confirm, Letter{At: at}, "hunter2"},
		"a notice with a token":            {PasswordChanged, letter(), "hunter2"},
		"a token that breaks the link":     {Confirm, letter(), `tok"><a href=//evil.test>`},
		"a token with a second parameter":  {Confirm, letter(), "tok&next=//evil.test"},
		"a letter that does not say when":  {PasswordChanged, Letter{}, ""},
		"a template's name for a letter":   {"layout", letter(), ""},
		"a token with a line break at end": {Confirm, letter(), "tok\n"},
	} {
		if m, err := r.Render(c.letter, "ann@example.org", c.content, c.token); err == nil {
			t.Errorf("%s: got %q", name, m.Subject)
		} else if c.token != "" && strings.Contains(err.Error(), c.token) {
			t.Errorf("%s: the error tells the token", name)
		}
	}
}

// What strangers may choose is neither tag nor link nor template.
func TestRenderDefusesStrangersText(t *testing.T) {
	r := newRenderer(t, settings())
	link := regexp.MustCompile(`(?i)https?:|javascript:|mailto:|www\.|//|[\pL\pN][.。．｡․][\pL\pN]|[\pL\pN]@[\pL\pN]`)
	for _, evil := range []string{
		"<a href=//evil.test>click</a>", "{{.}}", "{{.Link}}", "javascript:alert(1)", "http://evil.test click", "https:evil.test",
		"evil.test", "www.evil.test/login", "evil。test", "evil．test", "evil｡test", "evil․test", "ｈｔｔｐ：／／evil.test", `\\evil.test\share`,
		"eve@evil.test", "ann\r\n\r\nhttp://evil.test", "ann\u2028http://evil.test", "\u202Etset.live//:ptth", "ev\u200Bil.te\u00ADst",
		"\x1b[31mhttp://evil.test", "\x00evil.test", "\xff\xfeevil.test", strings.Repeat("evil.test ", 40), strings.Repeat("ﷺ", 64),
		"<img src=x onerror=alert(1)>", "<!-- --><script>alert(1)</script>", "&lt;a href=//evil.test&gt;", "'\" onmouseover=alert(1) x='",
		"[click](http://evil.test)", "tel:+4930123456",
	} {
		l := letter()
		l.Username, l.DeviceName, l.TokenName, l.Email, l.UserAgent, l.IP = evil, evil, evil, evil, evil, evil
		for _, name := range Names() {
			m, err := r.Render(name, "ann@example.org", l, tokenFor(name))
			if err != nil {
				t.Fatalf("%s with %q: %v", name, evil, err)
			}
			plain := html.UnescapeString(regexp.MustCompile(`(?s)<style>.*</style>|<[^>]*>`).ReplaceAllString(m.HTML, " "))
			for kind, body := range map[string]string{"text": m.Text, "html": plain, "subject": m.Subject} {
				body = strings.ReplaceAll(body, m.Link, "")
				if found := link.FindString(body); found != "" {
					t.Errorf("%s with %q: the %s has %q", name, evil, kind, found)
				}
				if strings.ContainsAny(body, "<>\u202e\u2028\u200b\x1b\x00\r") || !utf8.ValidString(body) {
					t.Errorf("%s with %q: the %s has a tag or control character", name, evil, kind)
				}
			}
			// The stranger's text adds no element and no attribute.
			honest, err := r.Render(name, "ann@example.org", withText(l, "x"), tokenFor(name))
			if err != nil {
				t.Fatal(err)
			}
			tags := regexp.MustCompile(`<[^>]*>`)
			got, want := tags.FindAllString(m.HTML, -1), tags.FindAllString(honest.HTML, -1)
			if strings.Join(got, "") != strings.Join(want, "") {
				t.Errorf("%s with %q changes the tags", name, evil)
			}
		}
	}
}

func withText(l Letter, s string) Letter {
	l.Username, l.DeviceName, l.TokenName, l.Email = s, s, s, s
	return l
}

func TestOverrides(t *testing.T) {
	folder := func(files map[string]string) Settings {
		s := settings()
		s.Templates = t.TempDir()
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(s.Templates, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	r := newRenderer(t, folder(map[string]string{
		"confirm.txt": `{{define "subject"}}Bitte bestätigen{{end}}Hallo! {{.Link}} {{.Token}}`, "README.md": "not a template",
	}))
	m, err := r.Render(Confirm, "ann@example.org", letter(), "tok")
	if err != nil || m.Subject != "Bitte bestätigen" || !strings.HasPrefix(m.Text, "Hallo! https://shop.example/confirm") {
		t.Errorf("got %q, %q, %v", m.Subject, m.Text, err)
	}
	if !strings.Contains(m.HTML, "Confirm the address") {
		t.Error("the html template, which was not replaced, is gone")
	}
	_, err = NewRenderer(folder(map[string]string{
		"confirm.txt":           `{{define "subject"}}x{{end}}{{.Link`,
		"confrim.html":          "a typo in the name",
		"password_changed.html": "{{.Nmae}}",
		"reset_password.txt":    `{{define "subject"}}x{{end}}{{.Link}}`,
		"change_email.html":     `<a href="https://shop.example/confirm#token={{.Token}}">leaves out the address</a>`,
		"username_changed.txt":  "no subject",
		"email_changed.txt":     `{{define "subject"}} {{end}}x`,
	}))
	if err == nil {
		t.Fatal("faulty templates were taken")
	}
	for _, want := range []string{
		"confirm.txt", "confrim.html is not the name of a template", "Nmae", "reset_password: the text leaves out the token",
		"change_email: a template leaves out the link", `username_changed.txt does not define "subject"`, "email_changed: the subject is empty",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not tell %q:\n%v", want, err)
		}
	}
	s := settings()
	s.Templates = filepath.Join(t.TempDir(), "missing")
	if _, err := NewRenderer(s); err == nil {
		t.Error("a folder that is not there was taken")
	}
}

func TestPages(t *testing.T) {
	for _, page := range []string{
		"", "/confirm", "shop.example/confirm", "//shop.example/confirm", "ftp://shop.example", "javascript:alert(1)",
		"https://", "https://u:hunter2@shop.example", "https://shop.example/#", "https://shop.example/#/confirm", "https://shop.example/%zz?hunter2",
	} {
		s := settings()
		s.ConfirmPage, s.ResetPage, s.CodePage, s.Service = page, page, page, " "
		_, err := NewRenderer(s)
		if err == nil || strings.Count(err.Error(), "\n") < 2 {
			t.Errorf("NewRenderer(%q) = %v, want three mistakes", page, err)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error quotes the page: %v", err)
		}
	}
}
