package config

import (
	"fmt"
	"io"
	netmail "net/mail"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/authgraph/authgraph/internal/mail"
)

// mask stands for a secret.
const mask = "********"

// line is a setting as Print shows it.
type line struct {
	name, text, from string
}

// Print writes the effective settings, one NAME=value a line with where it
// comes from behind it. Secrets are masked; of a URL only the password is.
func (c *Config) Print(w io.Writer) error {
	for _, l := range c.lines {
		if _, err := fmt.Fprintf(w, "%s%s=%s  # %s\n", prefix, l.name, l.text, l.from); err != nil {
			return fmt.Errorf("print settings: %w", err)
		}
	}
	return c.printRelatedOrigins(w)
}

// show prepares the lines. A secret is masked before anything else can happen
// to it; those with a part that may be shown are then filled in.
func (c *Config) show(fields []field) {
	for _, f := range fields {
		if f.row.of != "" {
			continue
		}
		text := f.value.text
		if f.row.secret && text != "" {
			text = mask
		}
		c.lines = append(c.lines, line{name: f.row.name, text: oneLine(text), from: string(f.value.from)})
	}
	if c.Secret == "" {
		c.showMade()
	}
}

// showEffective fills in what is in force where that is not what was written,
// and the parts of a secret setting that may be shown.
func (c *Config) showEffective() {
	c.showText("PUBLIC_URL", c.PublicURL)
	c.showText("CONFIRM_URL", c.Letters.ConfirmPage)
	c.showText("RESET_URL", c.Letters.ResetPage)
	c.showText("EMAIL_LOGIN_URL", c.Letters.CodePage)
	c.showText("ISSUER", c.Auth.Tokens.Issuer)
	c.showText("AUDIENCE", c.Auth.Tokens.Audience)
	c.showText("ALLOWED_ORIGINS", strings.Join(slices.Concat(texts(c.AllowedOrigins), texts(c.OriginPatterns)), ","))
	c.showText("ALLOWED_HEADERS", strings.Join(c.AllowedHeaders, ","))
	c.showPasskeys()
	c.showText("RETURN_URLS", strings.Join(c.ReturnURLs.List, ","))
	c.showText("HASH_CONCURRENCY", fmt.Sprint(c.Passwords.Slots))
	c.showText("MAIL_FROM", (&netmail.Address{Name: c.MailFrom.Name, Address: c.MailFrom.Address}).String())
	c.showText("DATABASE_URL", maskURL(c.Store.URL))
	c.showText("LISTEN_URL", maskURL(c.Auth.ListenURL))
	if !c.Mailbox {
		c.showText("SMTP_URL", maskServer(c.SMTP))
	}
	ids := make([]string, len(c.Passwords.Peppers))
	for i, p := range c.Passwords.Peppers {
		ids[i] = p.ID + ":" + mask
	}
	c.showText("PASSWORD_PEPPER", strings.Join(ids, ","))
}

func (c *Config) showPasskeys() {
	if c.Auth.Party == nil {
		c.showText("PASSKEYS", "false")
		return
	}
	c.showText("PASSKEY_RP_ID", c.Auth.Party.ID)
	c.showText("PASSKEY_ORIGINS", strings.Join(c.PasskeyOrigins, ","))
}

func texts[T fmt.Stringer](list []T) []string {
	all := make([]string, len(list))
	for i := range list {
		all[i] = list[i].String()
	}
	return all
}

// showMade tells where development's secret is.
func (c *Config) showMade() {
	i := c.lineOf("SECRET")
	c.lines[i].text, c.lines[i].from = mask, "made in "+oneLine(filepath.Join(c.DataDir, secretName))
}

func (c *Config) showText(name, text string) { c.lines[c.lineOf(name)].text = oneLine(text) }

func (c *Config) lineOf(name string) int {
	return slices.IndexFunc(c.lines, func(l line) bool { return l.name == name })
}

// oneLine keeps a value from looking like the next setting.
func oneLine(text string) string {
	if strings.ContainsFunc(text, notShown) {
		return fmt.Sprintf("%q", text)
	}
	return text
}

// maskServer is a mail server's URL without its password.
func maskServer(s mail.Server) string {
	scheme, rest, _ := strings.Cut(s.String(), "://")
	if s.Username == "" {
		return scheme + "://" + rest
	}
	return scheme + "://" + url.User(s.Username).String() + ":" + mask + "@" + rest
}

// harmless are the parameters of a PostgreSQL URL that hold no secret.
var harmless = []string{
	"sslmode", "sslrootcert", "sslcert", "sslkey", "host", "hostaddr", "port", "dbname", "user", "application_name",
	"connect_timeout", "statement_timeout", "lock_timeout", "timezone", "search_path", "target_session_attrs",
	"load_balance_hosts", "binary_parameters",
}

// maskURL is a database URL without its passwords: the one of its user, and
// the values of parameters that may hold one.
func maskURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return text // the path of a SQLite file
	}
	user := ""
	if u.User != nil {
		user = url.User(u.User.Username()).String()
		if _, has := u.User.Password(); has {
			user += ":" + mask
		}
		user += "@"
	}
	query := u.Query()
	for name := range query {
		if !slices.Contains(harmless, name) || name == "sslkey" && inline(query) {
			query.Set(name, "masked")
		}
	}
	shown := u.Scheme + "://" + user + u.Host + u.EscapedPath()
	if len(query) > 0 {
		shown += "?" + query.Encode()
	}
	return shown
}

// Row is a setting as the README has it.
type Row struct {
	Name    string // as AUTHGRAPH_MODE
	Default string // as one would write it, or in words; may be empty
	Help    string
	Secret  bool // masked, and can also be in a file: Name_FILE
	Group   string
}

// Table lists every setting, except those that each provider has.
func Table() []Row { return toRows(new(Settings).fields()) }

func toRows(fields []field) []Row {
	var rows []Row
	for _, f := range fields {
		if f.row.of != "" {
			continue
		}
		help := f.row.help
		if f.row.least != "" {
			help += fmt.Sprintf(" Between %s and %s.", f.row.least, f.row.most)
		}
		rows = append(rows, Row{Name: prefix + f.row.name, Default: f.row.def + f.row.derived, Help: help, Secret: f.row.secret, Group: f.row.group})
	}
	return rows
}

// Markdown is the settings for the README: a heading and a table for each group.
func Markdown() string {
	var b strings.Builder
	group := ""
	rows := Table()
	if at := slices.IndexFunc(rows, func(r Row) bool { return r.Name == prefix+"RETURN_URLS" }); at >= 0 {
		rows = slices.Insert(rows, at+1, toRows(familyFields(new(OneProvider), "<ID>", 0))...)
	}
	for _, r := range rows {
		if r.Group != group {
			group = r.Group
			fmt.Fprintf(&b, "\n#### %s\n\n| Setting | Default | What it is |\n| --- | --- | --- |\n", group)
		}
		name, def := "`"+r.Name+"`", r.Default
		if r.Secret {
			name += " (or `…_FILE`)"
		}
		if def != "" && !inWords(def) {
			def = "`" + def + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", name, def, strings.ReplaceAll(r.Help, "|", `\|`))
	}
	return b.String()
}

// inWords reports that a default is told in words, not as it would be written.
func inWords(def string) bool { return strings.Contains(def, " ") && !strings.Contains(def, "<") }
