package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fake is a test that notes how it was ended.
type fake struct {
	testing.TB
	fatal, skip string
}

func (f *fake) Helper() {}
func (f *fake) Fatalf(format string, args ...any) {
	f.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
func (f *fake) Skipf(format string, args ...any) {
	f.skip = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// run calls body as the body of the test f.
func (f *fake) run(body func()) {
	done := make(chan struct{})
	go func() { defer close(done); body() }()
	<-done
}

func TestRefuse(t *testing.T) {
	for ci, fails := range map[string]bool{
		"": false, "0": false, "false": false, "no": false, " off ": false,
		"true": true, "TRUE": true, "1": true, "yes": true, "drone": true,
	} {
		f := &fake{}
		f.run(func() { refuse(f, "found none", ci) })
		if (f.fatal != "") != fails || (f.skip != "") == fails {
			t.Errorf("with CI=%q: failed %q, skipped %q; want failed = %t", ci, f.fatal, f.skip, fails)
		}
		if !strings.Contains(f.fatal+f.skip, "found none") {
			t.Errorf("with CI=%q the reason is not given", ci)
		}
	}
}

func TestLocate(t *testing.T) {
	if err := canRun(); err != nil {
		t.Skip(err)
	}
	programs := func(names ...string) string {
		dir := t.TempDir()
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	both, half := programs("initdb", "postgres"), programs("initdb")
	env := func(pgbin, path string) func(string) string {
		return func(name string) string { return map[string]string{"PGBIN": pgbin, "PATH": path}[name] }
	}
	if dir, err := locate(env(both, "")); dir != both || err != nil {
		t.Errorf("by $PGBIN: %q, %v", dir, err)
	}
	if dir, err := locate(env("", half+string(filepath.ListSeparator)+both)); dir != both || err != nil {
		t.Errorf("by $PATH: %q, %v", dir, err)
	}
	if _, err := locate(env(half, both)); err == nil {
		t.Error("a $PGBIN without postgres is taken")
	}
	if version("/usr/lib/postgresql/15/bin") <= version("/usr/lib/postgresql/9.6/bin") {
		t.Error("15 is not newer than 9.6")
	}
}
