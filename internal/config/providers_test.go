package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/authgraph/authgraph/internal/oidc"
)

// corp is the least that a provider of one's own needs.
func corp(more ...string) []string {
	return append([]string{"AUTHGRAPH_PROVIDERS=corp", "AUTHGRAPH_PROVIDER_CORP_ISSUER=https://id.example.com/", "AUTHGRAPH_PROVIDER_CORP_CLIENT_ID=shop"}, more...)
}

func TestProviders(t *testing.T) {
	c := load(t, production(corp(
		"AUTHGRAPH_PROVIDERS=google,corp", "AUTHGRAPH_PROVIDER_GOOGLE_CLIENT_ID=g", "AUTHGRAPH_PROVIDER_GOOGLE_CLIENT_SECRET=hunter2", "AUTHGRAPH_PROVIDER_CORP_AUTHORITY=Example.com",
		"AUTHGRAPH_PROVIDER_CORP_PARAMS=prompt=select_account&hd=example.com", "AUTHGRAPH_PROVIDER_CORP_SIGN_UP=off", "AUTHGRAPH_PROVIDER_CORP_NAME=Our company",
	)...)...)
	if len(c.Providers) != 2 || c.Providers[0].ID != "google" || c.Providers[0].ClientSecret != "hunter2" {
		t.Fatalf("the providers are %+v", c.Providers)
	}
	got := c.Providers[1]
	if got.Issuer != "https://id.example.com/" || got.Name != "Our company" || !got.NoSignUp || got.Params.Get("hd") != "example.com" || !cmp.Equal(got.Authority, []string{"example.com"}) {
		t.Errorf("corp is %+v", got)
	}
	var b strings.Builder
	if err := c.Print(&b); err != nil || tells(b.String()) || !strings.Contains(b.String(), "AUTHGRAPH_PROVIDER_GOOGLE_CLIENT_SECRET=********  # environment\n") {
		t.Errorf("Print() = %v:\n%s", err, b.String())
	}
	if c.ReturnURLs.Development || !c.ReturnURLs.Has("https://auth.example.com/signed-in") {
		t.Errorf("browsers come back to %+v", c.ReturnURLs)
	}
}

func TestProvidersInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.json")
	text := `{"providers": ["corp"], "provider_corp_issuer": "https://id.example.com", "provider_corp_client_id": "shop", "provider_corp_authority": ["a.example", "b.example"]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := Load([]string{"--config", path}, nil)
	if err != nil || len(c.Providers) != 1 || len(c.Providers[0].Authority) != 2 {
		t.Errorf("Load() = %v", err)
	}
}

func TestMistakesOfProviders(t *testing.T) {
	for what, one := range map[string]struct {
		environ []string
		want    string
	}{
		"undeclared":             {[]string{"AUTHGRAPH_PROVIDER_CORP_CLIENT_ID=x"}, "AUTHGRAPH_PROVIDER_CORP_CLIENT_ID: there is no such provider; add corp to AUTHGRAPH_PROVIDERS"},
		"a mistyped setting":     {corp("AUTHGRAPH_PROVIDER_CORP_CLIENTID=x"), "did you mean AUTHGRAPH_PROVIDER_CORP_CLIENT_ID?"},
		"no issuer":              {[]string{"AUTHGRAPH_PROVIDERS=gogle", "AUTHGRAPH_PROVIDER_GOGLE_CLIENT_ID=x"}, "or is gogle a mistyped preset?"},
		"no client id":           {[]string{"AUTHGRAPH_PROVIDERS=google"}, "AUTHGRAPH_PROVIDER_GOOGLE_CLIENT_ID: is needed"},
		"an issuer for google":   {[]string{"AUTHGRAPH_PROVIDERS=google", "AUTHGRAPH_PROVIDER_GOOGLE_CLIENT_ID=x", "AUTHGRAPH_PROVIDER_GOOGLE_ISSUER=https://evil.test"}, "this provider has only one"},
		"plain http":             {corp("AUTHGRAPH_PROVIDER_CORP_ISSUER=http://id.example.com"), "must begin with https://"},
		"http in production":     {production(corp("AUTHGRAPH_PROVIDER_CORP_ISSUER=http://localhost:1")...), "http is for this machine in development only"},
		"a query":                {corp("AUTHGRAPH_PROVIDER_CORP_ISSUER=https://id.example.com?x"), "without user, query or fragment"},
		"a parameter of ours":    {corp("AUTHGRAPH_PROVIDER_CORP_PARAMS=state=x"), "is ours to set"},
		"max_age":                {corp("AUTHGRAPH_PROVIDER_CORP_PARAMS=max_age=0"), "is ours to set"},
		"a use of addresses":     {corp("AUTHGRAPH_PROVIDER_CORP_EMAIL=true"), "is not verified, pending, never or always"},
		"a domain":               {corp("AUTHGRAPH_PROVIDER_CORP_AUTHORITY=@example.com"), "is not a domain"},
		"a star for domains":     {corp("AUTHGRAPH_PROVIDER_CORP_ONLY_DOMAINS=*"), "is not a domain"},
		"tenants of corp":        {corp("AUTHGRAPH_PROVIDER_CORP_TENANTS=common"), "is for microsoft only"},
		"Apple's key for corp":   {corp("AUTHGRAPH_PROVIDER_CORP_TEAM_ID=x"), "is for apple only"},
		"Apple without its key":  {[]string{"AUTHGRAPH_PROVIDERS=apple", "AUTHGRAPH_PROVIDER_APPLE_CLIENT_ID=x", "AUTHGRAPH_PROVIDER_APPLE_TEAM_ID=x", "AUTHGRAPH_PROVIDER_APPLE_KEY_ID=x"}, "AUTHGRAPH_PROVIDER_APPLE_PRIVATE_KEY: is needed"},
		"ID tokens of GitHub":    {[]string{"AUTHGRAPH_PROVIDERS=github", "AUTHGRAPH_PROVIDER_GITHUB_CLIENT_ID=x", "AUTHGRAPH_PROVIDER_GITHUB_ID_TOKENS=on"}, "this provider has no ID tokens"},
		"a tenant":               {[]string{"AUTHGRAPH_PROVIDERS=microsoft", "AUTHGRAPH_PROVIDER_MICROSOFT_CLIENT_ID=x", "AUTHGRAPH_PROVIDER_MICROSOFT_TENANTS=example.com"}, "is neither the id of a tenant"},
		"a preset":               {corp("AUTHGRAPH_PROVIDER_CORP_PRESET=twitter"), "is not apple, discord"},
		"a way to authenticate":  {corp("AUTHGRAPH_PROVIDER_CORP_AUTH_METHOD=jwt"), "is not basic or post"},
		"a flag is none":         {corp("AUTHGRAPH_PROVIDER_CORP_PKCE=perhaps"), "is not on or off"},
		"a control in the id":    {corp("AUTHGRAPH_PROVIDER_CORP_CLIENT_ID=a\x01b"), "has characters that no key of a provider has"},
		"a scope with a quote":   {corp("AUTHGRAPH_PROVIDER_CORP_SCOPES=a\\b"), "is not a scope"},
		"a nonce that is a word": {corp("AUTHGRAPH_PROVIDER_CORP_NONCE=off"), "is not required or optional"},
	} {
		m := mistakes(t, one.environ...)
		if !strings.Contains(m.Error(), one.want) || len(m) != 1 {
			t.Errorf("%s: %v\nwant %s", what, m, one.want)
		}
	}
}

func TestAppleSignsItsSecret(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	path := filepath.Join(t.TempDir(), "AuthKey.p8")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	apple := []string{"AUTHGRAPH_PROVIDERS=apple", "AUTHGRAPH_PROVIDER_APPLE_CLIENT_ID=x", "AUTHGRAPH_PROVIDER_APPLE_TEAM_ID=x", "AUTHGRAPH_PROVIDER_APPLE_KEY_ID=x"}
	for _, more := range []string{"_FILE=" + path, "=" + string(text), "=" + strings.ReplaceAll(string(text), "\n", `\n`)} {
		if c := load(t, append(apple, "AUTHGRAPH_PROVIDER_APPLE_PRIVATE_KEY"+more)...); !key.Equal(c.Providers[0].PrivateKey) {
			t.Errorf("%.10s: the key is another one", more)
		}
	}
	m := mistakes(t, append(apple, "AUTHGRAPH_PROVIDER_APPLE_PRIVATE_KEY=hunter2")...)
	if len(m) != 1 || tells(m.Error()) {
		t.Errorf("a bad key: %v", m)
	}
}

func TestWarningsOfProviders(t *testing.T) {
	_, warnings, err := Load(nil, corp("AUTHGRAPH_PROVIDER_CORP_AUTHORITY=*", "AUTHGRAPH_PROVIDER_CORP_EMAIL=always", "AUTHGRAPH_PROVIDER_CORP_NONCE=optional"))
	if err != nil || len(warnings) != 3 {
		t.Errorf("warnings %v, %v", warnings, err)
	}
}

// A microsoft whose addresses are to count has them confirmed, at least.
func TestAuthorityOfMicrosoft(t *testing.T) {
	c := load(t, "AUTHGRAPH_PROVIDERS=microsoft", "AUTHGRAPH_PROVIDER_MICROSOFT_CLIENT_ID=x", "AUTHGRAPH_PROVIDER_MICROSOFT_AUTHORITY=example.com")
	if c.Providers[0].Email != oidc.EmailPending {
		t.Errorf("EMAIL is %q", c.Providers[0].Email)
	}
}
