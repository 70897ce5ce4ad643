package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/authgraph/authgraph/internal/config"
)

// TestListenOnSocket: a socket that a killed server left is taken over; one in use,
// and a file of another kind, are not.
func TestListenOnSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "http.sock")
	killed, err := net.Listen("unix", path) //nolint:noctx // at once
	if err != nil {
		t.Fatal(err)
	}
	killed.(*net.UnixListener).SetUnlinkOnClose(false)
	killed.Close()

	l, err := listenOnSocket(t.Context(), path)
	if err != nil {
		t.Fatalf("an abandoned socket: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("the socket's mode is %v (%v)", info.Mode(), err)
	}
	if _, err := listenOnSocket(t.Context(), path); err == nil {
		t.Error("a socket in use was taken")
	}
	l.Close()

	if err := os.WriteFile(path, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listenOnSocket(t.Context(), path); err == nil {
		t.Error("a file was taken for a socket")
	}
	if content, _ := os.ReadFile(path); string(content) != "kept" {
		t.Error("the file is gone")
	}
}

// TestHealthAtASocket: health asks where the server listens.
func TestHealthAtASocket(t *testing.T) {
	p := &program{ctx: t.Context(), out: new(bytes.Buffer), config: &config.Config{Listen: "unix:" + filepath.Join(t.TempDir(), "http.sock")}}
	if err := new(healthCommand).Run(p); err == nil || err.Error() != "the server does not answer" {
		t.Errorf("health without a server: %v", err)
	}
}
