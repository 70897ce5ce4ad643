package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/limit"
)

const (
	goodSecret  = "c0p7n0Wv8Qy3mXkq1rTzJd5hLfGs2uBiEaYoPw4MNxk="
	otherSecret = "Zk9vR2hQ4tWc7yLmN1xDfA8sJb3uEoXi6pKqVr5TgHw="
	goodPepper  = "a1:vTq3xYw8rZ1kNcJ5mHd0uGs7pLf2bQe9oXi4aRyKtWg="
)

// production is the least that production needs without a warning.
func production(more ...string) []string {
	return append([]string{
		"AUTHGRAPH_MODE=production", "AUTHGRAPH_SECRET=" + goodSecret,
		"AUTHGRAPH_PUBLIC_URL=https://auth.example.com", "AUTHGRAPH_DATABASE_URL=sqlite:/var/lib/authgraph.db",
		"AUTHGRAPH_SMTP_URL=smtp://mail.example.com", "AUTHGRAPH_MAIL_FROM=Shop <no-reply@example.com>",
		"AUTHGRAPH_SERVICE_NAME=Shop", // it can do without, but is warned
	}, more...)
}

// load reads an environment that must be good.
func load(t *testing.T, environ ...string) *Config {
	t.Helper()
	c, _, err := Load(nil, environ)
	if err != nil {
		t.Fatalf("Load(%q): %v", environ, err)
	}
	return c
}

// mistakes reads an environment that must not be.
func mistakes(t *testing.T, environ ...string) Mistakes {
	t.Helper()
	_, _, err := Load(nil, environ)
	var m Mistakes
	if !errors.As(err, &m) {
		t.Fatalf("Load(%q) = %v, want mistakes", environ, err)
	}
	return m
}

// rows has every setting: what the default becomes, values that are taken,
// with what they become, and values that are refused. In Config the outcome is
// what get returns. env is what the values need beside them.
var rows = []struct {
	name string
	env  []string
	get  func(*Config) any
	def  any
	good map[string]any
	bad  []string
}{
	{name: "MODE", get: func(c *Config) any { return c.Production }, def: false,
		good: map[string]any{"development": false}, bad: []string{"", "prod", "Production", "test"}},
	{name: "LISTEN", get: func(c *Config) any { return c.Listen }, def: "localhost:8080",
		good: map[string]any{"127.0.0.1:0": "127.0.0.1:0", "[::1]:9000": "[::1]:9000", "localhost:80": "localhost:80"},
		bad:  []string{"", "8080", "unix:/run/http.sock", ":8080", "0.0.0.0:8080", "[::]:8080", "192.168.1.2:8080", "example.com:80", "localhost:http", "localhost:70000", "localhost:080", "localhost:-1", "http://localhost:8080", "localhost.evil.com:80"}},
	{name: "LISTEN", env: production(), get: func(c *Config) any { return c.Listen }, def: "localhost:8080",
		good: map[string]any{":8080": ":8080", "0.0.0.0:443": "0.0.0.0:443", "unix:/run/authgraph/http.sock": "unix:/run/authgraph/http.sock"},
		bad:  []string{"unix:", "unix:http.sock", "unix:/run/../http.sock", "unix:/" + strings.Repeat("x", 103), "a b:80", "fe80::1%eth0:80", "[fe80::1%eth0]:80"}},
	{name: "LISTEN", env: []string{"AUTHGRAPH_DEVELOPMENT_OPEN=on"}, get: func(c *Config) any { return c.Listen }, def: "localhost:8080",
		good: map[string]any{":8080": ":8080", "0.0.0.0:8080": "0.0.0.0:8080"}, bad: []string{"a b:80"}},
	{name: "H2C", get: func(c *Config) any { return c.H2C }, def: false, good: map[string]any{"on": true}, bad: []string{"", "maybe"}},
	{name: "DEVELOPMENT_OPEN", env: []string{"AUTHGRAPH_LISTEN=localhost:1"}, get: func(c *Config) any { return c.Listen }, def: "localhost:1", good: map[string]any{"on": "localhost:1"}, bad: []string{"", "maybe"}},
	{name: "ADMIN_LISTEN", get: func(c *Config) any { return c.AdminListen }, def: "localhost:8081",
		good: map[string]any{"off": "", "localhost:9": "localhost:9"}, bad: []string{"", "unix:/run/admin.sock", ":8081", "localhost:8080", "127.0.0.1:8080", "none"}},
	{name: "PUBLIC_URL", get: func(c *Config) any { return c.PublicURL }, def: "http://localhost:8080",
		good: map[string]any{
			"http://localhost:3000": "http://localhost:3000", "https://Auth.Example.com": "https://auth.example.com", "https://auth.example.com/": "https://auth.example.com",
			"https://auth.example.com:443": "https://auth.example.com", "https://auth.example.com:8443": "https://auth.example.com:8443", "http://[::1]:80": "http://[::1]", "https://auth.localhost": "https://auth.localhost",
			"https://example.com/auth": "https://example.com/auth", "http://localhost:8080/auth/": "http://localhost:8080/auth",
		},
		bad: []string{
			"", " ", "auth.example.com", "//auth.example.com", "localhost:8080", "http://auth.example.com", "http://localhost.evil.com", "https://", "https:///x", "https:auth", "ftp://auth.example.com", "https://auth.example.com/a/../b", "https://auth.example.com/a%20b", "capacitor://localhost",
			"https://auth.example.com//", "https://auth.example.com?", "https://auth.example.com?x=1", "https://auth.example.com#", "https://user@auth.example.com", "https://user:pass@auth.example.com", "https://*.example.com", "https://auth.example.com:", "https://auth.example.com:0",
			"https://auth.example.com:99999", "https://auth.example.com:0443", "https://exämple.com", "https://a..b", "https://-a.com", "https://a.com.", "https://[::1", "https://[0:0::1]", "https://[fe80::1%25eth0]", "https://127.1", "https://0x7f.1", "https://0177.0.0.1", "https://127.0.0.01", "https://a.com\nx", "javascript:alert(1)", "null",
		}},
	{name: "PUBLIC_URL", env: production(), get: func(c *Config) any { return c.PublicURL }, def: "https://auth.example.com",
		good: map[string]any{"https://a.b": "https://a.b"}, bad: []string{"", "http://localhost:8080", "http://auth.example.com", "auth.example.com"}},
	{name: "SERVICE_NAME", get: func(c *Config) any { return c.Letters.Service }, def: "authgraph",
		good: map[string]any{"Bücher & Co": "Bücher & Co"}, bad: []string{"", "  ", "a\nb", "a\u202eb", "\xff", strings.Repeat("x", 101)}},
	{name: "ALLOWED_ORIGINS", get: func(c *Config) any {
		return strings.Join(slices.Concat(texts(c.AllowedOrigins), texts(c.OriginPatterns)), " ")
	}, def: "",
		good: map[string]any{
			"": "", "https://App.example.com, http://localhost:3000,https://app.example.com:443": "https://app.example.com http://localhost:3000", "capacitor://localhost": "capacitor://localhost", "http://plain.example.com": "http://plain.example.com",
			"chrome-extension://abcdefghijklmnopabcdefghijklmnop,http://intranet.example.com": "chrome-extension://abcdefghijklmnopabcdefghijklmnop http://intranet.example.com",
			"moz-extension://0b6c7a0e-90f5-4e1c-8f44-2f7f5b1f7a11,tauri://localhost":          "moz-extension://0b6c7a0e-90f5-4e1c-8f44-2f7f5b1f7a11 tauri://localhost",
			"https://*.preview.example.com, https://app.example.com":                          "https://app.example.com https://*.preview.example.com",
		},
		bad: []string{"*", "null", "https://*.vercel.app", "https://*.com", "http://*.example.com", "https://pr-*.example.com", "https://app.example.com/", "https://app.example.com/x", "app.example.com", "https://a.com,,https://b.com", "https://a.com,", "https://u:p@a.com", "file:///x", "https://a.com https://b.com", "https://a.com?x", "https://a.com:*"}},
	{name: "ALLOWED_HEADERS", get: func(c *Config) any { return strings.Join(c.AllowedHeaders, " ") }, def: "",
		good: map[string]any{"": "", "X-Tenant, x_b3": "x-tenant x_b3"}, bad: []string{"*", "x-*", "a b", "x:", "ä", "x-a,,x-b", strings.Repeat("x", 65)}},
	{name: "TRUSTED_PROXIES", get: func(c *Config) any { return c.TrustedProxies }, def: []netip.Prefix(nil),
		good: map[string]any{"10.0.0.0/8, 192.0.2.7,::1": []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("::1/128")}, "::ffff:192.0.2.7": []netip.Prefix{netip.MustParsePrefix("192.0.2.7/32")}},
		bad:  []string{"*", "0.0.0.0/0", "::/0", "0.0.0.0/1,128.0.0.0/1", "0.0.0.0", "::", "10.0.0.1/8", "10.0.0.0/33", "proxy.example.com", "::ffff:0.0.0.0/96", "fe80::1%eth0", "private", "8000::/1"}},
	{name: "SECRET", get: func(c *Config) any { return c.Secret }, def: "",
		good: map[string]any{otherSecret: otherSecret}, bad: []string{"", "short", strings.Repeat("a", 64), "change-me-change-me-change-me-change-me"}},
	{name: "SECRET_PREVIOUS", env: []string{"AUTHGRAPH_SECRET=" + goodSecret}, get: func(c *Config) any { return strings.Join(c.SecretPrevious, " ") }, def: "",
		good: map[string]any{"": "", otherSecret: otherSecret}, bad: []string{"short", goodSecret, goodSecret + "\n"}},
	{name: "DATABASE_URL", get: func(c *Config) any { return c.Store.URL }, def: "sqlite:" + filepath.Join("data", "authgraph.db"),
		good: map[string]any{
			"sqlite:x.db": "sqlite:x.db", "sqlite:///var/x.db": "sqlite:///var/x.db",
			"postgres://u:p@localhost/x": "postgres://u:p@localhost/x?sslmode=disable", "postgres://u:p@db/x": "postgres://u:p@db/x?sslmode=verify-full",
			"postgresql://u@db:5432/x?sslmode=disable": "postgresql://u@db:5432/x?sslmode=disable", "postgres://u@/x?host=/run/pg": "postgres://u@/x?host=%2Frun%2Fpg&sslmode=disable",
			"postgres://u@localhost,db/x": "postgres://u@localhost,db/x?sslmode=verify-full", "postgres://u@[::1]:5432/x": "postgres://u@[::1]:5432/x?sslmode=disable",
			"postgres://u@one,two/x?port=1,2&sslmode=require": "postgres://u@one,two/x?port=1%2C2&sslmode=require", "postgres://u@/x?host=db": "postgres://u@/x?host=db&sslmode=verify-full",
		},
		bad: []string{
			"", "sqlite:", "sqlite://", "sqlite::memory:", "x.db", "/var/x.db", "mysql://u:p@db/x", "postgres:x", "postgres:///x", "postgres://", "postgres://u:p%@db/x", "postgres://u:p#1@db/x",
			"postgres://u@db/x?sslmode=no", "postgres://u@localhost/x?host=elsewhere", "POSTGRES://u@db/x?%", "host=db user=u", "postgres://u@db,/x",
		}},
	{name: "DATABASE_POOL", get: func(c *Config) any { return c.Store.MaxConns }, def: 10,
		good: map[string]any{"2": 2, "1000": 1000}, bad: []string{"", "0", "1", "1001", "-5", "ten", "1.5", "99999999999999999999"}},
	{name: "DATABASE_WAIT", get: func(c *Config) any { return c.DatabaseWait }, def: time.Duration(0),
		good: map[string]any{"5s": 5 * time.Second, "0s": time.Duration(0), "10m": 10 * time.Minute}, bad: []string{"-1s", "11m", "30", "off"}},
	{name: "DATABASE_WAIT", env: production(), get: func(c *Config) any { return c.DatabaseWait }, def: 30 * time.Second, good: map[string]any{"0s": time.Duration(0)}},
	{name: "DATABASE_PREPARE", get: func(c *Config) any { return !c.Store.Unprepared }, def: true,
		good: map[string]any{"false": false, "off": false, "NO": false, "0": false, "1": true}, bad: []string{"", "maybe"}},
	{name: "CALLER_CACHE", get: func(c *Config) any { return c.Auth.CacheCallers }, def: true,
		good: map[string]any{"false": false, "off": false, "NO": false, "0": false, "1": true}, bad: []string{"", "maybe"}},
	{name: "LISTEN_URL", env: []string{"AUTHGRAPH_DATABASE_URL=postgres://localhost/x"}, get: func(c *Config) any { return c.Auth.ListenURL }, def: "postgres://localhost/x?sslmode=disable",
		good: map[string]any{"postgres://[::1]/y": "postgres://[::1]/y?sslmode=disable", "": "postgres://localhost/x?sslmode=disable"}, bad: []string{"sqlite:x", "localhost"}},
	{name: "LISTEN_URL", get: func(c *Config) any { return c.Auth.ListenURL }, def: "", bad: []string{"postgres://localhost/x"}},
	{name: "DATA_DIR", get: func(c *Config) any { return c.DataDir }, def: "./data", good: map[string]any{"/var/lib/x": "/var/lib/x"}, bad: []string{""}},
	{name: "SMTP_URL", get: func(c *Config) any { return c.SMTP.String() + " " + c.SMTP.Password }, def: "smtp://:0 ",
		good: map[string]any{"smtp://u:p%40@mx": "smtp://mx:587 p@", "smtp+insecure://u:p@mx": "smtp+insecure://mx:25 p", "smtps://mx": "smtps://mx:465 ", "smtp+insecure://localhost:1025": "smtp+insecure://localhost:1025 "},
		bad:  []string{"", "mx:25", "smtp://", "http://mx", "smtp://u@mx", "smtp://mx/x", "smtp://mx:99999"}},
	{name: "SMTP_URL", get: func(c *Config) any { return c.Mailbox }, def: true, good: map[string]any{"smtp://mx": false}},
	{name: "MAIL_FROM", get: func(c *Config) any { return c.MailFrom.Name + "|" + c.MailFrom.Address }, def: "authgraph|no-reply@localhost",
		good: map[string]any{"a@b.org": "|a@b.org", "Ann <a@b.org>": "Ann|a@b.org"}, bad: []string{"", "ann", "a@b.org, c@d.org", "a@b.org\r\nBcc: c@d.org", "<>"}},
	{name: "MAIL_TEMPLATES", get: func(c *Config) any { return c.Letters.Templates }, def: "",
		good: map[string]any{"": "", ".": "."}, bad: []string{"nowhere", "settings_test.go", "testdata/letters"}},
	{name: "LOCALES", get: func(c *Config) any { return strings.Join(c.Letters.Locales.Tags(), " ") }, def: "en de fr es pt it nl pl uk ja",
		good: map[string]any{"de": "de", "fr, de-CH,en-GB,pt-BR": "fr de-CH en-GB pt-BR"}, bad: []string{"", "cs", "en,cs", "de,de", "de_DE", "EN", "../de", "x-private", "en;q=1"}},
	{name: "CONFIRM_URL", get: func(c *Config) any { return c.Letters.ConfirmPage }, def: "http://localhost:8080/confirm",
		good: map[string]any{"https://app.example.com/a?b=c": "https://app.example.com/a?b=c", "http://localhost:3000/x": "http://localhost:3000/x"},
		bad:  []string{"", "/confirm", "app.example.com/x", "http://app.example.com/x", "https://app.example.com/#/confirm", "https://u:p@app.example.com/x", "https://app.example.com/a b", "https://app.example.com/\"x", "https://exämple.com/", "javascript:alert(1)", "https://app.example.com:x/"}},
	{name: "RESET_URL", env: production(), get: func(c *Config) any { return c.Letters.ResetPage }, def: "https://auth.example.com/reset",
		good: map[string]any{"https://app.example.com/r": "https://app.example.com/r"}, bad: []string{"", "http://localhost/r", "reset"}},
	{name: "LOGIN_URL", get: func(c *Config) any { return c.LoginPage }, def: "",
		good: map[string]any{"": "", "https://app.example.com/login": "https://app.example.com/login"}, bad: []string{"/login", "http://app.example.com/x", "javascript:alert(1)"}},
	{name: "SIGN_IN_NOTICE", get: func(c *Config) any { return c.Auth.Settings.SignInNotice }, def: false, good: map[string]any{"on": true}, bad: []string{"x"}},

	{name: "ACCESS_TTL", get: func(c *Config) any { return c.Auth.Settings.AccessTTL }, def: 15 * time.Minute,
		good: map[string]any{"2s": 2 * time.Second, "1h": time.Hour}, bad: []string{"", "0", "999ms", "61m", "-5m", "15", "forever"}},
	{name: "REFRESH_TTL", get: func(c *Config) any { return c.Auth.Settings.RefreshTTL }, def: 14 * day,
		good: map[string]any{"1w": 7 * day, "15m": 15 * time.Minute}, bad: []string{"", "14m", "31d", "366d", "0s"}},
	{name: "SESSION_TTL", get: func(c *Config) any { return c.Auth.Settings.SessionTTL }, def: 30 * day,
		good: map[string]any{"365d": 365 * day}, bad: []string{"", "13d", "366d", "53w"}},
	{name: "REFRESH_GRACE", get: func(c *Config) any { return c.Auth.Settings.RefreshGrace }, def: 10 * time.Second,
		good: map[string]any{"0s": time.Duration(0), "1m": time.Minute}, bad: []string{"", "61s", "-1s"}},
	{name: "CONFIRM_TTL", get: func(c *Config) any { return c.Auth.Settings.ConfirmTTL }, def: day, good: map[string]any{"2s": 2 * time.Second}, bad: []string{"0s", "31d"}},
	{name: "RESET_TTL", get: func(c *Config) any { return c.Auth.Settings.ResetTTL }, def: time.Hour, good: map[string]any{"24h": day}, bad: []string{"0s", "2d"}},
	{name: "RECENT_TTL", get: func(c *Config) any { return c.Auth.Settings.RecentTTL }, def: 15 * time.Minute, good: map[string]any{"1s": time.Second}, bad: []string{"0s", "25h"}},
	{name: "API_TOKEN_TTL", get: func(c *Config) any { return c.Auth.Settings.APITokenTTL }, def: 365 * day, good: map[string]any{"90d": 90 * day}, bad: []string{"0s", "never", "3651d"}},
	{name: "API_TOKEN_SCOPES", get: func(c *Config) any { return strings.Join(c.Auth.Settings.Scopes, " ") }, def: "",
		good: map[string]any{"": "", "orders:read, orders:write": "orders:read orders:write"},
		bad:  []string{"session", "account:read", "a b", "a,a", "Ä", "*", ":x", "a:", "a,,b", "\"", strings.Repeat("x", 65)}},
	{name: "PASSWORD_MIN_LENGTH", get: func(c *Config) any { return c.Auth.Policy.Min }, def: 8, good: map[string]any{"15": 15}, bad: []string{"", "7", "0", "129", "many"}},
	{name: "PASSWORD_MAX_LENGTH", get: func(c *Config) any { return c.Auth.Policy.Max }, def: 128, good: map[string]any{"64": 64, "1024": 1024}, bad: []string{"", "63", "1025"}},
	{name: "PASSWORD_HASH", get: func(c *Config) any { return c.Passwords.Scheme.String() }, def: "argon2id:m=19456,t=2,p=1",
		good: map[string]any{"bcrypt:12": "bcrypt:12", "argon2id": "argon2id:m=19456,t=2,p=1"}, bad: []string{"", "md5", "argon2id:m=8,t=1,p=1", "bcrypt:4", "argon2id:x=1"}},
	{name: "PASSWORD_PEPPER", get: func(c *Config) any { return len(c.Passwords.Peppers) }, def: 0,
		good: map[string]any{"": 0, goodPepper: 1, goodPepper + ", b:" + otherSecret: 2}, bad: []string{"a", otherSecret, "a:", ":" + otherSecret, "a:c2hvcnQ=", "much-too-long:" + otherSecret, goodPepper + "," + goodPepper, "a:***"}},
	{name: "HASH_CONCURRENCY", get: func(c *Config) any { return c.Passwords.Slots >= 1 }, def: true, good: map[string]any{"4": true}, bad: []string{"", "-1", "1025", "x"}},
	{name: "SIGN_UP", get: func(c *Config) any { return c.Auth.Settings.SignUps }, def: true, good: map[string]any{"open": true, "closed": false}, bad: []string{"", "off", "true", "Closed"}},
	{name: "USERNAMES", get: func(c *Config) any { return c.Auth.Settings.Usernames }, def: true, good: map[string]any{"false": false}, bad: []string{"x"}},
	{name: "JWT_ALGORITHM", get: func(c *Config) any { return string(c.Auth.Tokens.Algorithm) }, def: "ES256",
		good: map[string]any{"EdDSA": "EdDSA", "RS256": "RS256", "HS256": "HS256"}, bad: []string{"", "none", "es256", "ES384", "HS512"}},
	{name: "KEY_ROTATION", get: func(c *Config) any { return c.Auth.KeyAge }, def: 90 * day, good: map[string]any{"2s": 2 * time.Second}, bad: []string{"0s", "off", "11000d"}},
	{name: "ISSUER", get: func(c *Config) any { return c.Auth.Tokens.Issuer }, def: "http://localhost:8080",
		good: map[string]any{"https://id.example.com/x/": "https://id.example.com/x/"}, bad: []string{"", "me", "https://a?x", "https://a#x", "https://u:p@a", "https://a/ b"}},
	{name: "AUDIENCE", get: func(c *Config) any { return c.Auth.Tokens.Audience }, def: "http://localhost:8080", good: map[string]any{"orders": "orders"}, bad: []string{"", "a b", strings.Repeat("x", 256), "ä"}},
	{name: "INTROSPECTION", get: func(c *Config) any { return c.Introspection }, def: true, good: map[string]any{"off": false}, bad: []string{"", "x"}},
	{name: "INTROSPECTION", env: production(), get: func(c *Config) any { return c.Introspection }, def: false, good: map[string]any{"on": true}},
	{name: "PLAYGROUND", get: func(c *Config) any { return c.Playground }, def: true, good: map[string]any{"false": false}, bad: []string{"", "x"}},
	{name: "PLAYGROUND", env: production(), get: func(c *Config) any { return c.Playground }, def: false, good: map[string]any{"true": true}},
	{name: "PAGES", env: []string{"AUTHGRAPH_CONFIRM_URL=https://a.com/c", "AUTHGRAPH_RESET_URL=https://a.com/r"}, get: func(c *Config) any { return c.Pages }, def: true, good: map[string]any{"off": false}, bad: []string{"x"}},
	{name: "PAGES", env: []string{"AUTHGRAPH_CONFIRM_URL=https://a.com/c"}, get: func(c *Config) any { return c.Pages }, def: true, bad: []string{"off"}},
	{name: "TRUSTED_DOCUMENTS", get: func(c *Config) any { return c.TrustedDocuments }, def: "", good: map[string]any{"": "", "testdata/trusted.json": "testdata/trusted.json"}, bad: []string{"nowhere", ".", "settings.go"}},
	{name: "LIMIT_LOGIN", get: func(c *Config) any { return c.Auth.Settings.Limits.Login }, def: limit.Limit{Count: 10, Per: 15 * time.Minute},
		good: map[string]any{"off": limit.Limit{}, "3/2s": limit.Limit{Count: 3, Per: 2 * time.Second}, "1/1d": limit.Limit{Count: 1, Per: day}}, bad: []string{"", "10", "0/15m", "-1/15m", "10/0s", "10/15", "/15m", "10/", "10/31d", "1000001/1h", "none", "10 / 15m"}},
	{name: "EMAIL_LOGIN", get: func(c *Config) any { return c.Auth.Settings.EmailLogin }, def: false, good: map[string]any{"on": true, "off": false}, bad: []string{"", "maybe"}},
	{name: "EMAIL_CODE_TTL", get: func(c *Config) any { return c.Auth.Settings.EmailCodeTTL }, def: 10 * time.Minute, good: map[string]any{"1m": time.Minute, "10m": 10 * time.Minute}, bad: []string{"", "59s", "11m", "10"}},
	{name: "HOSTED_PAGES", get: func(c *Config) any { return c.HostedPages }, def: true, good: map[string]any{"off": false}, bad: []string{"x"}},
	{name: "HOSTED_PAGES", env: []string{"AUTHGRAPH_PAGES=off", "AUTHGRAPH_CONFIRM_URL=https://a.com/c", "AUTHGRAPH_RESET_URL=https://a.com/r"}, get: func(c *Config) any { return c.HostedPages }, def: false, good: map[string]any{"on": false}},
	{name: "APP_URL", get: func(c *Config) any { return strings.Join(c.Apps, " ") }, def: "",
		good: map[string]any{"https://app.example.com/?a=b": "https://app.example.com/?a=b", "http://localhost:5173, https://b.example": "http://localhost:5173 https://b.example"},
		bad:  []string{"app.example.com", "javascript:alert(1)", "http://app.example.com", "https://a.example/#x", "https://u:p@a.example", "https://a.example,"}},
	{name: "BRAND_NAME", get: func(c *Config) any { return c.BrandName }, def: "", good: map[string]any{"Shop & Co": "Shop & Co"}, bad: []string{"a\x00b", strings.Repeat("x", 101)}},
	{name: "BRAND_COLOR", get: func(c *Config) any { return c.Brand.Color }, def: "", good: map[string]any{"#0b57D0": "#0b57D0"}, bad: []string{"red", "#fff", "#0b57d0;}", "0b57d0"}},
	{name: "BRAND_LOGO", get: func(c *Config) any { return string(c.Brand.Logo) }, def: "",
		good: map[string]any{"testdata/logo.svg": "<svg xmlns=\"http://www.w3.org/2000/svg\"/>\n"}, bad: []string{"testdata", "testdata/none.svg", "hosted.go"}},
	{name: "EMAIL_LOGIN_URL", get: func(c *Config) any { return c.Letters.CodePage }, def: "http://localhost:8080/code",
		good: map[string]any{"https://app.example.com/code?x=1": "https://app.example.com/code?x=1"}, bad: []string{"", "/code", "https://app.example.com/#", "http://app.example.com/code"}},
	{name: "PASSKEYS", get: func(c *Config) any { return c.Auth.Settings.Passkeys }, def: true, good: map[string]any{"off": false, "on": true}, bad: []string{"", "maybe"}},
	{name: "PASSKEY_RP_ID", env: production(), get: func(c *Config) any { return c.Auth.Party.ID }, def: "auth.example.com",
		good: map[string]any{"": "auth.example.com", "Example.com": "example.com", "auth.example.com": "auth.example.com"},
		bad:  []string{"com", "co.uk", "192.0.2.7", "::1", "xample.com", "app.example.com", "https://example.com", "example.com:443", "localhost", "*.example.com", "a b"}},
	{name: "PASSKEY_ORIGINS", env: production("AUTHGRAPH_ALLOWED_ORIGINS=https://app.auth.example.com,https://app.example.com,https://*.auth.example.com,capacitor://localhost"),
		get: func(c *Config) any { return strings.Join(c.PasskeyOrigins, " ") }, def: "https://auth.example.com https://app.auth.example.com",
		good: map[string]any{
			"": "https://auth.example.com https://app.auth.example.com", "https://App.example.com:443, https://example.net": "https://app.example.com https://example.net",
			"android:apk-key-hash:pNiP5iKyQ8JwgGOaKA1zGPUPJIS-0H1xKCQcfIoGLck": "android:apk-key-hash:pNiP5iKyQ8JwgGOaKA1zGPUPJIS-0H1xKCQcfIoGLck",
		},
		bad: []string{"*", "https://*.example.com", "http://app.example.com", "capacitor://localhost", "app.example.com", "https://app.example.com/", "android:apk-key-hash:", "null", "https://a.example.com,,https://b.example.com"}},
	{name: "SECOND_FACTOR", get: func(c *Config) any { return c.Auth.Settings.SecondFactor }, def: auth.SecondFactorOptional, good: map[string]any{"off": auth.SecondFactorOff, "optional": auth.SecondFactorOptional, "required": auth.SecondFactorRequired}, bad: []string{"", "on", "REQUIRED", "true"}},
	{name: "CHALLENGE_TTL", get: func(c *Config) any { return c.Auth.Settings.ChallengeTTL }, def: 10 * time.Minute, good: map[string]any{"1s": time.Second, "30m": 30 * time.Minute}, bad: []string{"0s", "31m", "10"}},
	{name: "TRUSTED_DEVICE_TTL", get: func(c *Config) any { return c.Auth.Settings.TrustedDeviceTTL }, def: time.Duration(0), good: map[string]any{"0s": time.Duration(0), "90d": 90 * 24 * time.Hour}, bad: []string{"-1s", "91d", "30"}},
	{name: "LIMIT_FACTOR", get: func(c *Config) any { return c.Auth.Settings.Limits.Factor }, def: limit.Limit{Count: 5, Per: 15 * time.Minute}, good: map[string]any{"off": limit.Limit{}}, bad: []string{"x", "0/1h"}},
	{name: "CLAIMS", get: func(c *Config) any { return c.Auth.Settings.Claims != nil }, def: false, good: map[string]any{"": false, "testdata/claims.json": true}, bad: []string{"nowhere", ".", "settings.go", "testdata/badclaims.json"}},
	{name: "HOOKS", get: func(c *Config) any { return c.Hooks.Validate != nil && c.Hooks.Claims != nil }, def: false, good: map[string]any{"": false, "testdata/hooks.json": true}, bad: []string{"nowhere", ".", "settings.go", "testdata/claims.json", "testdata/badhooks.json"}},
	{name: "CAPTCHA", env: captchaKeys, get: func(c *Config) any { return c.Captcha.Provider + " " + c.Captcha.URL }, def: "turnstile https://challenges.cloudflare.com/turnstile/v0/siteverify", good: map[string]any{"hcaptcha": "hcaptcha https://api.hcaptcha.com/siteverify"}, bad: []string{"recaptcha", "Turnstile", "off"}},
	{name: "CAPTCHA", get: func(c *Config) any { return c.Captcha.Provider }, def: ""},
	{name: "CAPTCHA_SITE_KEY", env: captchaKeys, get: func(c *Config) any { return c.Captcha.SiteKey }, def: "0x4AAA", good: map[string]any{"abc": "abc"}, bad: []string{"a b", "<script>", strings.Repeat("x", 201)}},
	{name: "CAPTCHA_SITE_KEY", get: func(c *Config) any { return c.Captcha.SiteKey }, def: "", bad: []string{"0x4AAA"}},
	{name: "CAPTCHA_SECRET", env: captchaKeys, get: func(c *Config) any { return c.Captcha.Secret }, def: "0x4BBB", bad: []string{"ä"}},
	{name: "CAPTCHA_ON", env: captchaKeys, get: func(c *Config) any { return strings.Join(c.Captcha.On, " ") }, def: "signUp startPasskeySignUp startEmailLogin requestPasswordReset", good: map[string]any{"login": "login"}, bad: []string{"", "logout", "login,login"}},
	{name: "CAPTCHA_URL", env: captchaKeys, get: func(c *Config) any { return c.Captcha.URL }, def: "https://challenges.cloudflare.com/turnstile/v0/siteverify", good: map[string]any{"http://localhost:1/x": "http://localhost:1/x"}, bad: []string{"x", "http://a.example.com/"}},
	{name: "SMTP_CA", get: func(c *Config) any { return c.SMTPAuthorities != nil }, def: false, good: map[string]any{"": false, "testdata/authority.pem": true}, bad: []string{"nowhere", ".", "settings.go"}},
	{name: "SMTP_TOKEN_URL", env: mailByToken, get: func(c *Config) any { return c.SMTPTokens.URL }, def: "https://l.example/t",
		good: map[string]any{"https://login.example.com/token": "https://login.example.com/token", "http://localhost:9/t": "http://localhost:9/t"},
		bad:  []string{"login.example.com", "http://login.example.com/token", "https://u:p@login.example.com/token"}},
	{name: "SMTP_CLIENT_ID", env: mailByToken, get: func(c *Config) any { return c.SMTPTokens.ClientID }, def: "c", good: map[string]any{"x": "x"}, bad: []string{"a\nb"}},
	{name: "SMTP_CLIENT_SECRET", env: mailByToken, get: func(c *Config) any { return c.SMTPTokens.ClientSecret }, def: "", good: map[string]any{"s": "s"}},
	{name: "SMTP_SCOPE", env: mailByToken, get: func(c *Config) any { return strings.Join(c.SMTPTokens.Scope, "+") }, def: "", good: map[string]any{"a b": "a+b"}, bad: []string{"a\nb"}},
	{name: "SMTP_REFRESH_TOKEN", env: mailByToken, get: func(c *Config) any { return c.SMTPTokens.RefreshToken }, def: "", good: map[string]any{"s": "s"}},
	{name: "PROFILE", get: func(c *Config) any { return c.Profile }, def: "", good: map[string]any{"": "", "settings.go": "settings.go"}, bad: []string{"nowhere", "."}},
	{name: "ROLES", get: func(c *Config) any { return strings.Join(c.Auth.Settings.RoleNames(), " ") }, def: "user",
		good: map[string]any{"member, editor": "member editor", "user,support=users:read+sessions:end,admin=*": "user support admin"},
		bad:  []string{"", "User", "1st", "a b", "user,user", "user,", "user=", "user=all", "user=a:b+", "ä", strings.Repeat("r", 33), strings.Repeat("r,", 3) + "s", manyRoles()}},
	{name: "PROVIDERS", get: func(c *Config) any { return len(c.Providers) }, def: 0,
		good: map[string]any{"": 0}, bad: []string{"Corp", "1st", "a-b", "a_b", "corp,,other", "ä", strings.Repeat("a", 33), "corp, corp"}},
	{name: "RETURN_URLS", get: func(c *Config) any { return strings.Join(c.ReturnURLs.List, " ") }, def: "http://localhost:8080/signed-in",
		good: map[string]any{"https://app.example.com/in, com.example.app:/in": "https://app.example.com/in com.example.app:/in", "http://127.0.0.1/in": "http://127.0.0.1/in", "http://localhost:3000/x?y=z": "http://localhost:3000/x?y=z"},
		bad:  []string{"x", "app.example.com", "http://app.example.com/", "https://u:p@a.com/", "https://a.com/#x", "https://a.com/ x", "javascript:alert(1)", "data:,x", "myapp:/in", "https://A.com/", "https://a.com./", "https://a.com:/", "https:///x", "https://a.com/\\x"}},
	{name: "LIMIT_SIGN_UP", get: func(c *Config) any { return c.Auth.Settings.Limits.SignUp }, def: limit.Limit{Count: 60, Per: time.Hour}, good: map[string]any{"off": limit.Limit{}}, bad: []string{"x", "0/1h"}},
	{name: "LIMIT_MAIL", get: func(c *Config) any { return c.Auth.Settings.Limits.Mail }, def: limit.Limit{Count: 5, Per: time.Hour}, good: map[string]any{"off": limit.Limit{}}, bad: []string{"x"}},
	{name: "AUDIT_TTL", get: func(c *Config) any { return c.Auth.Settings.AuditTTL }, def: 400 * day,
		good: map[string]any{"1d": day, "3650d": 3650 * day, "off": time.Duration(0)}, bad: []string{"", "0s", "23h", "3651d", "never"}},
	{name: "LOG_LEVEL", get: func(c *Config) any { return c.LogLevel }, def: slog.LevelInfo,
		good: map[string]any{"debug": slog.LevelDebug, "error": slog.LevelError}, bad: []string{"", "INFO", "trace", "info+1"}},
}

// captchaKeys are what a CAPTCHA needs.
var captchaKeys = []string{"AUTHGRAPH_CAPTCHA=turnstile", "AUTHGRAPH_CAPTCHA_SITE_KEY=0x4AAA", "AUTHGRAPH_CAPTCHA_SECRET=0x4BBB"}

// manyRoles is a list with one role too many.
func manyRoles() string {
	names := make([]string, auth.MaxRoles+1)
	for i := range names {
		names[i] = fmt.Sprint("r", i)
	}
	return strings.Join(names, ",")
}

func TestSettings(t *testing.T) {
	same := cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if diff := cmp.Diff(row.def, row.get(load(t, row.env...)), same); diff != "" {
				t.Errorf("the default (-want +got): %s", diff)
			}
			for value, want := range row.good {
				c := load(t, append(row.env[:len(row.env):len(row.env)], prefix+row.name+"="+value)...)
				if diff := cmp.Diff(want, row.get(c), same); diff != "" {
					t.Errorf("%q (-want +got): %s", value, diff)
				}
			}
			for _, value := range row.bad {
				environ, flags := append(row.env[:len(row.env):len(row.env)], prefix+row.name+"="+value), []string(nil)
				if value == "" { // as a variable it counts as unset
					flags = []string{"--" + strings.ToLower(strings.ReplaceAll(row.name, "_", "-")) + "="}
				}
				if _, _, err := Load(flags, environ); err == nil {
					t.Errorf("%q is taken", value)
				} else if strings.Contains(err.Error(), "\n") {
					t.Errorf("%q makes several mistakes: %v", value, err)
				}
			}
		})
	}
}

func TestEverySettingIsTested(t *testing.T) {
	tested := map[string]bool{"AUTHGRAPH_CONFIG": true} // by TestFile
	for _, row := range rows {
		tested[prefix+row.name] = true
	}
	for _, row := range Table() {
		if !tested[row.Name] {
			t.Errorf("%s has no test", row.Name)
		}
		delete(tested, row.Name)
	}
	if len(tested) > 0 {
		t.Errorf("tested, but no settings: %v", tested)
	}
}

func TestSetPort(t *testing.T) {
	c := load(t, "AUTHGRAPH_LISTEN=127.0.0.1:0", "AUTHGRAPH_AUDIENCE=orders", "AUTHGRAPH_RESET_URL=https://a.com/r")
	c.SetPort(4711)
	got := []string{c.PublicURL, c.Auth.Tokens.Issuer, c.Auth.Tokens.Audience, c.Letters.ConfirmPage, c.Letters.ResetPage}
	want := []string{"http://localhost:4711", "http://localhost:4711", "orders", "http://localhost:4711/confirm", "https://a.com/r"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after SetPort (-want +got): %s", diff)
	}
	c = load(t, production("AUTHGRAPH_PUBLIC_URL=https://example.com/auth/")...)
	got = []string{c.Auth.Tokens.Issuer, c.Auth.Tokens.Audience, c.Letters.ConfirmPage, c.Letters.ResetPage}
	want = []string{"https://example.com/auth", "https://example.com/auth", "https://example.com/auth/confirm", "https://example.com/auth/reset"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with a path (-want +got): %s", diff)
	}
	c = load(t, production("AUTHGRAPH_LISTEN=localhost:0")...)
	if c.SetPort(4711); c.PublicURL != "https://auth.example.com" {
		t.Errorf("SetPort changed a PUBLIC_URL that was set to %s", c.PublicURL)
	}
}
