package config

import (
	"os"
	"strings"
	"testing"
)

// Files for containers keep the quotes that a shell takes away, and lines made on
// Windows end in CR LF. Both are taken for a part of the value in silence, or
// refused with words that do not help.
func TestValuesThatWereWrittenForAShell(t *testing.T) {
	quoted, cr := "is in quotes, which would be a part of the value; remove them", "ends with a carriage return, as lines made on Windows do; remove it"
	utf16 := "is in UTF-16, as files made on Windows are; write it in UTF-8"
	for _, x := range []struct{ name, value, want string }{
		{"PUBLIC_URL", `"https://auth.example.com"`, quoted},
		{"PUBLIC_URL", `'https://auth.example.com'`, quoted},
		{"PUBLIC_URL", "https://auth.example.com\r", cr},
		{"PUBLIC_URL", "\"https://auth.example.com\"\r", cr + ", and " + quoted},
		{"PUBLIC_URL", "https://auth.example.com\r\n", cr},
		{"MODE", `"production"`, quoted},
		{"MODE", "production\r", cr},
		{"SERVICE_NAME", `"Shop"`, quoted},
		{"SERVICE_NAME", "“Shop”", quoted},
		{"SERVICE_NAME", "‘Shop’", quoted},
		{"SERVICE_NAME", "Shop\r", cr},
		{"DATA_DIR", `"./data"`, quoted},
		{"DATA_DIR", "./data\r", cr},
		{"DATABASE_URL", `"sqlite:x.db"`, quoted},
		{"DATABASE_URL", "sqlite:x.db\r", cr},
		{"SECRET", `"` + goodSecret + `"`, quoted},
		{"SECRET", goodSecret + "\r", cr},
		{"PASSWORD_PEPPER", "'" + goodPepper + "'", quoted},
		{"SMTP_URL", `"smtp://u:hunter2@mx"`, quoted},
		{"MAIL_FROM", `"no-reply@example.com"`, quoted},
		{"ALLOWED_ORIGINS", `"https://a.com","https://b.com"`, quoted},
		{"ALLOWED_ORIGINS", "https://a.com,https://b.com\r", cr},
		{"TRUSTED_PROXIES", "10.0.0.0/8\r", cr},
		{"ACCESS_TTL", `"5m"`, quoted},
		{"ACCESS_TTL", "5m\r", cr},
		{"USERNAMES", "'false'", quoted},
		{"SECRET_FILE", `"/run/secrets/x"`, quoted},
		{"CONFIG", `"x.json"`, quoted},
		{"CONFIG", "x.json\r", cr},
		{"DATABASE_POOL", "``", quoted},
		{"PUBLIC_URL", " \"https://auth.example.com\" ", quoted},
		{"MODE", "production\r ", cr},
		{"SECRET", "\xff\xfes\x00", utf16},
		{"SERVICE_NAME", " \t", "is set but empty"},
	} {
		m := mistakes(t, prefix+x.name+"="+x.value)
		if m.Error() != prefix+x.name+": "+x.want {
			t.Errorf("%s=%q: %v", x.name, x.value, m)
		}
		if tells(m.Error()) {
			t.Errorf("%s=%q: the mistake shows a secret: %v", x.name, x.value, m)
		}
	}
	t.Run("of a flag", func(t *testing.T) {
		_, _, err := Load([]string{"--mode='production'"}, nil)
		if err == nil || err.Error() != "AUTHGRAPH_MODE (set by --mode): "+quoted {
			t.Errorf("got %v", err)
		}
	})
	t.Run("of a file's content", func(t *testing.T) {
		for content, want := range map[string]string{`"` + goodSecret + "\"\n": quoted, goodSecret + "\r\r\n": cr, "\xfe\xff\x00s": utf16} {
			if m := mistakes(t, "AUTHGRAPH_SECRET_FILE="+writeFile(t, content)); m.Error() != "AUTHGRAPH_SECRET_FILE: the content "+want {
				t.Errorf("%q: %v", content, m)
			}
		}
	})
	t.Run("but a quote that belongs to the value is taken", func(t *testing.T) {
		c := load(t, `AUTHGRAPH_MAIL_FROM="Shop, Inc." <a@b.org>`, `AUTHGRAPH_SERVICE_NAME=Ann's "Shop"`, "AUTHGRAPH_DATA_DIR='")
		if c.MailFrom.Name != "Shop, Inc." || c.Letters.Service != `Ann's "Shop"` || c.DataDir != "'" {
			t.Errorf("got %q %q %q", c.MailFrom.Name, c.Letters.Service, c.DataDir)
		}
	})
	t.Run("what surrounds a value and is not seen is no part of it", func(t *testing.T) {
		around := func(text string) []string {
			return []string{text + " ", " " + text, text + "\n", text + "\t\n\n", "\ufeff" + text, "\u00a0" + text + "\u200b", "\ufeff" + text + "\r\n"}
		}
		bare := load(t, "AUTHGRAPH_DATABASE_URL=postgres://u:p@localhost/x", "AUTHGRAPH_SECRET="+goodSecret)
		for i, url := range around("postgres://u:p@localhost/x") {
			if c := load(t, "AUTHGRAPH_DATABASE_URL_FILE="+writeFile(t, url)); c.Store.URL != bare.Store.URL {
				t.Errorf("the content %q is read as %s", url, c.Store.URL)
			}
			if c := load(t, "AUTHGRAPH_SECRET_FILE="+writeFile(t, around(goodSecret)[i])); c.Secret != bare.Secret {
				t.Errorf("with what is around %q the secret is another one", url)
			}
			if strings.Contains(url, "\r") {
				continue // of a value that is told
			}
			if c := load(t, "AUTHGRAPH_DATABASE_URL="+url, "AUTHGRAPH_DATA_DIR=./x ", "AUTHGRAPH_ACCESS_TTL=5m\n"); c.Store.URL != bare.Store.URL || c.DataDir != "./x" {
				t.Errorf("%q is read as %s and %s", url, c.Store.URL, c.DataDir)
			}
		}
		if c := load(t, "AUTHGRAPH_CONFIG="+writeFile(t, "\ufeff{\"service_name\": \"Shop \"}")); c.Letters.Service != "Shop" {
			t.Errorf("the service is called %q", c.Letters.Service)
		}
		if m := mistakes(t, "AUTHGRAPH_CONFIG="+writeFile(t, "\xff\xfe{\x00}\x00")); m.Error() != "AUTHGRAPH_CONFIG: the file "+utf16 {
			t.Errorf("got %v", m)
		}
	})
	t.Run("a refused URL is shown", func(t *testing.T) {
		for env, want := range map[string]string{
			"PUBLIC_URL=\"https://a.com":   `must begin with https://; it is "\"https://a.com"`,
			"PUBLIC_URL=https://a.com b":   `; it is "https://a.com b"`,
			"PUBLIC_URL=ftp://a.com":       `must begin with https://; it is "ftp://a.com"`,
			"CONFIRM_URL=https://a.com\"":  `; it is "https://a.com\""`,
			"ISSUER='https://a.com":        `; it is "'https://a.com"`,
			"PUBLIC_URL=https://u:p@a.com": `: must not contain a user or password`,
		} {
			if m := mistakes(t, prefix+env); !strings.Contains(m.Error(), want) {
				t.Errorf("%s: %v", env, m)
			}
		}
	})
}

// A secret in a file that is the program's own, and that others can read, is told
// as the database's file is.
func TestExposedFiles(t *testing.T) {
	file := func(content string, mode os.FileMode) string {
		path := writeFile(t, content)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, x := range []struct {
		name string
		env  []string
		want string
	}{
		{"its owner's alone", []string{"AUTHGRAPH_SECRET_FILE=" + file(goodSecret, 0o600)}, ""},
		{"read only", []string{"AUTHGRAPH_SECRET_FILE=" + file(goodSecret, 0o400)}, ""},
		{"everybody's", []string{"AUTHGRAPH_SECRET_FILE=" + file(goodSecret, 0o644)}, "SECRET_FILE"},
		{"the group's", []string{"AUTHGRAPH_SECRET_FILE=" + file(goodSecret, 0o640)}, "SECRET_FILE"},
		{"to be written by others", []string{"AUTHGRAPH_SECRET_FILE=" + file(goodSecret, 0o602)}, "SECRET_FILE"},
		{"every kind", []string{
			"AUTHGRAPH_SECRET_PREVIOUS_FILE=" + file(otherSecret, 0o644), "AUTHGRAPH_PASSWORD_PEPPER_FILE=" + file(goodPepper, 0o644),
			"AUTHGRAPH_DATABASE_URL_FILE=" + file("postgres://u:p@localhost/x", 0o644), "AUTHGRAPH_SMTP_URL_FILE=" + file("smtp://mx", 0o644),
		}, "DATABASE_URL_FILE SMTP_URL_FILE PASSWORD_PEPPER_FILE SECRET_PREVIOUS_FILE"},
		{"one that is not used", []string{"AUTHGRAPH_SMTP_URL_FILE=" + file("smtp://mx", 0o600), "AUTHGRAPH_CONFIG=" + file(`{"smtp_url_file": "nowhere"}`, 0o644)}, ""},
		{"settings with a secret", []string{"AUTHGRAPH_CONFIG=" + file(`{"secret": "`+goodSecret+`"}`, 0o644)}, "CONFIG"},
		{"settings with a password", []string{"AUTHGRAPH_CONFIG=" + file(`{"database_url": "postgres://u:p@localhost/x"}`, 0o644)}, "CONFIG"},
		{"settings with a secret for their owner", []string{"AUTHGRAPH_CONFIG=" + file(`{"secret": "`+goodSecret+`"}`, 0o600)}, ""},
		{"settings without", []string{"AUTHGRAPH_CONFIG=" + file(`{"access_ttl": "5m"}`, 0o644)}, ""},
		{"settings whose secret is overridden", []string{"AUTHGRAPH_SECRET=" + otherSecret, "AUTHGRAPH_CONFIG=" + file(`{"secret": "`+goodSecret+`"}`, 0o644)}, "CONFIG"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, warnings, err := Load(nil, x.env)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, w := range warnings {
				names = append(names, strings.TrimPrefix(w.Name, prefix))
				if tells(w.String()) {
					t.Errorf("the warning shows a secret: %v", w)
				}
			}
			if got := strings.Join(names, " "); got != x.want {
				t.Errorf("warned of %q, want %q", got, x.want)
			}
		})
	}
}
