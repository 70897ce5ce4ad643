package config

import (
	"crypto/x509"
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
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/callout"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/origin"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/store"
	"github.com/authgraph/authgraph/internal/trace"
	"github.com/authgraph/authgraph/web"
)

// Config is the settings, read and found good. What only one part of the program
// needs stands in that part's own options. It prints and encodes as nothing,
// because some of it is secret; Print shows it with secrets masked.
type Config struct {
	Production bool // MODE

	Listen         string           // host:port; the port may be 0, then call SetPort; or a socket, see Socket
	H2C            bool             // on Listen
	AdminListen    string           // host:port; empty: none
	PublicURL      string           // an origin, as https://auth.example.com, perhaps with a path
	AllowedOrigins []origin.Origin  // without PublicURL's
	OriginPatterns []origin.Pattern // for CORS alone: nothing that names one place
	AllowedHeaders []string         // in lower case
	TrustedProxies []netip.Prefix

	Secret         string   // in development empty until EnsureDevelopmentSecret
	SecretPrevious []string // at most one
	DataDir        string

	Store store.Options // with an sslmode for PostgreSQL
	// DatabaseWait is how long a database that is not there yet is waited for.
	DatabaseWait time.Duration
	Passwords    password.Options // with at least one slot
	Auth         auth.Options     // without what is opened at the start: the store, the secret, the clock and so on

	Mailbox bool        // keep letters in the development mailbox, and send none
	SMTP    mail.Server // where there is no Mailbox
	// SMTPAuthorities are those that its certificate may come from; nil for the system's.
	SMTPAuthorities *x509.CertPool
	SMTPTokens      callout.MailTokenOptions
	MailFrom        mail.Sender
	Letters         mail.Settings
	// LoginPage is where the hosted pages lead; empty where that is not known.
	LoginPage string

	Introspection, Playground, Pages bool
	// HostedPages says that the pages for an application without a front end are
	// served, and Apps are where they lead.
	HostedPages bool
	Apps        []string
	// BrandName is on the hosted pages.
	BrandName        string
	Brand            web.Brand
	TrustedDocuments string // may be empty
	Captcha          Captcha
	Hooks            Hooks
	Profile          string // the file of profile fields; may be empty

	Providers  []oidc.Options // in the order of the buttons
	ReturnURLs oidc.ReturnURLs

	LogLevel slog.Level
	Traces   trace.Options // without an endpoint: none

	RequestTime time.Duration // of a request in all; no setting says it, and 0 is the server's own

	// PasskeyOrigins are those whose pages may ask for passkeys, and RelatedOrigins
	// those of them that are not below the RP ID.
	PasskeyOrigins, RelatedOrigins []string

	passkeys passkeys
	lines    []line // what Print shows
	derived  map[string]bool
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
	mode := read(r, &s.Mode, oneOf("development", "production"))
	c := &Config{Production: mode == "production", derived: map[string]bool{}}
	r.serving(c, &s)
	r.storage(c, &s)
	r.mail(c, &s)
	r.accounts(c, &s)
	r.passwords(c, &s)
	readPasskeys(r, c, &s)
	readProviders(r, c, &s)
	readTraces(r, c, environ)
	if mode != "" {
		r.needed(c, &s)
	}
	c.Auth.Settings.Captcha = c.Captcha.CaptchaSettings
	r.crossCheck(c, &s)
	if err := r.err(); err != nil {
		return nil, nil, err
	}
	c.show(r.fields)
	_, port, _ := net.SplitHostPort(c.Listen)
	c.derive(port)
	return c, c.warnings(r, &s), nil
}

func (r *reader) serving(c *Config, s *Settings) {
	open := read(r, &s.DevelopmentOpen.Value, toggle(false))
	local := s.Mode.text == "development" && !open // of a wrong mode nothing follows
	c.Listen = read(r, &s.Listen, listen(local))
	c.H2C = read(r, &s.H2C.Value, toggle(false))
	c.AdminListen = read(r, &s.AdminListen, adminListen(local))
	c.PublicURL = read(r, &s.PublicURL, publicURL(c.Production))
	allowed := read(r, &s.AllowedOrigins, origins)
	c.AllowedOrigins, c.OriginPatterns = allowed.origins, allowed.patterns
	c.AllowedHeaders = read(r, &s.AllowedHeaders, headers)
	c.TrustedProxies = read(r, &s.TrustedProxies, networks)
	c.Introspection = read(r, &s.Introspection.Value, toggle(!c.Production))
	c.Playground = read(r, &s.Playground.Value, toggle(!c.Production))
	c.Pages = read(r, &s.Pages.Value, toggle(true))
	hosted(r, c, s)
	c.TrustedDocuments = read(r, &s.TrustedDocuments, manifest)
	c.Profile = read(r, &s.Profile, textFile)
	c.Hooks = read(r, &s.Hooks, hooks)
	c.Captcha = r.captcha(s)
	if level := read(r, &s.LogLevel, oneOf("debug", "info", "warn", "error")); level != "" {
		_ = c.LogLevel.UnmarshalText([]byte(level)) // it knows the four
	}
}

func (r *reader) storage(c *Config, s *Settings) {
	c.Secret = read(r, &s.Secret, rootSecret)
	if previous := read(r, &s.SecretPrevious, rootSecret); previous != "" {
		c.SecretPrevious = []string{previous}
	}
	c.DataDir = s.DataDir.text
	c.Store.URL = read(r, &s.DatabaseURL, database)
	if !s.DatabaseURL.set() {
		c.Store.URL = "sqlite:" + filepath.Join(c.DataDir, "authgraph.db")
	}
	c.DatabaseWait = read(r, &s.DatabaseWait, durationOr(databaseWait(c.Production)))
	c.Store.MaxConns = read(r, &s.DatabasePool, number)
	c.Store.Unprepared = !read(r, &s.DatabasePrepare.Value, toggle(true))
}

func (r *reader) mail(c *Config, s *Settings) {
	c.Mailbox = !c.Production && !s.SMTPURL.set()
	c.SMTP = read(r, &s.SMTPURL, smtp)
	c.SMTPAuthorities = read(r, &s.SMTPCA, authorities)
	readMailTokens(r, c, s)
	c.Letters.Service = read(r, &s.ServiceName, words(100))
	c.MailFrom = mail.Sender{Name: c.Letters.Service, Address: "no-reply@localhost"}
	if s.MailFrom.set() {
		c.MailFrom = read(r, &s.MailFrom, sender)
	}
	c.Letters.Locales = read(r, &s.Locales, locales(s.MailTemplates.text))
	c.Letters.Templates = read(r, &s.MailTemplates, letters(c.Letters.Service, c.Letters.Locales))
	c.Letters.ConfirmPage = read(r, &s.ConfirmURL, page(c.Production))
	c.Letters.ResetPage = read(r, &s.ResetURL, page(c.Production))
	c.Letters.CodePage = read(r, &s.EmailLoginURL, page(c.Production))
	c.LoginPage = read(r, &s.LoginURL, page(c.Production))
}

func (r *reader) accounts(c *Config, s *Settings) {
	c.Auth.CacheCallers = read(r, &s.CallerCache.Value, toggle(true))
	c.Auth.ListenURL = read(r, &s.ListenURL, database)
	c.Auth.KeyAge = read(r, &s.KeyRotation, duration)
	c.Auth.Policy = password.Policy{Min: read(r, &s.PasswordMinLength, number), Max: read(r, &s.PasswordMaxLength, number)}
	c.Auth.Tokens.Algorithm = accesstoken.Algorithm(read(r, &s.JWTAlgorithm, oneOf(
		string(accesstoken.ES256), string(accesstoken.EdDSA), string(accesstoken.RS256), string(accesstoken.HS256))))
	c.Auth.Tokens.Issuer = read(r, &s.Issuer, issuer)
	c.Auth.Tokens.Audience = read(r, &s.Audience, audience)
	c.Auth.Settings = auth.Settings{
		ServiceName:  c.Letters.Service,
		Locales:      c.Letters.Locales,
		AccessTTL:    read(r, &s.AccessTTL, duration),
		RefreshTTL:   read(r, &s.RefreshTTL, duration),
		SessionTTL:   read(r, &s.SessionTTL, duration),
		RefreshGrace: read(r, &s.RefreshGrace, duration),
		ConfirmTTL:   read(r, &s.ConfirmTTL, duration),
		ResetTTL:     read(r, &s.ResetTTL, duration),
		RecentTTL:    read(r, &s.RecentTTL, duration),
		APITokenTTL:  read(r, &s.APITokenTTL, duration),
		AuditTTL:     read(r, &s.AuditTTL, durationOrOff),
		ChallengeTTL: read(r, &s.ChallengeTTL, duration),
		SecondFactor: auth.SecondFactorPolicy(strings.ToUpper(read(r, &s.SecondFactor, oneOf("off", "optional", "required")))),

		EmailLogin:       read(r, &s.EmailLogin.Value, toggle(false)),
		EmailCodeTTL:     read(r, &s.EmailCodeTTL, duration),
		TrustedDeviceTTL: read(r, &s.TrustedDeviceTTL, duration),

		Scopes:       read(r, &s.APITokenScopes, scopes),
		Roles:        read(r, &s.Roles, roles),
		Claims:       read(r, &s.Claims, claims),
		SignUps:      read(r, &s.SignUp, oneOf("open", "closed")) == "open",
		Usernames:    read(r, &s.Usernames.Value, toggle(true)),
		SignInNotice: read(r, &s.SignInNotice.Value, toggle(false)),
		Limits: auth.Limits{
			Login:  read(r, &s.LimitLogin, attempts),
			SignUp: read(r, &s.LimitSignUp, attempts),
			Mail:   read(r, &s.LimitMail, attempts),
			Factor: read(r, &s.LimitFactor, attempts),
		},
	}
}

func (r *reader) passwords(c *Config, s *Settings) {
	c.Passwords.Scheme = read(r, &s.PasswordHash, hashing)
	c.Passwords.Peppers = read(r, &s.PasswordPepper, peppers)
	c.Passwords.Slots = read(r, &s.HashConcurrency, number)
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
	if host == "127.0.0.1" || host == "::1" || wildcard(host) {
		host = "localhost"
	}
	fill("PUBLIC_URL", &c.PublicURL, strings.TrimSuffix("http://"+net.JoinHostPort(host, port), ":80"))
	fill("CONFIRM_URL", &c.Letters.ConfirmPage, c.PublicURL+"/confirm")
	fill("RESET_URL", &c.Letters.ResetPage, c.PublicURL+"/reset")
	fill("EMAIL_LOGIN_URL", &c.Letters.CodePage, c.PublicURL+"/code")
	c.derivePasskeys()
	if own := c.PublicURL + "/signed-in"; len(c.ReturnURLs.List) == 0 || c.derived["RETURN_URLS"] {
		c.ReturnURLs.List, c.derived["RETURN_URLS"] = []string{own}, true
	}
	fill("ISSUER", &c.Auth.Tokens.Issuer, c.PublicURL)
	fill("AUDIENCE", &c.Auth.Tokens.Audience, c.PublicURL)
	if !strings.HasPrefix(c.Store.URL, "sqlite:") {
		fill("LISTEN_URL", &c.Auth.ListenURL, c.Store.URL)
	}
	c.showEffective()
}
