package config

import (
	"strings"
	"testing"
)

// Development takes any port of localhost as a passkey's page, production only what
// is listed, byte by byte.
func TestWhoMayAskForPasskeys(t *testing.T) {
	local := load(t)
	local.SetPort(45678)
	for origin, want := range map[string]bool{
		"http://localhost:45678": true, "http://localhost:5173": true, "http://localhost": true, "https://localhost:5173": false,
		"http://127.0.0.1:5173": false, "http://localhost.evil.test": false, "http://localhost:5173/": false, "http://LOCALHOST:5173": false, "null": false, "": false,
	} {
		if got := local.Auth.Party.Allowed(origin); got != want {
			t.Errorf("development: Allowed(%q) = %t", origin, got)
		}
	}
	public := load(t, production("AUTHGRAPH_PASSKEY_RP_ID=example.com", "AUTHGRAPH_ALLOWED_ORIGINS=https://app.example.com,https://example.net,https://*.preview.example.com")...)
	for origin, want := range map[string]bool{
		"https://auth.example.com": true, "https://app.example.com": true, "https://example.net": false, "https://x.preview.example.com": false,
		"https://example.com": false, "https://app.example.com:8443": false, "http://localhost:5173": false, "https://App.example.com": false,
	} {
		if got := public.Auth.Party.Allowed(origin); got != want {
			t.Errorf("production: Allowed(%q) = %t", origin, got)
		}
	}
}

func TestNoPasskeysAtAnIPAddress(t *testing.T) {
	c := load(t, production("AUTHGRAPH_PUBLIC_URL=https://192.0.2.7")...)
	if c.Auth.Party != nil || c.Auth.Settings.Passkeys || !strings.Contains(printed(t, c), "AUTHGRAPH_PASSKEYS=false ") {
		t.Errorf("there are passkeys at an IP address: %+v", c.Auth.Party)
	}
}

// Origins of another domain are in a document, which this server serves only where
// browsers look for it.
func TestRelatedOrigins(t *testing.T) {
	const document = `{"origins":["https://example.net"]}`
	for name, test := range map[string]struct {
		env    []string
		serves bool
		prints string
	}{
		"here":         {[]string{"AUTHGRAPH_PASSKEY_ORIGINS=https://auth.example.com,https://example.net"}, true, ""},
		"a domain up":  {[]string{"AUTHGRAPH_PASSKEY_ORIGINS=https://example.net,https://app.example.com", "AUTHGRAPH_PASSKEY_RP_ID=example.com"}, false, "https://example.com/.well-known/webauthn"},
		"below a path": {[]string{"AUTHGRAPH_PASSKEY_ORIGINS=https://example.net", "AUTHGRAPH_PUBLIC_URL=https://auth.example.com/auth"}, false, "https://auth.example.com/.well-known/webauthn"},
	} {
		c := load(t, production(test.env...)...)
		if got := string(c.RelatedOriginsDocument()); got != document || c.ServesRelatedOrigins() != test.serves {
			t.Errorf("%s: %s, serves %t", name, got, c.ServesRelatedOrigins())
		}
		out := printed(t, c)
		if said := strings.Contains(out, document); said == test.serves || !strings.Contains(out, test.prints) {
			t.Errorf("%s: Print() writes\n%s", name, out)
		}
	}
	if c := load(t, production()...); c.RelatedOriginsDocument() != nil {
		t.Error("there is a document without related origins")
	}
}

func printed(t *testing.T, c *Config) string {
	t.Helper()
	var b strings.Builder
	if err := c.Print(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
