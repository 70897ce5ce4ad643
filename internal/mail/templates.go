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
	// after When, e.g. "24 hours".
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

//go:embed templates/*.txt templates/*.html
var embedded embed.FS

// templates are the texts of all templates by their file names. Replaced are those
// that come from the operator's folder.
type templates struct {
	text     map[string]string
	replaced map[string]bool
}

// readTemplates reads the embedded ones, and those in the folder that replace them.
func readTemplates(folder string) (templates, error) {
	t := templates{text: map[string]string{}, replaced: map[string]bool{}}
	if err := readInto(t.text, embedded, "templates", nil); err != nil || folder == "" {
		return t, err
	}
	own := map[string]string{}
	err := readInto(own, os.DirFS(folder), ".", t.text)
	for name, text := range own {
		t.text[name], t.replaced[name] = text, true
	}
	if err != nil {
		err = fmt.Errorf("mail templates: %w", err)
	}
	return t, err
}

// readInto adds the template files of a folder. Where known is given, a file
// outside it is a mistake: its author believes that it is in use.
func readInto(files map[string]string, fsys fs.FS, dir string, known map[string]string) error {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || path.Ext(name) != ".txt" && path.Ext(name) != ".html" {
			continue
		}
		if _, ok := known[name]; !ok && known != nil {
			errs = append(errs, fmt.Errorf("%s is not the name of a template", name))
			continue
		}
		text, err := fs.ReadFile(fsys, path.Join(dir, name))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		files[name] = string(text)
	}
	return errors.Join(errs...)
}

// compiled is what makes one letter.
type compiled struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

// compile parses the templates of a letter, each with the layout of its kind.
func (t templates) compile(name string) (c compiled, err error) {
	text, html := name+".txt", name+".html"
	if c.text, err = texttemplate.New("layout.txt").Parse(t.text["layout.txt"]); err == nil {
		c.text, err = c.text.New(text).Parse(t.text[text])
	}
	page, err2 := htmltemplate.New("layout.html").Parse(t.text["layout.html"])
	if err2 == nil {
		page, err2 = page.New(html).Parse(t.text[html])
	}
	c.html = page
	if err == nil && c.text.Lookup("subject") == nil {
		err = fmt.Errorf("%s does not define \"subject\"", text)
	}
	return c, errors.Join(err, err2)
}

// isReplaced reports that a letter is not all as its authors tried it.
func (t templates) isReplaced(name string) bool {
	for _, file := range []string{"layout.txt", "layout.html", name + ".txt", name + ".html"} {
		if t.replaced[file] {
			return true
		}
	}
	return false
}

// tryReplaced tries the letters that the operator has changed.
func (r *Renderer) tryReplaced(t templates) error {
	var errs []error
	for _, name := range Names() {
		if t.isReplaced(name) {
			errs = append(errs, r.try(name))
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

// Sample makes the message of a letter with made-up content.
func (r *Renderer) Sample(name string) (Message, error) {
	l := sample()
	return r.Render(name, l.Email, l, sampleToken(name))
}

// try renders one letter twice, with all there can be to show and with
// as little as there can be, and looks for what its reader cannot do without.
func (r *Renderer) try(name string) error {
	full, token := sample(), sampleToken(name)
	for _, l := range []Letter{full, {At: full.At, ExpiresAt: full.ExpiresAt}} {
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
