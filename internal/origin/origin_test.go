package origin

import (
	"strings"
	"testing"
)

const uuid = "0b6c7a0e-90f5-4e1c-8f44-2f7f5b1f7a11"

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"https://app.example.com":                             "https://app.example.com",
		"https://App.Example.com:443":                         "https://app.example.com",
		"HTTPS://app.example.com":                             "https://app.example.com",
		"http://app.example.com:80":                           "http://app.example.com",
		"http://localhost:3000":                               "http://localhost:3000",
		"https://localhost":                                   "https://localhost",
		"http://tauri.localhost":                              "http://tauri.localhost",
		"https://[::1]:8443":                                  "https://[::1]:8443",
		"https://192.0.2.7":                                   "https://192.0.2.7",
		"https://xn--bcher-kva.example":                       "https://xn--bcher-kva.example",
		"chrome-extension://abcdefghijklmnopabcdefghijklmnop": "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
		"moz-extension://" + uuid:                             "moz-extension://" + uuid,
		"safari-web-extension://" + strings.ToUpper(uuid):     "safari-web-extension://" + strings.ToUpper(uuid),
		"extension://abcdefghijklmnop":                        "extension://abcdefghijklmnop",
		"capacitor://localhost":                               "capacitor://localhost",
		"ionic://localhost":                                   "ionic://localhost",
		"tauri://localhost":                                   "tauri://localhost",
		"app://obsidian.md":                                   "app://obsidian.md",
		"app://-":                                             "app://-",
		"app://.":                                             "app://.",
		"com.example.app://host":                              "com.example.app://host",
		"vscode-webview://0a1b2c":                             "vscode-webview://0a1b2c",
		"custom+scheme-1.0://host:1234":                       "custom+scheme-1.0://host:1234",
		"app://127.1":                                         "app://127.1", // no address, there
	} {
		o, err := Parse(text)
		if err != nil || o.String() != want {
			t.Errorf("Parse(%q) = %s, %v, want %s", text, o, err, want)
		}
		if !NewSet([]Origin{o}, nil).Has(want) {
			t.Errorf("%s is not what a browser sends for itself", want)
		}
	}
	for _, text := range []string{
		"", "null", "*", "https://", "https://*", "app.example.com", "//app.example.com", "https:app.example.com", "https:/app.example.com", "https:///x",
		"https://app.example.com/", "https://app.example.com/x", "https://app.example.com?", "https://app.example.com?x", "https://app.example.com#", "https://u@app.example.com",
		"https://u:p@app.example.com", "https://@app.example.com", "https://app.example.com:", "https://app.example.com:0", "https://app.example.com:0443", "https://app.example.com:65536", "https://app.example.com:x",
		"https://app.example.com.", "https://.example.com", "https://a..b", "https://-a.com", "https://a_-.com", "https://exämple.com", "https://%65xample.com", "https://a b", "https://a\x00b",
		"https://127.1", "https://0x7f.1", "https://0177.0.0.1", "https://[0:0::1]", "https://[fe80::1%25eth0]", "https://[::1", "https://*.example.com", "http://localhost:*",
		"file://", "file://localhost", "file:///x", "data://x", "blob:https://app.example.com", "javascript://x", "about://blank", "ws://a.com", "wss://a.com", "mailto:a@b.org",
		"capacitor://", "capacitor:localhost", "capacitor://localhost/", "capacitor://localhost:", "capacitor://u@localhost", "chrome-extension://a/b", "chrome-extension://ä", "chrome-extension://[::1]",
		"1app://host", "-app://host", "app_x://host", "https://app.example.com https://b.com", "https://app.example.com,https://b.com",
	} {
		if o, err := Parse(text); err == nil {
			t.Errorf("Parse(%q) = %s", text, o)
		}
	}
}

func TestParseURL(t *testing.T) {
	for text, want := range map[string]URL{
		"https://auth.example.com":             {Origin{"https", "auth.example.com", ""}, ""},
		"https://Auth.example.com/":            {Origin{"https", "auth.example.com", ""}, ""},
		"https://example.com:443/auth":         {Origin{"https", "example.com", ""}, "/auth"},
		"https://example.com/auth/":            {Origin{"https", "example.com", ""}, "/auth"},
		"http://localhost:8080/a/b-c/d_e/~f.g": {Origin{"http", "localhost", "8080"}, "/a/b-c/d_e/~f.g"},
		"https://[::1]:8443/Auth":              {Origin{"https", "::1", "8443"}, "/Auth"},
	} {
		got, err := ParseURL(text)
		if err != nil || got != want || got.String() != want.Origin.String()+want.Path {
			t.Errorf("ParseURL(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "/", "/auth", "example.com/auth", "//example.com/auth", "https:/example.com", "https:///auth", "app://host/auth", "capacitor://localhost", "ftp://a.com/x",
		"https://example.com//", "https://example.com//auth", "https://example.com/auth//", "https://example.com/a//b", "https://example.com/.", "https://example.com/..", "https://example.com/a/../b", "https://example.com/.well-known",
		"https://example.com/a/.b", "https://example.com/auth?", "https://example.com/auth?x", "https://example.com/auth#", "https://example.com?/auth", "https://example.com#/auth", "https://example.com/a%20b", "https://example.com/%61uth", "https://example.com/a%2fb",
		"https://example.com/a b", "https://example.com/a;b", "https://example.com/a,b", "https://example.com/a=b", "https://example.com/a\\b", "https://example.com\\auth", "https://example.com/ä", "https://example.com/a\n", "https://example.com/{$}", "https://example.com/{a}", "https://example.com/a*",
		"https://u@example.com/auth", "https://u:p@example.com/auth", "https://*.example.com/auth", "https://example.com/auth@x", "https://example.com/" + strings.Repeat("a", 100), "https://example.com:/auth", "https://example.com:0/auth",
	} {
		if u, err := ParseURL(text); err == nil {
			t.Errorf("ParseURL(%q) = %s", text, u)
		}
	}
}

func TestSafe(t *testing.T) {
	for text, want := range map[string]bool{
		"https://a.com": true, "http://a.com": false, "http://localhost": true, "http://app.localhost:3000": true, "http://127.0.0.1": true, "http://[::1]": true,
		"http://localhost.evil.com": false, "capacitor://localhost": true, "chrome-extension://abc": true,
	} {
		o, err := Parse(text)
		if err != nil || o.Safe() != want {
			t.Errorf("%s is safe: %t, %v", text, o.Safe(), err)
		}
	}
}

func TestPattern(t *testing.T) {
	for _, text := range []string{
		"https://*.preview.example.com", "https://*.example.com", "https://*.example.co.uk", "https://*.my-team.vercel.app", "https://*.preview.example.com:8443",
		"https://*.intra.corp", "https://*.city.kawasaki.jp",
	} {
		p, err := ParsePattern(text)
		if err != nil || p.String() != text {
			t.Errorf("ParsePattern(%q) = %s, %v", text, p, err)
		}
	}
	for _, text := range []string{
		"*", "https://*", "https://*.", "*.example.com", "https://*.*.example.com", "https://a.*.example.com", "https://*a.example.com", "https://a*.example.com", "https://pr-*.example.com",
		"https://preview.*", "https://*.example.*", "https://*.example.com:*", "*://*.example.com", "https://**.example.com", "https://*.example.com/", "https://*.example.com/*", "https://u@*.example.com", "https://*.u@example.com",
		"http://*.example.com", "chrome-extension://*", "chrome-extension://*.abc.def", "app://*.example.com", "https://*.localhost", "https://*.a.localhost", "https://*.10.0.0.1", "https://*.0.0.1", "https://*.[::1]", "https://*.1",
		"https://*.com", "https://*.co.uk", "https://*.uk", "https://*.internal", "https://*.vercel.app", "https://*.netlify.app", "https://*.github.io", "https://*.pages.dev", "https://*.herokuapp.com", "https://*.web.app",
		"https://*.azurewebsites.net", "https://*.s3.amazonaws.com", "https://*.kawasaki.jp", "https://*.any.kawasaki.jp", "https://*.compute.amazonaws.com", "https://*.eu-west-1.compute.amazonaws.com", "https://*.VERCEL.app", "https://*.ck",
	} {
		if p, err := ParsePattern(text); err == nil {
			t.Errorf("ParsePattern(%q) = %s", text, p)
		}
	}
}

func TestSet(t *testing.T) {
	app, _ := Parse("https://app.test")
	ext, _ := Parse("moz-extension://" + uuid)
	previews, err := ParsePattern("https://*.preview.example.com")
	if err != nil {
		t.Fatal(err)
	}
	other, err := ParsePattern("https://*.preview.example.org:8443")
	if err != nil {
		t.Fatal(err)
	}
	s := NewSet([]Origin{app, ext}, []Pattern{previews, other})
	for header, want := range map[string]bool{
		"https://app.test": true, "moz-extension://" + uuid: true, "https://pr-12.preview.example.com": true, "https://a_b.preview.example.com": true, "https://1.preview.example.org:8443": true,
		"https://preview.example.com": false, "https://a.b.preview.example.com": false, "https://.preview.example.com": false, "https://*.preview.example.com": false, "http://a.preview.example.com": false,
		"https://a.preview.example.com:8443": false, "https://1.preview.example.org": false, "https://1.preview.example.org:443": false, "https://a.preview.example.com:443": false, "https://A.preview.example.com": false, "https://a.Preview.example.com": false,
		"https://a.preview.example.com/": false, "https://a.preview.example.com.": false, "https://a.preview.example.com.evil.test": false, "https://evil.test/.preview.example.com": false,
		"https://evil.test#.preview.example.com": false, "https://evil.test?.preview.example.com": false, "https://u@a.preview.example.com": false, "https://evilpreview.example.com": false, "https://a-preview.example.com": false,
		"https://evil.test\\.preview.example.com": false, "https://a%2e.preview.example.com": false, "https://a b.preview.example.com": false, "https://-.preview.example.com": false, "https://ä.preview.example.com": false,
		"": false, "null": false, "*": false, "https://app.test:443": false, "HTTPS://app.test": false, "moz-extension://" + strings.ToUpper(uuid): false, "chrome-extension://a.preview.example.com": false,
		"https://app.test https://pr-12.preview.example.com": false, "https://app.test, https://app.test": false,
	} {
		if got := s.Has(header); got != want {
			t.Errorf("Has(%q) = %t", header, got)
		}
	}
	if (Set{}).Has("") || (Set{}).Has("https://app.test") {
		t.Error("an empty set has something")
	}
}
