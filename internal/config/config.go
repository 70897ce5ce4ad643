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
	"time"

	"github.com/alecthomas/kong"

	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/password"
)

// Config is the settings, read and found good. It prints and encodes as
// nothing, because some of it is secret; Print shows it with secrets masked.
type Config struct {
	Production bool // MODE

	Listen         string // host:port; the port may be 0, then call SetPort
	AdminListen    string // host:port; empty: none
	PublicURL      string // an origin, as https://auth.example.com
	ServiceName    string
	AllowedOrigins []string // as browsers send them; not PublicURL
	TrustedProxies []netip.Prefix

	Secret         string // in development empty until EnsureDevelopmentSecret
	SecretPrevious string // may be empty

	DatabaseURL     string // sqlite:path, or postgres://… with an sslmode
	DatabasePool    int
	DatabasePrepare bool
	CallerCache     bool
	ListenURL       string // for LISTEN; empty with SQLite
	DataDir         string

	Mailbox       bool        // keep letters in the development mailbox, and send none
	SMTP          mail.Server // where there is no Mailbox
	MailFrom      mail.Sender //
	MailTemplates string      // may be empty
	ConfirmURL    string      //
	ResetURL      string      //
	SignInNotice  bool        //

	AccessTTL, RefreshTTL, SessionTTL, RefreshGrace time.Duration
	ConfirmTTL, ResetTTL, RecentTTL, APITokenTTL    time.Duration
	APITokenScopes                                  []string // besides the built-in ones

	PasswordPolicy  password.Policy
	PasswordHash    password.Scheme
	PasswordPeppers []password.Pepper
	HashConcurrency int // at least 1
	Usernames       bool

	JWTAlgorithm accesstoken.Algorithm
	KeyRotation  time.Duration
	Issuer       string
	Audience     string

	Introspection, Playground, Pages bool
	TrustedDocuments                 string // may be empty

	LimitLogin, LimitSignUp, LimitMail Limit

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
	options := append(Options(), kong.Name("authgraph"), kong.NoDefaultHelp(), kong.Exit(func(int) {}))
	k, err := kong.New(&s, options...)
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
	r.lifetimes(c, &s)
	r.passwords(c, &s)
	r.tokens(c, &s)
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
	c.ServiceName = r.line(&s.ServiceName, 100)
	c.AllowedOrigins = r.origins(&s.AllowedOrigins)
	c.TrustedProxies = r.networks(&s.TrustedProxies)
	c.Introspection = r.toggle(&s.Introspection, !c.Production)
	c.Playground = r.toggle(&s.Playground, !c.Production)
	c.Pages = r.toggle(&s.Pages, true)
	c.TrustedDocuments = r.manifest(&s.TrustedDocuments)
	c.LimitLogin, c.LimitSignUp, c.LimitMail = r.limit(&s.LimitLogin), r.limit(&s.LimitSignUp), r.limit(&s.LimitMail)
	if level := r.oneOf(&s.LogLevel, "debug", "info", "warn", "error"); level != "" {
		_ = c.LogLevel.UnmarshalText([]byte(level)) // it knows the four
	}
}

func (r *reader) storage(c *Config, s *Settings) {
	c.Secret = r.secret(&s.Secret)
	c.SecretPrevious = r.secret(&s.SecretPrevious)
	c.DataDir = s.DataDir.text
	c.DatabaseURL = r.database(&s.DatabaseURL)
	if !s.DatabaseURL.set() {
		c.DatabaseURL = "sqlite:" + filepath.Join(c.DataDir, "authgraph.db")
	}
	c.DatabasePool = r.number(&s.DatabasePool)
	c.DatabasePrepare = r.toggle(&s.DatabasePrepare, true)
	c.CallerCache = r.toggle(&s.CallerCache, true)
	c.ListenURL = r.database(&s.ListenURL)
}

func (r *reader) mail(c *Config, s *Settings) {
	c.Mailbox = !c.Production && !s.SMTPURL.set()
	c.SMTP = r.smtp(&s.SMTPURL)
	c.MailFrom = mail.Sender{Name: c.ServiceName, Address: "no-reply@localhost"}
	if s.MailFrom.set() && !s.MailFrom.bad {
		var err error
		if c.MailFrom, err = mail.ParseSender(s.MailFrom.text); err != nil {
			r.wrong(&s.MailFrom, "%v", err)
		}
	}
	c.MailTemplates = r.letters(&s.MailTemplates, c.ServiceName)
	c.ConfirmURL = r.page(&s.ConfirmURL, c.Production)
	c.ResetURL = r.page(&s.ResetURL, c.Production)
	c.SignInNotice = r.toggle(&s.SignInNotice, false)
}

func (r *reader) lifetimes(c *Config, s *Settings) {
	c.AccessTTL = r.duration(&s.AccessTTL)
	c.RefreshTTL = r.duration(&s.RefreshTTL)
	c.SessionTTL = r.duration(&s.SessionTTL)
	c.RefreshGrace = r.duration(&s.RefreshGrace)
	c.ConfirmTTL = r.duration(&s.ConfirmTTL)
	c.ResetTTL = r.duration(&s.ResetTTL)
	c.RecentTTL = r.duration(&s.RecentTTL)
	c.APITokenTTL = r.duration(&s.APITokenTTL)
	c.KeyRotation = r.duration(&s.KeyRotation)
}

func (r *reader) passwords(c *Config, s *Settings) {
	c.PasswordPolicy = password.Policy{Min: r.number(&s.PasswordMinLength), Max: r.number(&s.PasswordMaxLength)}
	var err error
	if c.PasswordHash, err = password.ParseScheme(s.PasswordHash.text); err != nil {
		r.wrong(&s.PasswordHash, "%v", inner(err))
	}
	c.PasswordPeppers = r.peppers(&s.PasswordPepper)
	c.HashConcurrency = r.number(&s.HashConcurrency)
	if c.HashConcurrency == 0 {
		c.HashConcurrency = max(1, runtime.GOMAXPROCS(0)-1)
	}
	c.Usernames = r.toggle(&s.Usernames, true)
}

func (r *reader) tokens(c *Config, s *Settings) {
	c.JWTAlgorithm = accesstoken.Algorithm(r.oneOf(&s.JWTAlgorithm,
		string(accesstoken.ES256), string(accesstoken.EdDSA), string(accesstoken.RS256), string(accesstoken.HS256)))
	c.Issuer = r.issuer(&s.Issuer)
	c.Audience = r.audience(&s.Audience)
	c.APITokenScopes = r.scopes(&s.APITokenScopes)
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
	fill("CONFIRM_URL", &c.ConfirmURL, c.PublicURL+"/confirm")
	fill("RESET_URL", &c.ResetURL, c.PublicURL+"/reset")
	fill("ISSUER", &c.Issuer, c.PublicURL)
	fill("AUDIENCE", &c.Audience, c.PublicURL)
	if !strings.HasPrefix(c.DatabaseURL, "sqlite:") {
		fill("LISTEN_URL", &c.ListenURL, c.DatabaseURL)
	}
	c.showEffective()
}
