package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	const text = "42 (a) b) S 7 42 42 0 -1 4194560 100 200 0 0 11 12 13 14 20 0 9 0 500 1000 50"
	s, err := parseStat(text)
	if want := (stat{parent: 7, used: 500 * time.Millisecond}); err != nil || s != want {
		t.Errorf("%+v, %v, want %+v", s, err, want)
	}
	for _, bad := range []string{"", "42 (a) S 7", strings.Replace(text, "13", "x", 1)} {
		if s, err := parseStat(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, s)
		}
	}
}

func TestParseMemory(t *testing.T) {
	now, peak, err := parseMemory("Name:\tx\nVmHWM:\t  3072 kB\nVmRSS:\t  1536 kB\n")
	if now != 1.5 || peak != 3 || err != nil {
		t.Errorf("%v, %v, %v", now, peak, err)
	}
	if _, _, err := parseMemory("Name:\tx\n"); err == nil {
		t.Error("no memory is read")
	}
}

func TestThisProcess(t *testing.T) {
	for began := time.Now(); time.Since(began) < 50*time.Millisecond; { // use some
	}
	parent, err := Parent(os.Getpid())
	if err != nil || parent != os.Getppid() {
		t.Errorf("parent %d, %v, want %d", parent, err, os.Getppid())
	}
	own, err := CPU(os.Getpid())
	if err != nil || own == 0 {
		t.Errorf("CPU %v, %v", own, err)
	}
	if tree, err := TreeCPU(parent); err != nil || tree < own {
		t.Errorf("of all %v, %v; of this one %v", tree, err, own)
	}
	if now, peak, err := Memory(os.Getpid()); err != nil || now > peak {
		t.Errorf("memory %v, peak %v, %v", now, peak, err)
	}
}

// server is a program that listens at its argument, if it is told to be good.
const server = `#!/bin/sh
echo "$GREETING from $1"
exec sleep 60
`

func TestProcess(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "server")
	if err := os.WriteFile(binary, []byte(server), 0o700); err != nil { //nolint:gosec // it is a program
		t.Fatal(err)
	}
	address, err := FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	p, err := Start(t.Context(), dir, address, binary, []string{address}, []string{"GREETING=hello"})
	if err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); !strings.Contains(p.complaint("waits").Error(), "hello from "+address) && time.Since(began) < patience; {
		time.Sleep(time.Millisecond)
	}
	if err := p.ForgetLog(); err != nil {
		t.Error(err)
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	if err := p.Await(t.Context(), "/"); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("after its end: %v", err)
	}
	if err := p.Stop(); err != nil {
		t.Errorf("stopped twice: %v", err)
	}
}
