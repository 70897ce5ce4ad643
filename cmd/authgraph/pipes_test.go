package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/secret"
)

// command is the program in a process of its own, as on a fresh checkout.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("authgraph")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(s string) bool { return strings.HasPrefix(s, "AUTHGRAPH_") })
	cmd.Env = append(cmd.Env, "AUTHGRAPH_DATA_DIR="+t.TempDir(), "AUTHGRAPH_LISTEN=127.0.0.1:0", "AUTHGRAPH_ADMIN_LISTEN=off")
	return cmd
}

// pipe is one whose ends are closed with the test, if not before.
func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// serveWithLog starts the server with its log going to a pipe, and returns its
// URL and what ends it by SIGTERM.
func serveWithLog(t *testing.T, log *os.File) (url string, end func() error) {
	t.Helper()
	p := &process{cmd: command(t, "serve"), exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log.Close()
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	found, ok := p.await(&p.out, servesLine)
	if !ok {
		t.Fatalf("the server does not serve: %s", p.out.String())
	}
	return "http://" + found[1], func() error {
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		select {
		case <-p.exited:
			return p.err
		case <-time.After(patience):
			return context.DeadlineExceeded
		}
	}
}

// healthz asks often enough to fill a pipe with the lines about it.
func healthz(t *testing.T, url string, times int) {
	t.Helper()
	for i := range times {
		res, err := client.Get(url + "/healthz")
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Fatalf("request %d: %s", i, res.Status)
		}
	}
}

// TestLogWithoutReader: `authgraph 2>&1 | head` ends head, not the server.
func TestLogWithoutReader(t *testing.T) {
	t.Parallel()
	r, w := pipe(t)
	r.Close()
	url, end := serveWithLog(t, w)
	healthz(t, url, 5)
	if err := end(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// TestLogWithStalledReader: nobody reads the log, but somebody keeps it open.
func TestLogWithStalledReader(t *testing.T) {
	t.Parallel()
	r, w := pipe(t)
	url, end := serveWithLog(t, w)
	const requests = 1000 // a pipe holds the lines of some 300
	healthz(t, url, requests)
	text := make(chan []byte)
	go func() { // at last
		all, _ := io.ReadAll(r)
		text <- all
	}()
	if err := end(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if got := bytes.Count(<-text, []byte(`"path":"/healthz"`)); got != requests {
		t.Errorf("%d lines of %d requests", got, requests)
	}
}

// TestLogWithReaderThatNeverReads: nor does the end of the program wait for it.
func TestLogWithReaderThatNeverReads(t *testing.T) {
	t.Parallel()
	_, w := pipe(t)
	url, end := serveWithLog(t, w)
	healthz(t, url, 1000)
	if err := end(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// TestFatalErrorWithStalledReader: neither does what is wrong at the start.
func TestFatalErrorWithStalledReader(t *testing.T) {
	t.Parallel()
	r, w := pipe(t)
	if err := w.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for { // until it is full
		if _, err := w.Write(make([]byte, 4096)); err != nil {
			break
		}
	}
	cmd := command(t, "serve", "--listen=nowhere")
	cmd.Stderr = w
	ended := make(chan error, 1)
	go func() { ended <- cmd.Run() }()
	select {
	case err := <-ended:
		if cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("the program ended with %v", err)
		}
	case <-time.After(patience):
		t.Error("the program does not end")
	}
	r.Close()
}

// TestOutputWithoutReader: `authgraph schema | head -1` has read all it wants.
func TestOutputWithoutReader(t *testing.T) {
	t.Parallel()
	shared := []string{"AUTHGRAPH_DATA_DIR=" + t.TempDir(), "AUTHGRAPH_SECRET=" + secret.Generate()}
	migrate := command(t, "migrate") // commands for operators make no database
	migrate.Env = append(migrate.Env, shared...)
	if out, err := migrate.CombinedOutput(); err != nil {
		t.Fatalf("migrate ends with %v: %s", err, out)
	}
	for _, args := range []string{"schema", "config", "keys list", "audit --json", "--help", "serve --help", "migrate"} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			r, w := pipe(t)
			r.Close()
			cmd := command(t, strings.Fields(args)...)
			cmd.Env = append(cmd.Env, shared...)
			var said bytes.Buffer
			cmd.Stdout, cmd.Stderr = w, &said
			if err := cmd.Run(); err != nil || said.Len() > 0 {
				t.Errorf("%v, and on standard error: %s", err, &said)
			}
		})
	}
	t.Run("but a full disk is one", func(t *testing.T) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		defer full.Close()
		cmd := command(t, "schema")
		cmd.Stdout = full
		if err := cmd.Run(); cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("schema ends with %v", err)
		}
	})
}

// TestStopWhileStarting: a server that is told to stop before it serves, here
// while it waits for a database that does not answer, has not failed.
func TestStopWhileStarting(t *testing.T) {
	t.Parallel()
	database, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer database.Close()
	if err := database.(*net.TCPListener).SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	cmd := command(t, "serve", "--database-url=postgres://u:p@"+database.Addr().String()+"/d?sslmode=disable")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	conn, err := database.Accept() // and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || said.Len() > 0 {
		t.Errorf("the server ended with %v, and said: %s", err, &said)
	}
}

// TestStoppedMigration: a command that was to do something has not done it.
func TestStoppedMigration(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	environ := []string{"AUTHGRAPH_DATA_DIR=" + t.TempDir()}
	if err := run(ctx, []string{"migrate"}, environ, nil, io.Discard, io.Discard); err == nil {
		t.Error("a migration that was stopped is told to be done")
	}
}
