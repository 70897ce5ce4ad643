package config

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/mail"
	"github.com/authgraph/authgraph/internal/origin"
)

// needed tells what is missing, without which the server could not do what it
// promises.
func (r *reader) needed(c *Config, s *Settings) {
	for _, n := range []struct {
		value *Value
		hint  string
	}{
		{&s.Secret, "make one with: openssl rand -base64 32"},
		{&s.PublicURL, "links in e-mails begin with it"},
		{&s.DatabaseURL, "sqlite:path or postgres://…"},
		{&s.SMTPURL, "smtp://user:password@host:port"},
		{&s.MailFrom, "it is the sender of e-mails"},
	} {
		if c.Production && !n.value.set() {
			r.wrong(n.value, "is needed in production: %s", n.hint)
		}
	}
	pages := []*Value{&s.ConfirmURL, &s.ResetURL}
	if c.Auth.Settings.EmailLogin {
		pages = append(pages, &s.EmailLoginURL)
	}
	for _, page := range pages {
		if !c.Pages && !s.Pages.bad && !page.set() {
			r.wrong(page, "is needed because PAGES is off")
		}
	}
}

// crossCheck tells what settings demand of each other. A setting that is wrong
// by itself is left alone.
func (r *reader) crossCheck(c *Config, s *Settings) {
	good := func(values ...*Value) bool {
		return !slices.ContainsFunc(values, func(v *Value) bool { return v.bad })
	}
	ordered := func(less, more *Value, a, b time.Duration) {
		if good(less, more) && a > b {
			r.wrong(less, "%s is longer than %s, which is %s", formatDuration(a), more.row.name, formatDuration(b))
		}
	}
	lives := c.Auth.Settings
	ordered(&s.AccessTTL, &s.RefreshTTL, lives.AccessTTL, lives.RefreshTTL)
	ordered(&s.RefreshTTL, &s.SessionTTL, lives.RefreshTTL, lives.SessionTTL)
	ordered(&s.RefreshGrace, &s.RefreshTTL, lives.RefreshGrace, lives.RefreshTTL)
	if p := c.Auth.Policy; good(&s.PasswordMinLength, &s.PasswordMaxLength) && p.Min > p.Max {
		r.wrong(&s.PasswordMinLength, "is more than PASSWORD_MAX_LENGTH, which is %d", p.Max)
	}
	if good(&s.Listen, &s.AdminListen) && c.AdminListen != "" && overlap(c.Listen, c.AdminListen) {
		r.wrong(&s.AdminListen, "is the same address as LISTEN; choose another one, or off")
	}
	same := func(previous string) bool { return strings.TrimSpace(previous) == strings.TrimSpace(c.Secret) }
	if good(&s.Secret, &s.SecretPrevious) && slices.ContainsFunc(c.SecretPrevious, same) {
		r.wrong(&s.SecretPrevious, "is the same as SECRET")
	}
	if good(&s.DatabaseURL, &s.ListenURL) && c.Auth.ListenURL != "" &&
		(strings.HasPrefix(c.Auth.ListenURL, "sqlite:") || strings.HasPrefix(c.Store.URL, "sqlite:")) {
		r.wrong(&s.ListenURL, "is for PostgreSQL only; leave it out with SQLite")
	}
	c.checkPasskeys(r, s)
	r.poolerDemands(c, s)
}

// Warning is what weakens the server although it is allowed.
type Warning struct {
	Name string // of the setting, as AUTHGRAPH_SMTP_URL
	Text string
}

// String is the warning as a line.
func (w Warning) String() string { return w.Name + ": " + w.Text }

// warnings tells what was weakened. What stays on this machine does not count
// in development.
func (c *Config) warnings(r *reader, s *Settings) []Warning {
	var list []Warning
	warn := func(when bool, v *Value, text string) {
		if when {
			list = append(list, Warning{Name: prefix + v.row.name, Text: text})
		}
	}
	public, err := origin.ParseURL(c.PublicURL)
	written := err == nil && s.PublicURL.set() // a derived one is this machine, perhaps on a port that is not known yet
	adminHost, _, _ := net.SplitHostPort(c.AdminListen)
	warn(c.AdminListen != "" && !origin.IsLoopback(adminHost), &s.AdminListen, "everybody who reaches this address can read health in detail and profiles")
	host, _, _ := net.SplitHostPort(c.Listen)
	warn(!c.Production && !origin.IsLoopback(host), &s.DevelopmentOpen.Value, "whoever reaches this server reads all its e-mails; publish the container's port on localhost only")
	open := written && !c.Production && !origin.IsLoopback(public.Origin.Host)
	warn(open && c.Mailbox, &s.PublicURL, "development shows all e-mails to everybody who reaches it; use MODE=production")
	warn(open && !c.Mailbox, &s.PublicURL, "development trusts every page on localhost and shows the schema; use MODE=production")
	warn(written && c.Production && origin.IsLoopback(public.Origin.Host), &s.PublicURL, "links in e-mails lead to the reader's own machine")
	warn(c.Production && public.Path != "", &s.PublicURL, "other applications on this host can act as the people who are logged in; a host of its own is safer")
	unsafe := func(o origin.Origin) bool { return !o.Safe() }
	warn(slices.ContainsFunc(c.AllowedOrigins, unsafe), &s.AllowedOrigins, "an http page can be changed on its way, and can then act as the person who opens it; use https")
	for _, p := range c.OriginPatterns {
		warn(true, &s.AllowedOrigins, p.String()+": everybody who can publish a page at one of these names can act as the people who open it")
	}
	warn(c.Production && !s.ServiceName.set(), &s.ServiceName, "e-mails and pages call the service authgraph, a name that their readers do not know")
	r.exposed(warn)
	warnProviders(r, c, warn)
	c.warnDatabase(warn, &s.DatabaseURL, c.Store.URL)
	if s.ListenURL.set() {
		c.warnDatabase(warn, &s.ListenURL, c.Auth.ListenURL)
	}
	warn(s.SMTPURL.set() && c.SMTP.Security == mail.Insecure && (c.Production || !origin.IsLoopback(c.SMTP.Host)), &s.SMTPURL,
		"e-mails and the tokens in them travel in plain text; use smtp:// or smtps://")
	warn(c.Auth.Settings.EmailLogin, &s.EmailLogin.Value, "whoever reads a person's e-mails can log in as them, unless the account has a second factor")
	warn(c.Auth.Settings.AccessTTL > 15*time.Minute, &s.AccessTTL, "after a session has ended, services that verify by JWKS alone accept its access token for longer than 15m")
	warn(c.Auth.Tokens.Algorithm == accesstoken.HS256, &s.JWTAlgorithm, "no other service can verify these tokens: the key that verifies them can also make them")
	warn(c.Production && c.Playground, &s.Playground.Value, "the playground is on in production")
	for name, hook := range map[string]*Hook{"validate": c.Hooks.Validate, "claims": c.Hooks.Claims} {
		warn(hook != nil && hook.Insecure, &s.Hooks, "what the hook "+name+" is asked about people travels in plain text; use https")
	}
	asks := func(operation string) bool { return slices.Contains(c.Captcha.On, operation) }
	set := c.Auth.Settings
	warn(asks("signUp") && !asks("startPasskeySignUp") && set.Passkeys && set.SignUps, &s.CaptchaOn, "a sign-up with a passkey goes around the CAPTCHA; add startPasskeySignUp")
	limits := c.Auth.Settings.Limits
	warn(limits.Login.Count == 0, &s.LimitLogin, "passwords can be guessed without limit")
	warn(limits.Factor.Count == 0, &s.LimitFactor, "codes of authenticator apps can be guessed without limit")
	warn(limits.SignUp.Count == 0, &s.LimitSignUp, "sign-ups are not limited")
	warn(limits.Mail.Count == 0, &s.LimitMail, "strangers can have any number of e-mails sent to any address")
	return list
}

// warnDatabase warns of a connection to PostgreSQL that somebody else could
// read or answer.
func (c *Config) warnDatabase(warn func(bool, *Value, string), v *Value, text string) {
	u, err := url.Parse(text)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return
	}
	query := u.Query()
	counts := v.set() && (c.Production && strings.Contains(v.text, "sslmode=") || !allLocal(postgresHosts(u, query)))
	switch mode := query.Get("sslmode"); mode {
	case "disable", "allow", "prefer":
		warn(counts, v, "sslmode="+mode+": data may travel in plain text; use verify-full")
	case "require":
		warn(counts, v, "sslmode=require encrypts, but does not check which server answers; use verify-full")
	case "verify-ca":
		warn(counts, v, "sslmode=verify-ca accepts the certificate of every server that the authority signed; use verify-full")
	}
}
