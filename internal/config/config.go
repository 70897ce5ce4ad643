package config

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/store"
)

// Config is the settings, read and found good. What only one part of the program
// needs stands in that part's own options. It prints and encodes as nothing,
// because some of it is secret; Print shows it with secrets masked.
type Config struct {
	Production bool // MODE

	Listen         string   // host:port; the port may be 0, then call SetPort
	AdminListen    string   // host:port; empty: none
	PublicURL      string   // an origin, as https://auth.example.com
	AllowedOrigins []string // as browsers send them; not PublicURL
	TrustedProxies []netip.Prefix

	Secret         string   // in development empty until EnsureDevelopmentSecret
	SecretPrevious []string // at most one
	DataDir        string

	Store     store.Options    // with an sslmode for PostgreSQL
	Passwords password.Options // with at least one slot
	Auth      auth.Options     // without what is opened at the start: the store, the secret, the clock and so on

	Mailbox  bool        // keep letters in the development mailbox, and send none
	SMTP     mail.Server // where there is no Mailbox
	MailFrom mail.Sender
	Letters  mail.Settings

	Introspection, Playground, Pages bool
	TrustedDocuments                 string // may be empty

	LogLevel slog.Level

	lines   []line // what Print shows
	derived map[string]bool
}

// Format writes a fixed word whatever the verb, so that a Config in a log line
// or an error tells no secret.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[config]") }

// MarshalText writes a fixed word, for encoders such as JSON logs.
func (c Config) MarshalText() ([]byte, error) { return []byte("[config]"), nil }

// Load reads the settings from flags (without the program's name), the
// environment in the form of os.Environ, and the file that either names. The
// error is Mistakes, or what is wrong with the flags themselves.
func Load(args, environ []string) (*Config, []Warning, error) {
	var s Settings
	k, err := kong.New(&s, append(Options(), kong.Name("authgraph"), kong.NoDefaultHelp())...)
	if err != nil {
		return nil, nil, fmt.Errorf("build the command line: %w", err)
	}
	if _, err := k.Parse(args); err != nil {
		return nil, nil, err
	}
	return s.Config(environ)
}

// Config reads and checks everything at once: the flags that kong has put into
// the settings, the environment in the form of os.Environ, and the file that
// either names. Its error is Mistakes. Warnings are for the log at the start.
func (s Settings) Config(environ []string) (*Config, []Warning, error) {
	r := s.resolve(environ)
	mode := r.oneOf(&s.Mode, "development", "production")
	c := &Config{Production: mode == "production", derived: map[string]bool{}}
	r.serving(c, &s)
	r.storage(c, &s)
	r.mail(c, &s)
	r.accounts(c, &s)
	r.passwords(c, &s)
	if mode != "" {
		r.needed(c, &s)
	}
	r.crossCheck(c, &s)
	if err := r.err(); err != nil {
		return nil, nil, err
	}
	c.show(r.fields)
	_, port, _ := net.SplitHostPort(c.Listen)
	c.derive(port)
	return c, c.warnings(&s), nil
}

func (r *reader) serving(c *Config, s *Settings) {
	local := s.Mode.text == "development" // of a wrong mode nothing follows
	c.Listen = r.listen(&s.Listen, local)
	c.AdminListen = r.adminListen(&s.AdminListen, local)
	c.PublicURL = r.publicURL(&s.PublicURL, c.Production)
	c.AllowedOrigins = r.origins(&s.AllowedOrigins)
	c.TrustedProxies = r.networks(&s.TrustedProxies)
	c.Introspection = r.toggle(&s.Introspection, !c.Production)
	c.Playground = r.toggle(&s.Playground, !c.Production)
	c.Pages = r.toggle(&s.Pages, true)
	c.TrustedDocuments = r.manifest(&s.TrustedDocuments)
	if level := r.oneOf(&s.LogLevel, "debug", "info", "warn", "error"); level != "" {
		_ = c.LogLevel.UnmarshalText([]byte(level)) // it knows the four
	}
}

func (r *reader) storage(c *Config, s *Settings) {
	c.Secret = r.secret(&s.Secret)
	if previous := r.secret(&s.SecretPrevious); previous != "" {
		c.SecretPrevious = []string{previous}
	}
	c.DataDir = s.DataDir.text
	c.Store.URL = r.database(&s.DatabaseURL)
	if !s.DatabaseURL.set() {
		c.Store.URL = "sqlite:" + filepath.Join(c.DataDir, "authgraph.db")
	}
	c.Store.MaxConns = r.number(&s.DatabasePool)
	c.Store.Unprepared = !r.toggle(&s.DatabasePrepare, true)
}

func (r *reader) mail(c *Config, s *Settings) {
	c.Mailbox = !c.Production && !s.SMTPURL.set()
	c.SMTP = r.smtp(&s.SMTPURL)
	c.Letters.Service = r.line(&s.ServiceName, 100)
	c.MailFrom = mail.Sender{Name: c.Letters.Service, Address: "no-reply@localhost"}
	if s.MailFrom.set() && !s.MailFrom.bad {
		var err error
		if c.MailFrom, err = mail.ParseSender(s.MailFrom.text); err != nil {
			r.wrong(&s.MailFrom, "%v", err)
		}
	}
	c.Letters.Templates = r.letters(&s.MailTemplates, c.Letters.Service)
	c.Letters.ConfirmPage = r.page(&s.ConfirmURL, c.Production)
	c.Letters.ResetPage = r.page(&s.ResetURL, c.Production)
}

func (r *reader) accounts(c *Config, s *Settings) {
	c.Auth.CacheCallers = r.toggle(&s.CallerCache, true)
	c.Auth.ListenURL = r.database(&s.ListenURL)
	c.Auth.KeyAge = r.duration(&s.KeyRotation)
	c.Auth.Policy = password.Policy{Min: r.number(&s.PasswordMinLength), Max: r.number(&s.PasswordMaxLength)}
	c.Auth.Tokens.Algorithm = accesstoken.Algorithm(r.oneOf(&s.JWTAlgorithm,
		string(accesstoken.ES256), string(accesstoken.EdDSA), string(accesstoken.RS256), string(accesstoken.HS256)))
	c.Auth.Tokens.Issuer = r.issuer(&s.Issuer)
	c.Auth.Tokens.Audience = r.audience(&s.Audience)
	c.Auth.Settings = auth.Settings{
		ServiceName:  c.Letters.Service,
		AccessTTL:    r.duration(&s.AccessTTL),
		RefreshTTL:   r.duration(&s.RefreshTTL),
		SessionTTL:   r.duration(&s.SessionTTL),
		RefreshGrace: r.duration(&s.RefreshGrace),
		ConfirmTTL:   r.duration(&s.ConfirmTTL),
		ResetTTL:     r.duration(&s.ResetTTL),
		RecentTTL:    r.duration(&s.RecentTTL),
		APITokenTTL:  r.duration(&s.APITokenTTL),
		Scopes:       r.scopes(&s.APITokenScopes),
		Usernames:    r.toggle(&s.Usernames, true),
		SignInNotice: r.toggle(&s.SignInNotice, false),
		Limits: auth.Limits{
			Login:  r.limit(&s.LimitLogin),
			SignUp: r.limit(&s.LimitSignUp),
			Mail:   r.limit(&s.LimitMail),
		},
	}
}

func (r *reader) passwords(c *Config, s *Settings) {
	var err error
	if c.Passwords.Scheme, err = password.ParseScheme(s.PasswordHash.text); err != nil {
		r.wrong(&s.PasswordHash, "%v", inner(err))
	}
	c.Passwords.Peppers = r.peppers(&s.PasswordPepper)
	c.Passwords.Slots = r.number(&s.HashConcurrency)
	if c.Passwords.Slots == 0 {
		c.Passwords.Slots = max(1, runtime.GOMAXPROCS(0)-1)
	}
}

// SetPort tells which port a listener on port 0 was given, so that what is
// derived from it is right.
func (c *Config) SetPort(port uint16) { c.derive(fmt.Sprint(port)) }

// derive fills in the settings whose default depends on others.
func (c *Config) derive(port string) {
	fill := func(name string, field *string, value string) {
		if *field == "" || c.derived[name] {
			*field, c.derived[name] = value, true
		}
	}
	host, _, _ := net.SplitHostPort(c.Listen)
	if host == "127.0.0.1" || host == "::1" {
		host = "localhost"
	}
	fill("PUBLIC_URL", &c.PublicURL, strings.TrimSuffix("http://"+net.JoinHostPort(host, port), ":80"))
	fill("CONFIRM_URL", &c.Letters.ConfirmPage, c.PublicURL+"/confirm")
	fill("RESET_URL", &c.Letters.ResetPage, c.PublicURL+"/reset")
	fill("ISSUER", &c.Auth.Tokens.Issuer, c.PublicURL)
	fill("AUDIENCE", &c.Auth.Tokens.Audience, c.PublicURL)
	if !strings.HasPrefix(c.Store.URL, "sqlite:") {
		fill("LISTEN_URL", &c.Auth.ListenURL, c.Store.URL)
	}
	c.showEffective()
}
