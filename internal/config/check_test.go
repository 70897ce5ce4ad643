package config

import (
	"strings"
	"testing"
)

func TestProductionNeeds(t *testing.T) {
	m := mistakes(t, "AUTHGRAPH_MODE=production")
	var names []string
	for _, one := range m {
		names = append(names, strings.TrimPrefix(one.Name, prefix))
		if !strings.HasPrefix(one.Text, "is needed in production: ") {
			t.Errorf("%v", one)
		}
	}
	if got, want := strings.Join(names, " "), "PUBLIC_URL SECRET DATABASE_URL SMTP_URL MAIL_FROM"; got != want {
		t.Errorf("production alone misses %s, want %s", got, want)
	}
	c := load(t, production()...)
	if !c.Production || c.Mailbox || c.Introspection || c.Playground {
		t.Errorf("production: mailbox %t, introspection %t, playground %t", c.Mailbox, c.Introspection, c.Playground)
	}
	for i, entry := range production() {
		if i == 0 {
			continue // the mode
		}
		name, _, _ := strings.Cut(entry, "=")
		if name == "AUTHGRAPH_SERVICE_NAME" {
			continue // warned of where it is missing, not needed
		}
		t.Run(name+" set but empty is refused", func(t *testing.T) {
			env := production()
			env[i] = name + "="
			if m := mistakes(t, env...); len(m) != 1 || m[0].Name != name {
				t.Errorf("got %v", m)
			}
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	_, _, err := Load([]string{"--limit-mail=0/1h"}, []string{
		"AUTHGRAPH_LOG_LEVEL=loud", "AUTHGRAPH_LISTEN=:80", "AUTHGRAPH_TYPO=1", "AUTHGRAPH_ACCESS_TTL=2d", "AUTHGRAPH_SECRET=short",
		"AUTHGRAPH_CONFIG=" + writeFile(t, `{"database_pool": 0, "color": "red"}`),
	})
	want := []string{
		"color (in the file): there is no such setting",
		"AUTHGRAPH_LISTEN: ", "AUTHGRAPH_SECRET: is shorter than 32 bytes", "AUTHGRAPH_DATABASE_POOL (set in the file): ", "AUTHGRAPH_ACCESS_TTL: ",
		"AUTHGRAPH_LIMIT_MAIL (set by --limit-mail): ", "AUTHGRAPH_LOG_LEVEL: ", "AUTHGRAPH_TYPO: ",
	}
	if err == nil {
		t.Fatal("taken")
	}
	lines := map[string]bool{}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		lines[line] = true
	}
	for _, begin := range want {
		found := false
		for line := range lines {
			found = found || strings.HasPrefix(line, begin)
		}
		if !found {
			t.Errorf("no line begins with %q:\n%v", begin, err)
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines, want %d:\n%v", len(lines), len(want), err)
	}
}

func TestWrongModeIsOneMistake(t *testing.T) {
	env := production("AUTHGRAPH_LISTEN=:8080")
	env[0] = "AUTHGRAPH_MODE=prod"
	if m := mistakes(t, env...); m.Error() != `AUTHGRAPH_MODE: "prod" is not development or production` {
		t.Errorf("got %v", m)
	}
}

func TestCrossChecks(t *testing.T) {
	for name, x := range map[string]struct {
		env  []string
		want string
	}{
		"access longer than refresh":  {[]string{"AUTHGRAPH_REFRESH_TTL=10m"}, "AUTHGRAPH_ACCESS_TTL: 15m is longer than REFRESH_TTL, which is 10m"},
		"refresh longer than session": {[]string{"AUTHGRAPH_SESSION_TTL=1d"}, "AUTHGRAPH_REFRESH_TTL: 14d is longer than SESSION_TTL, which is 1d"},
		"grace longer than refresh":   {[]string{"AUTHGRAPH_ACCESS_TTL=2s", "AUTHGRAPH_REFRESH_TTL=3s"}, "AUTHGRAPH_REFRESH_GRACE: 10s is longer than REFRESH_TTL, which is 3s"},
		"min longer than max":         {[]string{"AUTHGRAPH_PASSWORD_MIN_LENGTH=100", "AUTHGRAPH_PASSWORD_MAX_LENGTH=64"}, "AUTHGRAPH_PASSWORD_MIN_LENGTH: is more than PASSWORD_MAX_LENGTH, which is 64"},
		"one address for both":        {[]string{"AUTHGRAPH_LISTEN=127.0.0.1:8081"}, "AUTHGRAPH_ADMIN_LISTEN: is the same address as LISTEN; choose another one, or off"},
		"a wildcard for both":         {production("AUTHGRAPH_LISTEN=:8081"), "AUTHGRAPH_ADMIN_LISTEN: is the same address as LISTEN; choose another one, or off"},
	} {
		t.Run(name, func(t *testing.T) {
			if m := mistakes(t, x.env...); m.Error() != x.want {
				t.Errorf("got %q, want %q", m, x.want)
			}
		})
	}
	t.Run("short lives that fit are taken", func(t *testing.T) {
		load(t, "AUTHGRAPH_ACCESS_TTL=2s", "AUTHGRAPH_REFRESH_TTL=2s", "AUTHGRAPH_SESSION_TTL=2s", "AUTHGRAPH_REFRESH_GRACE=1s")
	})
	t.Run("ports that the system chooses never clash", func(t *testing.T) {
		load(t, "AUTHGRAPH_LISTEN=localhost:0", "AUTHGRAPH_ADMIN_LISTEN=localhost:0")
	})
}

// captcha is production with a CAPTCHA.
func captcha(more ...string) []string {
	return production(append([]string{"AUTHGRAPH_CAPTCHA=turnstile", "AUTHGRAPH_CAPTCHA_SITE_KEY=key", "AUTHGRAPH_CAPTCHA_SECRET=secret"}, more...)...)
}

func TestWarnings(t *testing.T) {
	for _, x := range []struct {
		name string
		env  []string
		want string // the settings that are warned of
	}{
		{"development", nil, ""},
		{"production", production(), ""},
		{"production without a name", production()[:len(production())-1], "SERVICE_NAME"},
		{"production on PostgreSQL", production("AUTHGRAPH_DATABASE_URL=postgres://u:p@db/x"), ""},
		{"production with PostgreSQL on this machine", production("AUTHGRAPH_DATABASE_URL=postgres://u:p@localhost/x"), ""},
		{"plain PostgreSQL", production("AUTHGRAPH_DATABASE_URL=postgres://u:p@db/x?sslmode=disable"), "DATABASE_URL"},
		{"plain PostgreSQL, written out, on this machine", production("AUTHGRAPH_DATABASE_URL=postgres://u:p@localhost/x?sslmode=disable"), "DATABASE_URL"},
		{"unverified PostgreSQL", production("AUTHGRAPH_DATABASE_URL=postgres://u:p@db/x?sslmode=require"), "DATABASE_URL"},
		{"half verified PostgreSQL", production("AUTHGRAPH_DATABASE_URL=postgres://u:p@db/x?sslmode=verify-ca"), "DATABASE_URL"},
		{"perhaps plain LISTEN_URL", production("AUTHGRAPH_DATABASE_URL=postgres://u:p@db/x", "AUTHGRAPH_LISTEN_URL=postgres://u:p@db/x?sslmode=prefer"), "LISTEN_URL"},
		{"verified PostgreSQL", production("AUTHGRAPH_DATABASE_URL=postgres://u:p@db/x?sslmode=verify-full"), ""},
		{"plain PostgreSQL in development on this machine", []string{"AUTHGRAPH_DATABASE_URL=postgres://localhost/x?sslmode=disable"}, ""},
		{"plain PostgreSQL in development elsewhere", []string{"AUTHGRAPH_DATABASE_URL=postgres://db/x?sslmode=disable"}, "DATABASE_URL"},
		{"plain SMTP", production("AUTHGRAPH_SMTP_URL=smtp+insecure://127.0.0.1:25"), "SMTP_URL"},
		{"plain SMTP in development on this machine", []string{"AUTHGRAPH_SMTP_URL=smtp+insecure://localhost:1025"}, ""},
		{"plain SMTP in development elsewhere", []string{"AUTHGRAPH_SMTP_URL=smtp+insecure://mx"}, "SMTP_URL"},
		{"HS256", production("AUTHGRAPH_JWT_ALGORITHM=HS256"), "JWT_ALGORITHM"},
		{"no limits", production("AUTHGRAPH_LIMIT_LOGIN=off", "AUTHGRAPH_LIMIT_SIGN_UP=off", "AUTHGRAPH_LIMIT_MAIL=off", "AUTHGRAPH_LIMIT_FACTOR=off"), "LIMIT_LOGIN LIMIT_FACTOR LIMIT_SIGN_UP LIMIT_MAIL"},
		{"an open admin listener", production("AUTHGRAPH_ADMIN_LISTEN=:9090"), "ADMIN_LISTEN"},
		{"no admin listener", production("AUTHGRAPH_ADMIN_LISTEN=off"), ""},
		{"an origin in plain http", production("AUTHGRAPH_ALLOWED_ORIGINS=https://a.com,http://b.com"), "ALLOWED_ORIGINS"},
		{"a pattern of origins", production("AUTHGRAPH_ALLOWED_ORIGINS=https://*.preview.example.com,https://a.com"), "ALLOWED_ORIGINS"},
		{"a pattern in development", []string{"AUTHGRAPH_ALLOWED_ORIGINS=https://*.preview.example.com"}, "ALLOWED_ORIGINS"},
		{"origins of extensions", production("AUTHGRAPH_ALLOWED_ORIGINS=chrome-extension://abc,app://-"), ""},
		{"an origin on this machine", production("AUTHGRAPH_ALLOWED_ORIGINS=http://localhost:3000,capacitor://localhost"), ""},
		{"long access tokens", production("AUTHGRAPH_ACCESS_TTL=1h"), "ACCESS_TTL"},
		{"a playground in production", production("AUTHGRAPH_PLAYGROUND=on"), "PLAYGROUND"},
		{"a public development server", []string{"AUTHGRAPH_PUBLIC_URL=https://tunnel.example.com"}, "PUBLIC_URL"},
		{"development on a port that the system chooses", []string{"AUTHGRAPH_LISTEN=localhost:0"}, ""},
		{"development that others reach", []string{"AUTHGRAPH_DEVELOPMENT_OPEN=on", "AUTHGRAPH_LISTEN=:8080"}, "DEVELOPMENT_OPEN"},
		{"development that nobody else reaches", []string{"AUTHGRAPH_DEVELOPMENT_OPEN=on"}, ""},
		{"a host that is shared", production("AUTHGRAPH_PUBLIC_URL=https://example.com/auth"), "PUBLIC_URL"},
		{"a path in development", []string{"AUTHGRAPH_PUBLIC_URL=http://localhost:8080/auth"}, ""},
		{"a CAPTCHA", captcha(), ""},
		{"a CAPTCHA that a passkey goes around", captcha("AUTHGRAPH_CAPTCHA_ON=signUp,login"), "CAPTCHA_ON"},
		{"a CAPTCHA at the login alone", captcha("AUTHGRAPH_CAPTCHA_ON=login"), ""},
		{"a CAPTCHA where there are no passkeys", captcha("AUTHGRAPH_CAPTCHA_ON=signUp", "AUTHGRAPH_PASSKEYS=off"), ""},
		{"a CAPTCHA where nobody signs up", captcha("AUTHGRAPH_CAPTCHA_ON=signUp", "AUTHGRAPH_SIGN_UP=closed"), ""},
		{"a production server for nobody", production("AUTHGRAPH_PUBLIC_URL=https://localhost"), "PUBLIC_URL"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, warnings, err := Load(nil, x.env)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, w := range warnings {
				names = append(names, strings.TrimPrefix(w.Name, prefix))
			}
			if got := strings.Join(names, " "); got != x.want {
				t.Errorf("warned of %q, want %q", got, x.want)
			}
		})
	}
}
