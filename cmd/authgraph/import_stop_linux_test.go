package main

import (
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// unended is more than a narrow pipe holds, and neither a line nor a password yet.
var unended = strings.Repeat("x", 3*4096)

// narrow makes a pipe hold one page: more can be written only when somebody reads.
func narrow(t *testing.T, w *os.File) {
	t.Helper()
	raw, err := w.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	const setPipeSize = 1031 // F_SETPIPE_SZ, of fcntl(2)
	var failed syscall.Errno
	err = raw.Control(func(fd uintptr) { _, _, failed = syscall.Syscall(syscall.SYS_FCNTL, fd, setPipeSize, 4096) })
	if err != nil || failed != 0 {
		t.Fatal(err, failed)
	}
}

// TestStopWhileNothingIsPipedIn: a command that waits for standard input ends when it is
// told to. Nobody has to kill it.
func TestStopWhileNothingIsPipedIn(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		args     []string
		in, want string
	}{
		"import, before a line":  {[]string{"import", "-", "--format=jsonl"}, strings.Repeat("x", 500_000), "interrupted after line 0"},
		"import, between lines":  {[]string{"import", "-", "--format=jsonl"}, strings.Repeat("{\"email\":\"ann@example.org\"}\n", 100_000), "run the command again"},
		"a password for a user":  {[]string{"user", "create", "ann@example.org", "--password-stdin"}, unended, "nothing was done"},
		"a password for a check": {[]string{"import", "stories_test.go", "--format=jsonl", "--check=ann@example.org"}, unended, "nothing was done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := command(t, try.args...)
			migrated := command(t, "migrate")
			migrated.Env = cmd.Env
			if said, err := migrated.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, said)
			}
			in, into := pipe(t)
			narrow(t, into)
			p := &process{cmd: cmd, exited: make(chan struct{})}
			cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &p.out, &p.log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			go func() {
				p.err = cmd.Wait()
				close(p.exited)
			}()
			if _, err := io.WriteString(into, try.in); err != nil { // ends when the program reads
				t.Fatal(err)
			}
			p.tell(t, syscall.SIGTERM)
			select {
			case <-p.exited:
				if p.err == nil || !strings.Contains(p.log.String(), try.want) {
					t.Errorf("%v: %s", p.err, p.log.String())
				}
			case <-time.After(10 * time.Second):
				t.Error("the command goes on")
				p.tell(t, syscall.SIGKILL)
			}
		})
	}
}
