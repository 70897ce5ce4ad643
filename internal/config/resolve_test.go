package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPrecedence(t *testing.T) {
	file := "AUTHGRAPH_CONFIG=" + writeFile(t, `{"reset_ttl": "4m", "confirm-ttl": "4m", "recent_ttl": "4m"}`)
	env := []string{file, "AUTHGRAPH_RESET_TTL=3m", "AUTHGRAPH_CONFIRM_TTL=3m"}
	c, _, err := Load([]string{"--reset-ttl", "2m"}, env)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		source    string
		got, want time.Duration
	}{
		{"flag", c.Auth.Settings.ResetTTL, 2 * time.Minute}, {"environment", c.Auth.Settings.ConfirmTTL, 3 * time.Minute},
		{"file", c.Auth.Settings.RecentTTL, 4 * time.Minute}, {"default", c.Auth.Settings.AccessTTL, 15 * time.Minute},
	} {
		if x.got != x.want {
			t.Errorf("from %s: %v, want %v", x.source, x.got, x.want)
		}
	}
	var b strings.Builder
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"RESET_TTL=2m  # flag\n", "CONFIRM_TTL=3m  # environment\n", "RECENT_TTL=4m  # file\n", "ACCESS_TTL=15m  # default\n"} {
		if !strings.Contains(b.String(), "AUTHGRAPH_"+want) {
			t.Errorf("Print() does not say %q:\n%s", want, b.String())
		}
	}
	t.Run("a mistake that is overridden is none", func(t *testing.T) {
		if _, _, err := Load([]string{"--log-level=info"}, []string{"AUTHGRAPH_LOG_LEVEL=loud"}); err != nil {
			t.Error(err)
		}
	})
	t.Run("the last of several equal variables counts", func(t *testing.T) {
		if c := load(t, "AUTHGRAPH_DATABASE_POOL=x", "AUTHGRAPH_DATABASE_POOL=5"); c.Store.MaxConns != 5 {
			t.Errorf("DATABASE_POOL = %d", c.Store.MaxConns)
		}
	})
}

// An empty variable counts as unset, whatever it is called: what starts
// containers often cannot leave one out.
func TestEmptyVariables(t *testing.T) {
	var empty []string
	for _, row := range Table() {
		empty = append(empty, row.Name+"=")
	}
	want, got := new(strings.Builder), new(strings.Builder)
	if err := errors.Join(load(t).Print(want), load(t, append(empty, "AUTHGRAPH_NO_SUCH_SETTING=")...).Print(got)); err != nil {
		t.Fatal(err)
	}
	if got.String() != want.String() {
		t.Errorf("with empty variables:\n%s\nwithout:\n%s", got, want)
	}
	file := "AUTHGRAPH_CONFIG=" + writeFile(t, `{"allowed_origins": "https://a.com", "secret": "`+goodSecret+`"}`)
	c := load(t, file, "AUTHGRAPH_ALLOWED_ORIGINS=", "AUTHGRAPH_SECRET=", "AUTHGRAPH_SECRET_FILE=")
	if len(c.AllowedOrigins) != 1 || c.Secret != goodSecret {
		t.Errorf("an empty variable hides what the file says: %q", c.AllowedOrigins)
	}
	m := mistakes(t, "AUTHGRAPH_MODE=production", "AUTHGRAPH_SECRET=")
	if !strings.Contains(m.Error(), "AUTHGRAPH_SECRET: is needed in production") {
		t.Errorf("an empty secret in production: %v", m)
	}
}

func TestFlags(t *testing.T) {
	c, _, err := Load([]string{"--usernames=false", "--sign-in-notice", "--allowed-origins", "https://a.com", "--allowed-origins=https://b.com,https://c.com", "--log-level=warn", "--log-level=error"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Auth.Settings.Usernames || !c.Auth.Settings.SignInNotice || len(c.AllowedOrigins) != 3 || c.LogLevel.String() != "ERROR" {
		t.Errorf("USERNAMES=%t SIGN_IN_NOTICE=%t ALLOWED_ORIGINS=%v LOG_LEVEL=%v", c.Auth.Settings.Usernames, c.Auth.Settings.SignInNotice, c.AllowedOrigins, c.LogLevel)
	}
	for _, args := range [][]string{{"--mod=x"}, {"--secret"}, {"--secret", "-hunter2"}, {"--access-ttl=1x"}, {"--mode="}} {
		_, _, err := Load(args, nil)
		if err == nil {
			t.Errorf("%q is taken", args)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error shows the value: %v", args, err)
		}
	}
	if _, _, err := Load([]string{"--access-ttl=1x"}, nil); err == nil || !strings.Contains(err.Error(), "AUTHGRAPH_ACCESS_TTL (set by --access-ttl): ") {
		t.Errorf("a wrong flag: %v", err)
	}
}

func TestFile(t *testing.T) {
	t.Run("takes texts, numbers, booleans and lists", func(t *testing.T) {
		c := load(t, "AUTHGRAPH_CONFIG="+writeFile(t, `{"database_pool": 20, "usernames": false, "api-token-scopes": ["a", "b"], "service_name": "Shop"}`))
		if c.Store.MaxConns != 20 || c.Auth.Settings.Usernames || len(c.Auth.Settings.Scopes) != 2 || c.Letters.Service != "Shop" {
			t.Errorf("got %d %t %v %q", c.Store.MaxConns, c.Auth.Settings.Usernames, c.Auth.Settings.Scopes, c.Letters.Service)
		}
	})
	t.Run("takes every character, however it is written", func(t *testing.T) {
		c := load(t, "AUTHGRAPH_CONFIG="+writeFile(t, `{"service_name": "\ud83d\uDE00 \\ud800 \ufffd 😀 \u00e9"}`))
		if want := "😀 \\ud800 \ufffd 😀 é"; c.Letters.Service != want {
			t.Errorf("got %q, want %q", c.Letters.Service, want)
		}
	})
	t.Run("can be named by a flag", func(t *testing.T) {
		if _, _, err := Load([]string{"--config", writeFile(t, `{"mode": "x"}`)}, nil); err == nil || !strings.Contains(err.Error(), "AUTHGRAPH_MODE (set in the file)") {
			t.Errorf("Load() = %v", err)
		}
	})
	for name, x := range map[string]struct{ content, want string }{
		"an unknown key":     {`{"acess_ttl": "1m"}`, "did you mean access_ttl?"},
		"a key in capitals":  {`{"AUTHGRAPH_ACCESS_TTL": "1m"}`, "did you mean access_ttl?"},
		"capitals alone":     {`{"ACCESS_TTL": "1m"}`, "ACCESS_TTL (in the file): there is no such setting; did you mean access_ttl?"},
		"a capital":          {`{"access-TTL": "1m"}`, "did you mean access_ttl?"},
		"no UTF-8":           {"{\"service_name\": \"hunter2\xff\"}", "not UTF-8"},
		"half a character":   {`{"service_name": "hunter2\\\ud800"}`, "half of a surrogate pair"},
		"the other half":     {`{"service_name": "\uDC00hunter2"}`, "half of a surrogate pair"},
		"halves apart":       {`{"service_name": "\ud83d \ude00"}`, "half of a surrogate pair"},
		"two first halves":   {`{"service_name": "\ud83d\ud83d"}`, "half of a surrogate pair"},
		"a key twice":        {`{"mode": "development", "mode": "development"}`, "mode (in the file): is there twice"},
		"two spellings":      {`{"reset_ttl": "1m", "reset-ttl": "1m"}`, "is there twice"},
		"an object":          {`{"mode": {}}`, "must be a string"},
		"null":               {`{"secret": null}`, "must be a string"},
		"a list for one":     {`{"mode": ["development"]}`, "not a list"},
		"a list of lists":    {`{"allowed_origins": [["x"]]}`, "must be a list of strings"},
		"no object":          {`["mode"]`, "must hold one JSON object"},
		"nothing":            {``, "must hold one JSON object"},
		"an unfinished file": {`{"mode": "development"`, "must hold one JSON object"},
		"more than one":      {`{} {}`, "must hold one JSON object and nothing else"},
		"another file":       {`{"config": "x"}`, "cannot name another"},
		"an empty value":     {`{"mode": ""}`, "is set but empty"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if m := mistakes(t, "AUTHGRAPH_CONFIG="+writeFile(t, x.content)); len(m) != 1 || !strings.Contains(m.Error(), x.want) || strings.Contains(m.Error(), "hunter2") {
				t.Errorf("got %q, want one mistake that says %q and quotes no value", m, x.want)
			}
		})
	}
	for _, path := range []string{"nowhere.json", "."} {
		if m := mistakes(t, "AUTHGRAPH_CONFIG="+path); m[0].Name != "AUTHGRAPH_CONFIG" {
			t.Errorf("the file %q: %v", path, m)
		}
	}
}

func TestSecretFile(t *testing.T) {
	t.Run("loses final newlines", func(t *testing.T) {
		for content, want := range map[string]string{
			goodSecret: goodSecret, goodSecret + "\n": goodSecret, goodSecret + "\r\n": goodSecret, goodSecret + "\n\n": goodSecret,
		} {
			if c := load(t, "AUTHGRAPH_SECRET_FILE="+writeFile(t, content)); c.Secret != want {
				t.Errorf("content %q: secret %q", content, c.Secret)
			}
		}
	})
	t.Run("serves every secret", func(t *testing.T) {
		env := []string{
			"AUTHGRAPH_SECRET_PREVIOUS_FILE=" + writeFile(t, otherSecret), "AUTHGRAPH_PASSWORD_PEPPER_FILE=" + writeFile(t, goodPepper),
			"AUTHGRAPH_DATABASE_URL_FILE=" + writeFile(t, "postgres://u@db/x"), "AUTHGRAPH_LISTEN_URL_FILE=" + writeFile(t, "postgres://u@l/x"),
			"AUTHGRAPH_SMTP_URL_FILE=" + writeFile(t, "smtp://mx"), "AUTHGRAPH_SECRET_FILE=" + writeFile(t, goodSecret),
		}
		c := load(t, env...)
		if !slices.Equal(c.SecretPrevious, []string{otherSecret}) || len(c.Passwords.Peppers) != 1 || c.Store.URL != "postgres://u@db/x?sslmode=verify-full" ||
			c.Auth.ListenURL != "postgres://u@l/x?sslmode=verify-full" || c.SMTP.Host != "mx" {
			t.Error("a secret was not read from its file")
		}
	})
	t.Run("satisfies production", func(t *testing.T) {
		env := production()
		env[1] = "AUTHGRAPH_SECRET_FILE=" + writeFile(t, goodSecret)
		load(t, env...)
	})
	t.Run("both is refused", func(t *testing.T) {
		m := mistakes(t, "AUTHGRAPH_SECRET="+goodSecret, "AUTHGRAPH_SECRET_FILE="+writeFile(t, goodSecret))
		if !strings.Contains(m.Error(), "AUTHGRAPH_SECRET: is set, and AUTHGRAPH_SECRET_FILE is set too") {
			t.Error(m)
		}
	})
	t.Run("a stronger source wins over a weaker one", func(t *testing.T) {
		settings := writeFile(t, `{"secret": "`+otherSecret+`", "database_url_file": "nowhere"}`)
		c := load(t, "AUTHGRAPH_CONFIG="+settings, "AUTHGRAPH_SECRET_FILE="+writeFile(t, goodSecret), "AUTHGRAPH_DATABASE_URL=sqlite:x")
		if c.Secret != goodSecret || c.Store.URL != "sqlite:x" {
			t.Errorf("got %q, %q", c.Secret, c.Store.URL)
		}
	})
	t.Run("a file that cannot be read is one mistake and not quoted", func(t *testing.T) {
		env := production()
		env[1] = "AUTHGRAPH_SECRET_FILE=" + goodSecret // the secret itself, by mistake
		m := mistakes(t, env...)
		if len(m) != 1 || m[0].Name != "AUTHGRAPH_SECRET_FILE" || strings.Contains(m.Error(), goodSecret) {
			t.Error(m)
		}
	})
	for name, path := range map[string]string{"an empty file": writeFile(t, "\n"), "a directory": t.TempDir(), "a weak secret": writeFile(t, "short")} {
		t.Run(name+" is refused", func(t *testing.T) { mistakes(t, "AUTHGRAPH_SECRET_FILE="+path) })
	}
	t.Run("an endless file is refused", func(t *testing.T) {
		if _, err := os.Stat("/dev/zero"); err != nil {
			t.Skip("no endless file here")
		}
		mistakes(t, "AUTHGRAPH_SECRET_FILE=/dev/zero")
	})
}

func TestUnknownVariables(t *testing.T) {
	for written, want := range map[string]string{
		"AUTHGRAPH_LISTN=x":           "AUTHGRAPH_LISTN: there is no such setting; did you mean AUTHGRAPH_LISTEN?",
		"AUTHGRAPH_DATABSE_URL=x":     "AUTHGRAPH_DATABSE_URL: there is no such setting; did you mean AUTHGRAPH_DATABASE_URL?",
		"AUTHGRAPH_MAIL_FROM_FILE=x":  "AUTHGRAPH_MAIL_FROM_FILE: there is no such setting",
		"AUTHGRAPH_COMPLETELY=x":      "AUTHGRAPH_COMPLETELY: there is no such setting",
		"AUTHGRAPH_=x":                "AUTHGRAPH_: there is no such setting",
		"AUTHGRAPH_PORT=8080":         "AUTHGRAPH_PORT: there is no such setting",
		"AUTHGRAPH_SMTP_URL_FIEL=a@b": "did you mean AUTHGRAPH_SMTP_URL_FILE?",
	} {
		if m := mistakes(t, written); !strings.Contains(m.Error(), want) {
			t.Errorf("%s: %q, want %q", written, m, want)
		}
	}
	load(t, "AUTHGRAPH=x", "PATH=/bin", "AUTHGRAPHICS_MODE=x", "AUTHGRAPH_TEST_POSTGRES=postgres://u:p@h/x",
		// Kubernetes, for services called authgraph and authgraph-admin.
		"AUTHGRAPH_SERVICE_HOST=10.0.0.1", "AUTHGRAPH_SERVICE_PORT=80", "AUTHGRAPH_SERVICE_PORT_HTTP=80", "AUTHGRAPH_PORT=tcp://10.0.0.1:80",
		"AUTHGRAPH_PORT_80_TCP=tcp://10.0.0.1:80", "AUTHGRAPH_PORT_80_TCP_PROTO=tcp", "AUTHGRAPH_PORT_80_TCP_PORT=80", "AUTHGRAPH_PORT_80_TCP_ADDR=10.0.0.1",
		"AUTHGRAPH_ADMIN_SERVICE_HOST=10.0.0.2", "AUTHGRAPH_ADMIN_PORT=tcp://10.0.0.2:80")
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "30d": 30 * day, "2w": 14 * day, "1w2d12h": 9*day + 12*time.Hour, "1d0s": day, "0": 0, "1.5h": 90 * time.Minute, "0d": 0,
	} {
		if got, err := ParseDuration(text); got != want || err != nil {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "1", "1d2w", "-1d", "1d-2h", "1.5d", "99999999d", "1dd", " 1d", "1d ", "٣d", "1D", "1y"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", text, got)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	f.Add("1w2d12h")
	f.Add("9223372036s")
	f.Add("10000w")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil || d < 0 {
			return
		}
		if again, err := ParseDuration(formatDuration(d)); err != nil || again != d {
			t.Errorf("%q is %v, which is written %q and read %v, %v", text, d, formatDuration(d), again, err)
		}
	})
}
