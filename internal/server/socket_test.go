package server_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/server"
)

// TestAProxyBeforeASocket: whoever may open the socket is believed as a proxy is,
// for the last address that it has written. It may speak HTTP/2, if that is on.
func TestAProxyBeforeASocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	var heard auth.Caller
	site := newSite(t, listening(&heard))
	l, err := net.Listen("unix", path) //nolint:noctx // at once
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = server.Serve(t.Context(), l, site.handler, server.Connections{Log: slog.New(slog.DiscardHandler), H2C: true})
	}()
	for _, try := range []struct {
		name, forwarded, ip string
		h2c                 bool
	}{
		{"the client's address", "198.51.100.1, 203.0.113.7", "203.0.113.7", false},
		{"by HTTP/2", "203.0.113.8", "203.0.113.8", true},
		{"none", "", "invalid IP", false},
		{"nonsense", "203.0.113.7, x", "invalid IP", false},
	} {
		t.Run(try.name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://auth.example.org/graphql", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			if try.forwarded != "" {
				request.Header.Set("X-Forwarded-For", try.forwarded)
			}
			response, err := dialing("unix", path, try.h2c).RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if got := heard.IP.String(); got != try.ip || response.ProtoMajor == 2 != try.h2c {
				t.Errorf("the caller is at %s by %s, want %s", got, response.Proto, try.ip)
			}
		})
	}
}

// TestHTTP2IsOffUnlessAskedFor: its clients get no answer in it.
func TestHTTP2IsOffUnlessAskedFor(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = server.Serve(t.Context(), l, http.NotFoundHandler(), server.Connections{Log: slog.New(slog.DiscardHandler)})
	}()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := dialing("tcp", l.Addr().String(), true).RoundTrip(request); err == nil {
		response.Body.Close()
		t.Errorf("a client of HTTP/2 gets %s", response.Status)
	}
}

// dialing is a client that reaches one address, whatever a URL says.
func dialing(network, address string, h2c bool) *http.Transport {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
		Protocols: new(http.Protocols),
	}
	transport.Protocols.SetHTTP1(!h2c)
	transport.Protocols.SetUnencryptedHTTP2(h2c)
	return transport
}
