package web

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

var testOptions = Options{ServiceName: "Ann & Co", Base: "/auth", Endpoint: "/api/graphql", PasswordMinLength: 9, PasswordMaxLength: 200, Mailbox: true, Playground: true}

// sites are the three handlers with every path that they serve.
func sites() map[string]site {
	return map[string]site{
		"playground": Playground(testOptions).(site),
		"pages":      HostedPages(testOptions).(site),
		"mailbox":    MailboxPage(testOptions).(site),
	}
}

func eachPath(t *testing.T, f func(t *testing.T, s site, path string)) {
	t.Helper()
	for name, s := range sites() {
		for path := range s {
			t.Run(name+path, func(t *testing.T) { f(t, s, path) })
		}
	}
}

// ask sends a request over a real connection, which takes away the body of an
// answer to HEAD and adds no Accept-Encoding of its own.
func ask(t *testing.T, h http.Handler, method, path string, header http.Header) (*http.Response, string) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header.Clone()
	client := http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func isPage(resp *http.Response) bool {
	return strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	eachPath(t, func(t *testing.T, s site, path string) {
		for _, tc := range []struct {
			name, method, path string
			status             int
		}{
			{"found", http.MethodGet, path, http.StatusOK},
			{"not found", http.MethodGet, path + "x", http.StatusNotFound},
			{"not allowed", http.MethodPost, path, http.StatusMethodNotAllowed},
		} {
			t.Run(tc.name, func(t *testing.T) {
				resp, _ := ask(t, s, tc.method, tc.path, http.Header{})
				if resp.StatusCode != tc.status {
					t.Errorf("status = %d, want %d", resp.StatusCode, tc.status)
				}
				policy := resp.Header.Get("Content-Security-Policy")
				for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'"} {
					if !strings.Contains(policy, want) {
						t.Errorf("Content-Security-Policy = %q, lacks %q", policy, want)
					}
				}
				for name, want := range map[string]string{
					"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
					"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
				} {
					if got := resp.Header.Get(name); got != want {
						t.Errorf("%s = %q, want %q", name, got, want)
					}
				}
				if len(resp.Cookies()) != 0 {
					t.Error("the answer sets a cookie")
				}
				cache := resp.Header.Get("Cache-Control")
				if cache != "no-store" && (cache != "no-cache" || isPage(resp) || resp.StatusCode != http.StatusOK) {
					t.Errorf("Cache-Control = %q", cache)
				}
			})
		}
	})
}

func TestPagePolicies(t *testing.T) {
	eachPath(t, func(t *testing.T, s site, path string) {
		resp, _ := ask(t, s, http.MethodGet, path, http.Header{})
		if !isPage(resp) {
			return
		}
		policy := resp.Header.Get("Content-Security-Policy")
		for _, want := range []string{"script-src 'self';", "connect-src 'self'", "base-uri 'none'", "form-action 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("Content-Security-Policy = %q, lacks %q", policy, want)
			}
		}
		inline := strings.Contains(policy, "unsafe-inline")
		if strings.Contains(policy, "unsafe-eval") || inline && path != "/dev/mailbox" {
			t.Errorf("Content-Security-Policy = %q is too wide", policy)
		}
		if strings.Contains(path, "confirm") || strings.Contains(path, "reset") {
			if policy != pagesPolicy {
				t.Errorf("Content-Security-Policy = %q, want %q", policy, pagesPolicy)
			}
		}
	})
}

func TestMethods(t *testing.T) {
	eachPath(t, func(t *testing.T, s site, path string) {
		get, body := ask(t, s, http.MethodGet, path, http.Header{})
		head, none := ask(t, s, http.MethodHead, path, http.Header{})
		if head.StatusCode != http.StatusOK || none != "" {
			t.Errorf("HEAD: status %d, %d bytes", head.StatusCode, len(none))
		}
		if get.ContentLength != int64(len(body)) || head.ContentLength != get.ContentLength {
			t.Errorf("Content-Length: GET %d, HEAD %d, want %d", get.ContentLength, head.ContentLength, len(body))
		}
		for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"} {
			resp, _ := ask(t, s, method, path, http.Header{})
			if resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s: status %d, Allow %q", method, resp.StatusCode, resp.Header.Get("Allow"))
			}
		}
	})
}

func TestUnknownPaths(t *testing.T) {
	for name, s := range sites() {
		for _, path := range []string{
			"/playground/", "/playground/dist/react.js.gz", "/playground/react.js.gz", "/playground/build.mjs", "/playground/package.json",
			"/pages/", "/pages/confirm.html", "/pages/../confirm", "/confirm/", "/dev/mailbox/", "/dev/mailbox/mailbox.html", "/web.go", "//confirm",
		} {
			t.Run(name+path, func(t *testing.T) {
				req := httptest.NewRequest(http.MethodGet, "/", nil)
				req.URL.Path = path
				w := httptest.NewRecorder()
				s.ServeHTTP(w, req)
				if w.Code != http.StatusNotFound {
					t.Errorf("status = %d, want 404", w.Code)
				}
			})
		}
	}
}

func TestPlaygroundLeadsToNoMailboxThatIsNotThere(t *testing.T) {
	_, body := ask(t, Playground(Options{}), http.MethodGet, "/", http.Header{})
	if !strings.Contains(body, `data-mailbox="false"`) {
		t.Errorf("body:\n%s", body)
	}
}

func TestMailboxLeadsToNoPlaygroundThatIsNotThere(t *testing.T) {
	for _, served := range []bool{false, true} {
		_, body := ask(t, MailboxPage(Options{Playground: served}), http.MethodGet, "/dev/mailbox", http.Header{})
		if strings.Contains(body, "GraphiQL") != served {
			t.Errorf("playground %v: body:\n%s", served, body)
		}
	}
}

func TestPlaygroundNonce(t *testing.T) {
	nonce := func() string {
		resp, body := ask(t, Playground(testOptions), http.MethodGet, "/", http.Header{})
		m := regexp.MustCompile(`'nonce-([A-Z2-7]{26,})'$`).FindStringSubmatch(resp.Header.Get("Content-Security-Policy"))
		if m == nil || !strings.Contains(body, `data-style-nonce="`+m[1]+`"`) {
			t.Fatalf("no nonce, or not the page's: %s", resp.Header.Get("Content-Security-Policy"))
		}
		return m[1]
	}
	if a, b := nonce(), nonce(); a == b {
		t.Error("two answers have the same nonce")
	}
}

// Every page refers to its assets by addresses that the same handler serves, and
// to nothing else.
func TestPagesReferToTheirOwnAssetsOnly(t *testing.T) {
	reference := regexp.MustCompile(`(?:src|href|action|content)="([^"]*)"`)
	eachPath(t, func(t *testing.T, s site, path string) {
		resp, body := ask(t, s, http.MethodGet, path, http.Header{})
		if !isPage(resp) {
			return
		}
		if regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script>|https?:|src="//`).MatchString(body) {
			t.Error("the page has inline style or script, or names another origin")
		}
		for _, m := range reference.FindAllStringSubmatch(body, -1) {
			if !regexp.MustCompile(`\.(js|css|svg)$`).MatchString(m[1]) {
				continue
			}
			base := path[:strings.LastIndex(path, "/")+1]
			asset := base + m[1]
			if strings.HasPrefix(m[1], "/") {
				asset = strings.TrimPrefix(m[1], testOptions.Base)
			}
			if _, ok := s[asset]; !ok {
				t.Errorf("%s is not served", asset)
			}
		}
	})
}

func TestOwnAssetsNameNoOtherOrigin(t *testing.T) {
	own := regexp.MustCompile(`http://www\.w3\.org/2000/svg`)
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".gz") {
			return err
		}
		body, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		text := own.ReplaceAllString(string(body), "")
		if path == "pages/provider.js" { // keeps the verifier of a login while the browser is at the provider
			text = strings.ReplaceAll(text, "sessionStorage.", "")
		}
		if m := regexp.MustCompile(`(?i)(https?|wss?)://[a-z0-9]|url\(|@import|\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write|localStorage|sessionStorage|document\.cookie|indexedDB`).FindString(text); m != "" {
			t.Errorf("%s: %q", path, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
