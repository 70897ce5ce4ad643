package web

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

func TestDocumentsFitTheSchema(t *testing.T) {
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: sdl(t)})
	if err != nil {
		t.Fatal(err)
	}
	sent := html.UnescapeString(bodyOf(t, "/confirm") + bodyOf(t, "/reset") + bodyOf(t, "/signed-in"))
	documents := Documents(Options{})
	if want := strings.Count(sent, "mutation "); want != len(documents)+3 { // login, end_session, refresh and answer_challenge are on two pages; one document is a query
		t.Errorf("the pages hold %d documents, Documents() has %d", want, len(documents))
	}
	for _, document := range documents {
		if _, err := gqlparser.LoadQuery(schema, document); err != nil { //nolint:staticcheck // the default rules are the ones meant
			t.Errorf("%v in\n%s", err, document)
		}
		if !strings.Contains(sent, document) {
			t.Errorf("no page sends\n%s", document)
		}
	}
}

func TestPagesSayWhatTheOptionsSay(t *testing.T) {
	body := bodyOf(t, "/reset")
	for _, want := range []string{
		"<p class=\"service\">Ann &amp; Co</p>", `data-endpoint="/api/graphql"`,
		`data-password-min="9"`, `data-password-max="200"`, "At least 9 characters.",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("/reset lacks %q", want)
		}
	}
	if strings.Contains(body, "Log in</a>") {
		t.Error("/reset leads to a page that nobody named")
	}
	_, body = ask(t, HostedPages(Options{LoginURL: "https://app.example/in?a=b&c"}), http.MethodGet, "/reset", http.Header{})
	if !strings.Contains(body, `href="https://app.example/in?a=b&amp;c">Log in</a>`) {
		t.Errorf("/reset does not lead to LoginURL:\n%s", body)
	}
	_, body = ask(t, HostedPages(Options{}), http.MethodGet, "/reset", http.Header{})
	if strings.Contains(body, "At least") || !strings.Contains(body, `data-endpoint="/graphql"`) || !strings.Contains(body, ">authgraph<") {
		t.Errorf("/reset without options:\n%s", body)
	}
	for path, h := range map[string]http.Handler{"/confirm": HostedPages(Options{Base: "/auth"}), "/": Playground(Options{Base: "/auth"})} {
		if _, body = ask(t, h, http.MethodGet, path, http.Header{}); !strings.Contains(body, `data-endpoint="/auth/graphql"`) {
			t.Errorf("%s below a path:\n%s", path, body)
		}
	}
}

// A page names the hosts of a widget only if it shows one.
func TestCaptcha(t *testing.T) {
	for name, test := range map[string]struct {
		captcha        Captcha
		reset, confirm string // what the policy has besides; empty is nothing
	}{
		"none":                    {Captcha{}, "", ""},
		"one that we do not know": {Captcha{"other", "key", []string{"login"}}, "", ""},
		"for forms of others":     {Captcha{"turnstile", "key", []string{"signUp"}}, "", ""},
		"for the reset alone":     {Captcha{"turnstile", "key", []string{"requestPasswordReset"}}, "frame-src https://challenges.cloudflare.com;", ""},
		"for the login":           {Captcha{"hcaptcha", "key", []string{"login"}}, "frame-src https://hcaptcha.com https://*.hcaptcha.com;", "frame-src https://hcaptcha.com"},
	} {
		for path, want := range map[string]string{"/reset": test.reset, "/confirm": test.confirm} {
			resp, body := ask(t, HostedPages(Options{Captcha: test.captcha}), http.MethodGet, path, http.Header{})
			policy := resp.Header.Get("Content-Security-Policy")
			if want == "" && policy != pagesPolicy || !strings.Contains(policy, want) || strings.Contains(policy, "unsafe") {
				t.Errorf("%s, %s: the policy is %q", name, path, policy)
			}
			shows := want != ""
			if strings.Contains(body, "<script defer src=\"https://") != shows || strings.Contains(body, "<div data-captcha>") != shows {
				t.Errorf("%s, %s: the page is\n%s", name, path, body)
			}
		}
	}
}

// Without JavaScript a form would be sent by the browser, with the password: it
// stays hidden, and would be refused as a POST rather than end up in an address.
func TestFormsAreForScriptsOnly(t *testing.T) {
	for _, path := range []string{"/confirm", "/reset"} {
		body := bodyOf(t, path)
		forms := strings.Count(body, "<form ")
		if forms == 0 || strings.Count(body, `method="post" novalidate hidden`) != forms || !strings.Contains(body, "<noscript>") {
			t.Errorf("%s:\n%s", path, body)
		}
	}
}

func bodyOf(t *testing.T, path string) string {
	t.Helper()
	_, body := ask(t, HostedPages(testOptions), http.MethodGet, path, http.Header{})
	return body
}
