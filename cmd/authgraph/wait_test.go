package main

import (
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/config"
	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// TestOpenStoreWaits: a database that appears while it is waited for is opened,
// and the log said that it was not there.
func TestOpenStoreWaits(t *testing.T) {
	t.Parallel()
	pgtest.Server(t)
	u, err := url.Parse(storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	network, address := "tcp", u.Host
	query := u.Query()
	if folder := query.Get("host"); folder != "" {
		port := query.Get("port")
		if port == "" {
			port = "5432"
		}
		network, address = "unix", filepath.Join(folder, ".s.PGSQL."+port)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u.Host = free.Addr().String()
	free.Close()
	query.Del("host")
	query.Del("port")
	query.Set("sslmode", "disable")
	u.RawQuery = query.Encode()

	said := make(chan string, 1) // the log
	log := slog.New(slog.NewTextHandler(writerFunc(func(line []byte) { said <- string(line) }), nil))
	go func() {
		line := <-said
		listener, err := net.Listen("tcp", u.Host)
		if err != nil {
			t.Errorf("the port has been taken meanwhile: %v", err)
			return
		}
		t.Cleanup(func() { listener.Close() })
		if !strings.Contains(line, "waiting for the database") {
			t.Errorf("the log says %q", line)
		}
		pass(listener, network, address)
	}()
	c := &config.Config{DatabaseWait: time.Minute}
	c.Store.URL = u.String()
	s, err := openStore(t.Context(), c, log)
	if err != nil {
		t.Fatalf("openStore() = %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// pass passes on every connection.
func pass(from net.Listener, network, address string) {
	for {
		in, err := from.Accept()
		if err != nil {
			return
		}
		go func() {
			defer in.Close()
			out, err := net.Dial(network, address)
			if err != nil {
				return
			}
			defer out.Close()
			go func() { _, _ = io.Copy(out, in) }()
			_, _ = io.Copy(in, out)
		}()
	}
}

type writerFunc func([]byte)

func (w writerFunc) Write(b []byte) (int, error) {
	w(b)
	return len(b), nil
}
