package callout

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const oneSecret, otherSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "whsec_AQECAwQFBgcICQoLDA0ODxAREhMUFRYX"

func secrets(t testing.TB, text string) [][]byte {
	t.Helper()
	list, err := ParseSecrets(text)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func hookAt(t testing.TB, url string, timeout time.Duration) *Hook {
	t.Helper()
	return NewHook(HookOptions{URL: url, Secrets: secrets(t, oneSecret+"\n"+otherSecret), Timeout: timeout})
}

// receiver is an application that answers as the test says.
func receiver(t testing.TB, answer http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // until then the server does not see that a client has gone
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func inJSON(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = io.WriteString(w, body) // the test reads it
}

// The library of Standard Webhooks verifies our signatures, by either secret.
func TestSignature(t *testing.T) {
	var header http.Header
	var body []byte
	s := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		body, _ = io.ReadAll(r.Body)
		inJSON(w, `{}`)
	})
	if answer, err := hookAt(t, s.URL, time.Minute).Ask(t.Context(), []byte(`{"a":1}`)); err != nil || string(answer) != "{}" {
		t.Fatalf("Ask() = %s, %v", answer, err)
	}
	for name, secret := range map[string]string{"the first": oneSecret, "the second": otherSecret} {
		verifier, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(body, header); err != nil {
			t.Errorf("by %s secret: %v", name, err)
		}
		if err := verifier.Verify(append(body, ' '), header); err == nil {
			t.Errorf("by %s secret another body is good", name)
		}
	}
	if header.Get("Authorization") != "" || header.Get("Cookie") != "" || !strings.HasPrefix(header.Get("Webhook-Id"), "msg_") {
		t.Errorf("headers are %v", header)
	}
}

func TestParseSecrets(t *testing.T) {
	for text, want := range map[string]int{
		oneSecret: 1, oneSecret + "\n": 1, " " + oneSecret + "\r\n\n" + otherSecret + "\n": 2,
		"": 0, "\n": 0, "secret": 0, "whsec_": 0, "whsec_c2hvcnQ=": 0, "whsec_***": 0, oneSecret + "\nx": 0, strings.Repeat(oneSecret+"\n", 3): 0,
		"whsec_" + strings.Repeat("AAAA", 22): 0,
	} {
		list, err := ParseSecrets(text)
		if len(list) != want || (err == nil) != (want > 0) {
			t.Errorf("ParseSecrets(%q) = %d, %v; want %d", text, len(list), err, want)
		}
		if err != nil && text != "" && len(text) > 8 && strings.Contains(err.Error(), text) {
			t.Errorf("the error quotes the secret: %v", err)
		}
	}
}

// A receiver that lies, hangs, leads elsewhere or does not end is a failure, soon.
func TestBadAnswers(t *testing.T) {
	var elsewhere atomic.Int32
	other := receiver(t, func(w http.ResponseWriter, _ *http.Request) { elsewhere.Add(1); inJSON(w, `{}`) })
	gone := make(chan struct{})
	defer close(gone)
	for name, answer := range map[string]http.HandlerFunc{
		"a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) },
		"a 307": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		},
		"a megabyte":        func(w http.ResponseWriter, _ *http.Request) { inJSON(w, `"`+strings.Repeat("x", 1<<20)+`"`) },
		"one byte too many": func(w http.ResponseWriter, _ *http.Request) { inJSON(w, strings.Repeat(" ", maxAnswer+1)) },
		"HTML": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "{}")
		},
		"no type": func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			_, _ = io.WriteString(w, "{}")
		},
		"another status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) },
		"no content":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		"an error":       func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "{}", http.StatusInternalServerError) },
		"silence": func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-gone:
			}
		},
		"a body that never ends": func(w http.ResponseWriter, r *http.Request) {
			inJSON(w, `{"a":"`)
			for r.Context().Err() == nil {
				time.Sleep(10 * time.Millisecond)
				_, _ = io.WriteString(w, "x")
				_ = http.NewResponseController(w).Flush()
			}
		},
		"a broken connection": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := receiver(t, answer)
			began := time.Now()
			got, err := hookAt(t, s.URL, 500*time.Millisecond).Ask(t.Context(), []byte(`{}`))
			if err == nil {
				t.Errorf("Ask() = %.40s", got)
			} else if strings.Contains(err.Error(), s.URL) {
				t.Errorf("the error has the address: %v", err)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	if n := elsewhere.Load(); n > 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

// The environment's proxy is not asked, or it would hear everything.
func TestNoProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	if newClient(time.Second).http.Transport.(*http.Transport).Proxy != nil {
		t.Error("the transport has a proxy")
	}
}

// A connection that is refused is tried once more, and no more often: nothing was
// asked. Whatever was asked is not asked again.
func TestRetry(t *testing.T) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	_ = l.Close()
	tries := 0
	client := newClient(5 * time.Second)
	_, err = client.post(t.Context(), func(ctx context.Context) (*http.Request, error) {
		tries++
		return http.NewRequestWithContext(ctx, http.MethodPost, address, http.NoBody)
	})
	if !errors.Is(err, syscall.ECONNREFUSED) || tries != 2 {
		t.Errorf("%d tries, %v", tries, err)
	}
	var asked atomic.Int32
	s := receiver(t, func(http.ResponseWriter, *http.Request) { asked.Add(1); panic(http.ErrAbortHandler) })
	if _, err := hookAt(t, s.URL, 5*time.Second).Ask(t.Context(), []byte(`{}`)); err == nil || asked.Load() != 1 {
		t.Errorf("asked %d times, %v", asked.Load(), err)
	}
}

// Requests beyond the bound are refused at once.
func TestAtOnce(t *testing.T) {
	release := make(chan struct{})
	s := receiver(t, func(w http.ResponseWriter, _ *http.Request) { <-release; inJSON(w, `{}`) })
	hook := hookAt(t, s.URL, time.Minute)
	done := make(chan error, maxAtOnce)
	for range maxAtOnce {
		go func() { _, err := hook.Ask(context.Background(), []byte(`{}`)); done <- err }()
	}
	for len(hook.client.slots) < maxAtOnce {
		time.Sleep(time.Millisecond)
	}
	if _, err := hook.Ask(t.Context(), []byte(`{}`)); !errors.Is(err, BusyError{}) {
		t.Errorf("Ask() beyond the bound = %v", err)
	}
	close(release)
	for range maxAtOnce {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestCaptcha(t *testing.T) {
	for answer, want := range map[string]struct{ solved, fails bool }{
		`{"success":true}`: {solved: true},
		`{"success":true,"challenge_ts":"2026-01-01T00:00:00Z","hostname":"x"}`: {solved: true},
		`{"success":false,"error-codes":["invalid-input-response"]}`:            {},
		`{"success":false,"error-codes":["timeout-or-duplicate"]}`:              {},
		`{"success":false}`: {},
		`{"success":false,"error-codes":["invalid-input-secret"]}`: {fails: true},
		`{"success":false,"error-codes":["internal-error"]}`:       {fails: true},
		`{}`: {fails: true}, `[]`: {fails: true}, `{"success":"true"}`: {fails: true}, `x`: {fails: true},
	} {
		var form string
		s := receiver(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			form = r.Header.Get("Content-Type") + " " + string(body)
			inJSON(w, answer)
		})
		solved, err := NewCaptcha(s.URL, "the secret").Solved(t.Context(), "an answer", "192.0.2.1")
		if solved != want.solved || (err != nil) != want.fails {
			t.Errorf("%s: %t, %v", answer, solved, err)
		}
		if form != "application/x-www-form-urlencoded remoteip=192.0.2.1&response=an+answer&secret=the+secret" {
			t.Errorf("sent %s", form)
		}
	}
}
