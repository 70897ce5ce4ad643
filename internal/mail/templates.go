package mail

import (
	"embed"
	"errors"
	"fmt"
	"html"
	htmltemplate "html/template"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"
)

// View is what a template may show. Every field is a string that is safe
// where text is expected; a field the letter has no use for is empty.
//
// A letter's text template also defines "subject". Both kinds may use what
// layout.txt and layout.html define, and both may be replaced on their own.
type View struct {
	// Service is the name of the service.
	Service string
	// Subject is the subject (not in "subject" itself).
	Subject string
	// Link leads to the page that takes the token, and names the address that it
	// proves (Confirm, ChangeEmail); Token is the token to copy.
	// Both are empty in a notice.
	Link, Token string
	// When is when it was asked for or happened, in UTC.
	When string
	// IP and Program say from where and with what, as far as that is known.
	IP, Program string
	// Until is when the token ends, in UTC, and GoodFor how long that is
	// after When, e.g. "24 hours", in words of the letter's language.
	Until, GoodFor string
	// CodesLeft is how many recovery codes there still are.
	CodesLeft string
	// Providers are the names of providers, with commas in between; they are the
	// operator's.
	Providers string
	// Username, Email, TokenName, FactorName and Device are texts a person chose, cut to
	// 64 code points and made unfit for a link.
	Username, Email, TokenName, FactorName, Device string
}

//go:embed templates
var embedded embed.FS

// templates are where the texts of templates come from: ours, and the operator's, which
// replace them. English is in the folder itself, every other language in a folder of
// its tag.
type templates struct {
	own map[string]string // by path, such as confirm.txt and de/confirm.txt
}

// readTemplates reads the operator's folder. Ours are read when they are first wanted.
func readTemplates(folder string, tags []string) (templates, error) {
	t := templates{own: map[string]string{}}
	if folder == "" {
		return t, nil
	}
	known := map[string]bool{}
	entries, err := embedded.ReadDir("templates")
	for _, e := range entries {
		known[e.Name()] = !e.IsDir()
	}
	fsys := os.DirFS(folder)
	errs := []error{err, t.read(fsys, ".", known)}
	folders, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return t, fmt.Errorf("mail templates: %w", err)
	}
	for _, e := range folders {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if slices.ContainsFunc(tags, func(tag string) bool { return slices.Contains(chain(tag), e.Name()) }) {
			errs = append(errs, t.read(fsys, e.Name(), known))
		} else if holdsTemplates(fsys, e.Name(), known) {
			errs = append(errs, fmt.Errorf("%s is not the tag of a language that is offered", e.Name()))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return t, fmt.Errorf("mail templates: %w", err)
	}
	return t, nil
}

// read adds the template files of a folder. A file that is no known one is a mistake:
// its author believes that it is in use.
func (t templates) read(fsys fs.FS, dir string, known map[string]bool) error {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if e.IsDir() || path.Ext(name) != ".txt" && path.Ext(name) != ".html" {
			continue
		}
		if !known[e.Name()] {
			errs = append(errs, fmt.Errorf("%s is not the name of a template", name))
			continue
		}
		text, err := fs.ReadFile(fsys, name)
		errs = append(errs, err)
		t.own[name] = string(text)
	}
	return errors.Join(errs...)
}

// holdsTemplates reports that a folder has a file with the name of a template.
func holdsTemplates(fsys fs.FS, dir string, known map[string]bool) bool {
	entries, err := fs.ReadDir(fsys, dir)
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return known[e.Name()] })
}

// text is a template in a language, or in the nearest one that has it. The tag is one
// that is offered, and no other.
func (t templates) text(tag, file string) (text string, replaced bool) {
	for _, folder := range chain(tag) {
		name := path.Join(folder, file)
		if text, own := t.own[name]; own {
			return text, true
		}
		if text, err := embedded.ReadFile("templates/" + name); err == nil {
			return string(text), false
		}
	}
	return "", false
}

// compiled is what makes one letter.
type compiled struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

// compile parses the templates of a letter, each with the layout of its kind.
func (t templates) compile(k written) (c compiled, err error) {
	text, html := k.letter+".txt", k.letter+".html"
	source := func(file string) string {
		s, _ := t.text(k.tag, file)
		return s
	}
	if c.text, err = texttemplate.New("layout.txt").Parse(source("layout.txt")); err == nil {
		c.text, err = c.text.New(text).Parse(source(text))
	}
	page, err2 := htmltemplate.New("layout.html").Parse(source("layout.html"))
	if err2 == nil {
		page, err2 = page.New(html).Parse(source(html))
	}
	c.html = page
	if err == nil && c.text.Lookup("subject") == nil {
		err = fmt.Errorf("%s does not define \"subject\"", text)
	}
	return c, errors.Join(err, err2)
}

// isReplaced reports that a letter is not all as its authors tried it.
func (t templates) isReplaced(k written) bool {
	return slices.ContainsFunc([]string{"layout.txt", "layout.html", k.letter + ".txt", k.letter + ".html"}, func(file string) bool {
		_, replaced := t.text(k.tag, file)
		return replaced
	})
}

// tryReplaced tries the letters that the operator has changed.
func (r *Renderer) tryReplaced() error {
	if len(r.templates.own) == 0 {
		return nil
	}
	var errs []error
	for _, tag := range r.locales.Tags() {
		for _, name := range Names() {
			if r.templates.isReplaced(written{tag, name}) {
				errs = append(errs, r.try(written{tag, name}))
			}
		}
	}
	return distinct(errs)
}

// sample is a letter with all there can be to show.
func sample() Letter {
	at := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)
	return Letter{
		At: at, IP: "192.0.2.1", UserAgent: "Mozilla/5.0 (X11; Linux) Firefox/140.0", DeviceName: "laptop",
		Username: "ann", Email: "ann@example.org", TokenName: "backup", FactorName: "phone", Providers: "Google, GitHub", CodesLeft: 9, ExpiresAt: at.Add(time.Hour),
	}
}

func sampleToken(name string) string {
	switch {
	case name == LoginCode:
		return "12345678"
	case HasToken(name):
		return "sample-token"
	}
	return ""
}

// Sample makes the message of a letter with made-up content, in a language that is
// offered or in the default.
func (r *Renderer) Sample(name, tag string) (Message, error) {
	l := sample()
	l.Locale = tag
	return r.Render(name, l.Email, l, sampleToken(name))
}

// try renders one letter twice, with all there can be to show and with
// as little as there can be, and looks for what its reader cannot do without.
func (r *Renderer) try(k written) error {
	name, full, token := k.letter, sample(), sampleToken(k.letter)
	for _, l := range []Letter{full, {At: full.At, ExpiresAt: full.ExpiresAt}} {
		l.Locale = k.tag
		m, err := r.Render(name, full.Email, l, token)
		switch {
		case err != nil:
			return err
		case m.Subject == "":
			return fmt.Errorf("e-mail %s: the subject is empty", name)
		case token != "" && !(strings.Contains(m.Text, m.Link) && strings.Contains(html.UnescapeString(m.HTML), fragment(name, m.To, token))):
			return fmt.Errorf("e-mail %s: a template leaves out the link", name)
		case !strings.Contains(strings.ReplaceAll(m.Text, m.Link, ""), toCopy(name, token)):
			return fmt.Errorf("e-mail %s: the text leaves out the token to copy", name)
		}
	}
	return nil
}

// distinct joins errors, each text once: a mistake in a layout shows in every
// letter.
func distinct(errs []error) error {
	seen := map[string]bool{}
	var out []error
	for len(errs) > 0 {
		err := errs[0]
		errs = errs[1:]
		if several, ok := err.(interface{ Unwrap() []error }); ok {
			errs = append(several.Unwrap(), errs...)
		} else if err != nil && !seen[err.Error()] {
			seen[err.Error()] = true
			out = append(out, err)
		}
	}
	return errors.Join(out...)
}
