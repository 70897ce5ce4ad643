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

// TestASocketOfAnother: a server that ends removes its own socket, and not that of the
// server that has come after it.
func TestASocketOfAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "http.sock")
	first, err := listenOnSocket(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	second, err := listenOnSocket(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	if conn, err := net.Dial("unix", path); err != nil { //nolint:noctx // at once
		t.Errorf("the second server's socket is gone: %v", err)
	} else {
		conn.Close()
	}
	second.Close()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket was left behind: %v", err)
	}
}

// TestHealthAtASocket: health asks where the server listens.
func TestHealthAtASocket(t *testing.T) {
	p := &program{ctx: t.Context(), out: new(bytes.Buffer), config: &config.Config{Listen: "unix:" + filepath.Join(t.TempDir(), "http.sock")}}
	if err := new(healthCommand).Run(p); err == nil || err.Error() != "the server does not answer" {
		t.Errorf("health without a server: %v", err)
	}
}
