package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/internal/config"
)

// TestHealthAsksTheServerItself: a proxy that the environment names is for the
// world outside; what it says of the server is not the server's word.
func TestHealthAsksTheServerItself(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("NO_PROXY", "")
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	// net/http asks no proxy for localhost; in capitals that is another name.
	var out strings.Builder
	p := &program{ctx: t.Context(), config: &config.Config{Listen: "LOCALHOST:" + port}, out: &out}
	if err := (healthCommand{}).Run(p); err != nil || out.String() != "ready\n" {
		t.Errorf("health says %q, %v", out.String(), err)
	}
}
