package web

import (
	"bytes"
	"html"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

var hostedOptions = Options{Accounts: true, Base: "/auth", Apps: []string{"https://app.example.com/in?a=b&c", "https://other.example"}}

func TestHostedPages(t *testing.T) {
	h := HostedPages(hostedOptions)
	for _, path := range []string{"/log-in", "/sign-up", "/account"} {
		resp, body := ask(t, h, http.MethodGet, path, http.Header{})
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: status %d", path, resp.StatusCode)
		}
		for _, want := range []string{`data-base="/auth"`, `data-endpoint="/auth/graphql"`, `data-apps="["https://app.example.com/in?a=b\u0026c","https://other.example"]"`} {
			if !strings.Contains(html.UnescapeString(body), want) {
				t.Errorf("%s lacks %s:\n%s", path, want, body)
			}
		}
		if strings.Contains(body, "data-return-url") || strings.Contains(body, "data-registered") {
			t.Errorf("%s offers what nobody set:\n%s", path, body)
		}
		if policy := resp.Header.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.Contains(policy, "script-src 'self';") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s has the policy %s", path, policy)
		}
	}
	if resp, _ := ask(t, HostedPages(Options{}), http.MethodGet, "/log-in", http.Header{}); resp.StatusCode != http.StatusNotFound {
		t.Errorf("/log-in without Accounts: status %d", resp.StatusCode)
	}
}

// The pages for an application without a front end stay small enough for a phone.
func TestHostedBundle(t *testing.T) {
	o := hostedOptions
	o.Locales = Languages()
	h := HostedPages(o)
	for _, tag := range o.Locales {
		size := 0
		for _, name := range []string{tag + "/app.js", tag + "/words.js", "app.css"} {
			resp, body := ask(t, h, http.MethodGet, "/pages/"+name, http.Header{"Accept-Encoding": {"gzip"}})
			if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Encoding") != "gzip" {
				t.Errorf("%s: status %d, encoding %q", name, resp.StatusCode, resp.Header.Get("Content-Encoding"))
			}
			size += len(body)
		}
		if size > 150_000 {
			t.Errorf("in %s the bundle has %d bytes, want at most 150,000", tag, size)
		}
	}
}

// A page asks for the words of its own language, which is one of those that are offered.
func TestHostedLanguages(t *testing.T) {
	o := hostedOptions
	o.Locales = []string{"en", "de"}
	h := HostedPages(o)
	for _, path := range []string{"/log-in", "/sign-up", "/account"} {
		resp, body := ask(t, h, http.MethodGet, path, http.Header{"Accept-Language": {"de-AT,fr;q=0.9"}})
		if resp.Header.Get("Content-Language") != "de" || !strings.Contains(body, `<html lang="de">`) || !strings.Contains(body, `src="pages/de/app.js"`) {
			t.Errorf("%s: Content-Language %q\n%s", path, resp.Header.Get("Content-Language"), body)
		}
	}
	script, _ := ask(t, h, http.MethodGet, "/pages/de/app.js", http.Header{})
	if resp, body := ask(t, h, http.MethodGet, "/pages/de/words.js", http.Header{}); script.StatusCode != http.StatusOK || !strings.Contains(body, "Anmelden") {
		t.Errorf("the script: status %d; its words: status %d", script.StatusCode, resp.StatusCode)
	}
	if resp, _ := ask(t, h, http.MethodGet, "/pages/fr/words.js", http.Header{}); resp.StatusCode != http.StatusNotFound {
		t.Errorf("words of a language that is not offered: status %d", resp.StatusCode)
	}
}

func TestHostedDocuments(t *testing.T) {
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: sdl(t)})
	if err != nil {
		t.Fatal(err)
	}
	documents := Documents(hostedOptions)[:len(Documents(hostedOptions))-len(Documents(Options{}))]
	if len(documents) < 30 {
		t.Errorf("%d documents", len(documents))
	}
	for _, document := range documents {
		if _, err := gqlparser.LoadQuery(schema, document); err != nil { //nolint:staticcheck // the default rules are the ones meant
			t.Errorf("%v in\n%s", err, document)
		}
	}
}

func TestBrand(t *testing.T) {
	for _, color := range []string{"#000000", "#ffffff", "#ffff00", "#0b57d0", "#777777", "#ff0000", "#00ff88", "#123456"} {
		c, ok := parseColor(color)
		if !ok {
			t.Fatal(color)
		}
		for name, has := range map[string]float64{
			"on a light card": c.until(lightCard, black).contrast(lightCard), "on a dark card": c.until(darkCard, white).contrast(darkCard),
		} {
			if has < readable {
				t.Errorf("%s %s has the contrast %.2f", color, name, has)
			}
		}
		for _, ground := range []rgb{c.until(lightCard, black), c.until(darkCard, white)} {
			if has := max(ground.contrast(white), ground.contrast(black)); has < readable {
				t.Errorf("text on a button of %s has the contrast %.2f", ground, has)
			}
		}
	}
	for _, wrong := range []string{"", "red", "#12345", "#1234567", "#12345g", "+12345", "#+12345", "#123_45"} {
		if IsColor(wrong) {
			t.Errorf("%q is no color", wrong)
		}
	}
	logo := []byte("<?xml version=\"1.0\"?>\n<!-- ours --><svg xmlns=\"http://www.w3.org/2000/svg\"/>")
	h := HostedPages(Options{Accounts: true, Brand: Brand{Color: "#aa0000", Logo: logo}})
	for _, path := range []string{"/pages/style.css", "/pages/brand.css"} {
		if _, body := ask(t, h, http.MethodGet, path, http.Header{}); !strings.Contains(body, "--accent: #aa0000;") || !strings.Contains(body, "url(logo)") {
			t.Errorf("%s lacks the brand:\n%s", path, body)
		}
	}
	resp, body := ask(t, h, http.MethodGet, "/pages/logo", http.Header{})
	if resp.Header.Get("Content-Type") != "image/svg+xml" || body != string(logo) || !strings.HasPrefix(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("the logo: %v", resp.Header)
	}
	resp, _ = ask(t, h, http.MethodGet, "/confirm", http.Header{})
	if !strings.Contains(resp.Header.Get("Content-Security-Policy"), "img-src 'self'") {
		t.Error("/confirm may not show the logo")
	}
	if _, plain := ask(t, HostedPages(Options{}), http.MethodGet, "/pages/style.css", http.Header{}); !bytes.Equal([]byte(plain), read("style.css")) {
		t.Error("without a brand the style sheet is another one")
	}
	for _, text := range []string{"<html></html>", "hello", "<p><svg></svg></p>"} {
		if got := LogoType([]byte(text)); got != "" {
			t.Errorf("LogoType(%q) = %q", text, got)
		}
	}
}

// The colours of the app and of the pages without a script are the same.
func TestSharedColours(t *testing.T) {
	app, err := os.ReadFile("../examples/react/src/style.css")
	if err != nil {
		t.Fatal(err)
	}
	variables := func(css string) string {
		begin, end := strings.Index(css, ":root {"), strings.Index(css, "*, *::before")
		return css[begin:end]
	}
	if ours := string(read("style.css")); variables(string(app)) != variables(ours) {
		t.Error("examples/react/src/style.css and web/style.css begin with other colours")
	}
}
