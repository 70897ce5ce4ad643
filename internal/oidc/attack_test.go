package oidc_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"

	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/oidctest"
)

const description = "/.well-known/openid-configuration"

// O20: no connection to an address that is not public, unless it is the issuer's own.
func TestAttackPrivateAddresses(t *testing.T) {
	hidden, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer hidden.Close()
	var connections atomic.Int32
	go func() { // a connection is one too many, whatever would be said on it
		for {
			c, err := hidden.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			_ = c.Close()
		}
	}()
	defer func() {
		if n := connections.Load(); n > 0 {
			t.Errorf("%d connections to a hidden server", n)
		}
	}()
	url := "http://" + hidden.Addr().String()
	port := url[strings.LastIndexByte(url, ':'):]
	for _, to := range []string{
		url, "https://127.0.0.1" + port, "https://localhost" + port, "https://[::1]" + port, "https://[::ffff:127.0.0.1]" + port, "https://0.0.0.0" + port,
		"https://169.254.169.254", "https://10.0.0.1", "https://[fe80::1]", "https://[64:ff9b::a00:1]", "https://100.64.0.1", "https://2130706433" + port,
	} {
		t.Run(to, func(t *testing.T) {
			s := newScene(t, apps)
			s.Override(description, func(w http.ResponseWriter, _ *http.Request) {
				about := s.Description()
				about["jwks_uri"], about["token_endpoint"], about["userinfo_endpoint"] = to+"/jwks", to+"/token", to+"/userinfo"
				answer(w, about)
			})
			if _, _, err := s.ours.Exchange(context8(t), oidc.Answer{Code: "x", Visit: visit}); err == nil {
				t.Error("a token came from there")
			}
			if err := idToken(t, s, s.IDToken(oidctest.Ann(), oidctest.ClientID, visit.Nonce)); err == nil {
				t.Error("keys came from there")
			}
		})
	}
	t.Run("a redirect to itself", func(t *testing.T) {
		s := newScene(t, nil)
		s.Override(description, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, s.URL+"/moved", http.StatusFound) })
		s.Override("/moved", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.Description()) })
		if err := s.ours.Ready(context8(t)); !isUnavailable(err) || s.Count("/moved") != 0 {
			t.Errorf("Ready() = %v, and it was followed %d times", err, s.Count("/moved"))
		}
	})
	t.Run("a redirect", func(t *testing.T) {
		s := newScene(t, nil)
		s.Override(description, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, url, http.StatusFound) })
		if err := s.ours.Ready(context8(t)); !isUnavailable(err) {
			t.Errorf("Ready() = %v", err)
		}
	})
}

// O21: what is too large, too deep or without end costs little, and nobody else.
func TestAttackHugeDescriptions(t *testing.T) {
	packed := func() []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		zeros := make([]byte, 1<<20)
		for range 100 {
			_, _ = w.Write(zeros)
		}
		_ = w.Close()
		return b.Bytes()
	}()
	chunk := bytes.Repeat([]byte(" "), 64<<10)
	for what, serve := range map[string]http.HandlerFunc{
		"endless": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		},
		"slow": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"one byte at a time": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte(" "))
				w.(http.Flusher).Flush()
				time.Sleep(50 * time.Millisecond)
			}
		},
		"packed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed)
		},
		"deep": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("["), 400<<10)) },
		"a page": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>secret-canary"))
		},
		"another issuer": func(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]any{"issuer": "https://evil.test"}) },
		"plain http": func(w http.ResponseWriter, _ *http.Request) {
			answer(w, map[string]any{"issuer": "x", "token_endpoint": "http://example.org/token"})
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, nil)
			s.Override(description, serve)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			err := s.ours.Ready(t.Context())
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if !isUnavailable(err) || strings.Contains(err.Error(), "canary") {
				t.Errorf("Ready() = %v", err)
			}
			if took > 7*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// O21: of too many keys none is taken, also not the one that has signed.
func TestAttackTooManyKeys(t *testing.T) {
	for many, refused := range map[int]bool{100: false, 101: true} {
		s := newScene(t, apps)
		keys := make([]*oidctest.Key, many)
		for i := range keys {
			keys[i] = oidctest.NewKey("ES256", fmt.Sprint(i))
		}
		s.SetKeys(keys...)
		if err := idToken(t, s, s.IDToken(oidctest.Ann(), oidctest.ClientID, visit.Nonce)); isUnusable(err) != refused || !refused && err != nil {
			t.Errorf("%d keys = %v", many, err)
		}
	}
}

func TestAProviderThatIsDown(t *testing.T) {
	s := newScene(t, nil)
	s.Close()
	for i := range 3 {
		if err := s.ours.Ready(t.Context()); !isUnavailable(err) {
			t.Fatalf("try %d = %v", i, err)
		}
	}
	start := time.Now()
	err := s.ours.Ready(t.Context())
	down, ok := errors.AsType[*oidc.Unavailable](err)
	if !ok || down.RetryAfter <= 0 || down.RetryAfter > time.Second || time.Since(start) > 100*time.Millisecond {
		t.Errorf("the fourth try = %+v after %s, want at once, and a second to wait", err, time.Since(start))
	}
	for range 20 {
		s.clock.turn(time.Minute)
		_ = s.ours.Ready(t.Context())
	}
	if err := s.Reopen(); err != nil {
		t.Skip("the port is gone: ", err)
	}
	s.clock.turn(time.Minute)
	if err := s.ours.Ready(t.Context()); err != nil {
		t.Errorf("a minute after it came back = %v", err)
	}
	s.Close()
	s.clock.turn(23 * time.Hour)
	if err := s.ours.Ready(t.Context()); err != nil {
		t.Errorf("its description of 23 hours ago = %v", err)
	}
	s.clock.turn(2 * time.Hour)
	if _, err := s.ours.Address(t.Context(), visit); err != nil {
		t.Errorf("an old description, and no new one = %v", err)
	}
	if _, _, err := s.ours.Exchange(t.Context(), oidc.Answer{Code: "x", Visit: visit}); !isUnavailable(err) {
		t.Errorf("Exchange() = %v", err)
	}
}

// A stranger's codes do not switch a provider off, and no error quotes an answer.
func TestAttackCodesThatAreRefused(t *testing.T) {
	s := newScene(t, nil)
	for _, status := range []int{400, 401, 500, 502} {
		s.Override("/token", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte("canary\nof the provider"))
		})
		for range 5 {
			_, _, err := s.ours.Exchange(t.Context(), oidc.Answer{Code: "x", Visit: visit})
			if !isUnusable(err) || strings.Contains(err.Error(), "canary") {
				t.Errorf("status %d = %v", status, err)
			}
		}
	}
	for _, body := range []string{`{"access_token":"x","token_type":"Bearer"}`, `canary`, `{"error":"canary"}`, `{"access_token":"x","id_token":7}`} {
		s.Override("/token", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(body))
		})
		_, _, err := s.ours.Exchange(t.Context(), oidc.Answer{Code: "x", Visit: visit})
		if !isUnusable(err) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s = %v", body, err)
		}
	}
	s.Override("/token", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }) // as an edge that takes the code for an attack
	for range 10 {
		if _, _, err := s.ours.Exchange(t.Context(), oidc.Answer{Code: "x", Visit: visit}); !isUnavailable(err) {
			t.Errorf("a connection that is cut = %v", err)
		}
	}
	if err := s.ours.Ready(t.Context()); err != nil {
		t.Errorf("after all of them, the provider is %v", err)
	}
}

// Whoever cannot redeem a code asks the provider to describe itself anew: that it is
// down is found out by that.
func TestAProviderThatIsDownIsFoundOut(t *testing.T) {
	s := newScene(t, nil)
	if err := s.ours.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	for range 4 {
		if _, _, err := s.ours.Exchange(t.Context(), oidc.Answer{Code: "x", Visit: visit}); !isUnavailable(err) {
			t.Errorf("Exchange() = %v", err)
		}
	}
	if err := s.ours.Ready(t.Context()); !isUnavailable(err) {
		t.Errorf("Ready() = %v", err)
	}
}

func answer(w http.ResponseWriter, body any) { oidctest.Reply(w, body) }
