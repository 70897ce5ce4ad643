package mail

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/authgraph/authgraph/internal/agent"
	"github.com/authgraph/authgraph/internal/locale"
)

// Settings are what letters take from the operator.
type Settings struct {
	// Service is the name letters speak of, e.g. "Example Shop".
	Service string
	// ConfirmPage, ResetPage and CodePage are the pages links lead to: absolute, https
	// (or http on a loopback host), without query values of a person's and
	// without a fragment, which is where the token goes.
	ConfirmPage, ResetPage, CodePage string
	// Templates is a folder whose files replace templates of the same name;
	// empty for none.
	Templates string
	// Locales are the languages that letters are written in; nil for all of ours.
	Locales *locale.Set
}

// Renderer makes messages out of letters. It is safe for concurrent use.
type Renderer struct {
	service   string
	pages     map[string]string // by the name of a letter that has a token
	locales   *locale.Set
	templates templates
	// letters are compiled when they are first wanted: all those of one language at the
	// start would be a quarter of its time, and a megabyte.
	mu      sync.Mutex
	letters map[written]compiled
}

// written is a letter in a language that is offered.
type written struct{ tag, letter string }

// NewRenderer reads the templates and tries the operator's with sample content, so
// that a mistake in one is found now and not when its letter is wanted. The error
// tells all mistakes at once: a page that is no usable URL, a file in the
// folder that belongs to no letter, a template that cannot be parsed or names
// a field there is none of, a letter whose link or token is missing.
func NewRenderer(s Settings) (*Renderer, error) {
	var errs []error
	if strings.TrimSpace(s.Service) == "" {
		errs = append(errs, errors.New("the name of the service is empty"))
	}
	errs = append(errs, checkPage("confirm", s.ConfirmPage), checkPage("reset", s.ResetPage), checkPage("code", s.CodePage))
	r := &Renderer{
		service: strings.TrimSpace(s.Service), letters: map[written]compiled{},
		pages: map[string]string{Confirm: s.ConfirmPage, ChangeEmail: s.ConfirmPage, ResetPassword: s.ResetPage, AccountCreated: s.ResetPage, LoginCode: s.CodePage},
	}
	var err error
	if r.locales = s.Locales; r.locales == nil {
		r.locales = Ours()
	}
	r.templates, err = readTemplates(s.Templates, r.locales.Tags())
	errs = append(errs, err, r.tryReplaced())
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, nil
}

// Render makes the message of a letter to an address. A letter that HasToken
// needs a token, the others refuse one. The ID is left to the caller. Errors
// quote nothing of the content.
func (r *Renderer) Render(name, to string, l Letter, token string) (Message, error) {
	switch {
	case !slices.Contains(Names(), name):
		return Message{}, errors.New("there is no such e-mail")
	case l.At.IsZero():
		return Message{}, fmt.Errorf("e-mail %s: it does not say when", name)
	case HasToken(name) && !wellFormed(token):
		return Message{}, fmt.Errorf("e-mail %s: its token is missing or has characters that do not fit a link", name)
	case HasToken(name) && !l.ExpiresAt.After(l.At):
		return Message{}, fmt.Errorf("e-mail %s: it does not say how long its token is good", name)
	case !HasToken(name) && token != "":
		return Message{}, fmt.Errorf("e-mail %s: a notice must not hold a token", name)
	}
	tag := r.locales.Offered(l.Locale)
	c, err := r.compiled(written{tag, name})
	if err != nil {
		return Message{}, err
	}
	return c.render(r.view(name, to, l, token, wordsOf(tag)), Message{Letter: name, To: to, At: l.At.UTC(), Token: token})
}

// compiled is a letter ready to be filled in.
func (r *Renderer) compiled(k written) (compiled, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c, done := r.letters[k]; done {
		return c, nil
	}
	c, err := r.templates.compile(k)
	if err == nil {
		r.letters[k] = c
	}
	return c, err
}

// render fills a message in.
func (c compiled) render(v View, m Message) (Message, error) {
	m.Link = v.Link
	var b strings.Builder
	if err := c.text.ExecuteTemplate(&b, "subject", v); err != nil {
		return Message{}, fmt.Errorf("e-mail %s: %w", m.Letter, err)
	}
	m.Subject = strings.Join(strings.Fields(b.String()), " ") // one line, whatever the template
	v.Subject = m.Subject
	b.Reset()
	if err := c.text.Execute(&b, v); err != nil {
		return Message{}, fmt.Errorf("e-mail %s: %w", m.Letter, err)
	}
	m.Text = strings.TrimSpace(b.String()) + "\n"
	b.Reset()
	if err := c.html.Execute(&b, v); err != nil {
		return Message{}, fmt.Errorf("e-mail %s: %w", m.Letter, err)
	}
	m.HTML = strings.TrimSpace(b.String()) + "\n"
	return m, nil
}

// view makes what the templates see of a letter.
func (r *Renderer) view(name, to string, l Letter, token string, w words) View {
	v := View{
		Service: r.service, Token: toCopy(name, token),
		When: stamp(l.At), IP: cleanIP(l.IP), Program: w.program(agent.Of(l.UserAgent)), Device: clean(l.DeviceName),
		Username: clean(l.Username), Email: clean(l.Email), TokenName: clean(l.TokenName), FactorName: clean(l.FactorName),
		CodesLeft: strconv.Itoa(l.CodesLeft), Providers: clean(l.Providers),
	}
	if token != "" {
		v.Link = r.pages[name] + fragment(name, to, token)
	}
	if !l.ExpiresAt.IsZero() {
		v.Until, v.GoodFor = stamp(l.ExpiresAt), w.span(l.ExpiresAt.Sub(l.At))
	}
	return v
}

// fragment is how a link ends: browsers send it to no server. A link that proves
// an address names it: the page can say whose password it asks for, and the
// server refuses the token where the name was changed on the way.
func fragment(name, to, token string) string {
	if name == LoginCode {
		return "#code=" + token
	}
	if name == Confirm || name == ChangeEmail {
		return "#token=" + token + "&email=" + url.QueryEscape(to)
	}
	return "#token=" + token
}

// toCopy is a token as its reader copies it. A code is in two halves, which are
// easier to read.
func toCopy(name, token string) string {
	if name == LoginCode && len(token) == 8 {
		return token[:4] + " " + token[4:]
	}
	return token
}

// wellFormed reports whether a token can stand in a fragment as it is: the
// unreserved characters of RFC 3986 section 2.3.
func wellFormed(token string) bool {
	return token != "" && len(token) <= 512 && !strings.ContainsFunc(token, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._~", r))
	})
}

// checkPage refuses a page that a link cannot begin with.
func checkPage(which, page string) error {
	u, err := url.Parse(page)
	switch {
	case err != nil: // whose text quotes the URL
		return fmt.Errorf("the %s page is not a URL", which)
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return fmt.Errorf("the %s page must be an absolute http or https URL", which)
	case u.User != nil:
		return fmt.Errorf("the %s page must not hold a user or password", which)
	case strings.Contains(page, "#"):
		return fmt.Errorf("the %s page must not have a fragment: the token goes there", which)
	}
	return nil
}

// stamp writes an instant so that it reads the same in every language.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
