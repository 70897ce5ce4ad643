package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// started starts a command that serves, and returns it with its URL.
func started(t *testing.T, cmd *exec.Cmd) (*process, string) {
	t.Helper()
	p := &process{cmd: cmd, exited: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.out, &p.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.exited)
	}()
	found, ok := p.await(&p.out, servesLine)
	if !ok {
		t.Fatalf("the server does not serve: %s%s", p.out.String(), p.log.String())
	}
	return p, "http://" + found[1]
}

func (p *process) tell(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// TestHangup: who closes the terminal ends the server as SIGTERM does: requests
// under way are answered. The shell and the kernel may both say so.
func TestHangup(t *testing.T) {
	t.Parallel()
	taken := make(chan os.Signal, 1) // else a test run under nohup would start the server with SIGHUP ignored
	signal.Notify(taken, syscall.SIGHUP)
	defer signal.Stop(taken)
	p, url := started(t, command(t, "serve"))
	address := strings.TrimPrefix(url, "http://")
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const body = `{"query":"{authConfig{id}}"}`
	if _, err := io.WriteString(c, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 28\r\nExpect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(c)
	if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("the request does not begin: %q, %v", line, err)
	}
	if _, err := answers.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	p.tell(t, syscall.SIGHUP)
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		other, err := net.Dial("tcp", address)
		if err != nil {
			break // it drains
		}
		other.Close()
		if time.Now().After(end) {
			t.Fatal("the server does not drain")
		}
	}
	p.tell(t, syscall.SIGHUP)
	if _, err := io.WriteString(c, body); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(answers, nil)
	if err != nil {
		t.Fatalf("the request under way: %v", err)
	}
	if text, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(text), `"id":"authConfig"`) {
		t.Errorf("the request under way is answered %s, %v", text, err)
	}
	<-p.exited
	if p.err != nil {
		t.Errorf("the server ended with %v", p.err)
	}
}

// TestNohup: a server that was started to outlive the terminal does.
func TestNohup(t *testing.T) {
	t.Parallel()
	cmd := command(t, "serve")
	shell := exec.CommandContext(t.Context(), "/bin/sh", "-c", `trap '' HUP; exec "$0" serve`, cmd.Path)
	shell.Env = cmd.Env
	p, url := started(t, shell)
	p.tell(t, syscall.SIGHUP)
	healthz(t, url, 3)
	select {
	case <-p.exited:
		t.Fatalf("the server ended with %v", p.err)
	case <-time.After(100 * time.Millisecond): // a signal that was taken would have ended it by now
	}
	healthz(t, url, 1)
	p.tell(t, syscall.SIGTERM)
	<-p.exited
	if p.err != nil {
		t.Errorf("the server ended with %v", p.err)
	}
}
