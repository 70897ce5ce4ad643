package main

import (
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStopWhileNothingIsPipedIn: a command that waits for standard input ends when it is
// told to. Nobody has to kill it.
func TestStopWhileNothingIsPipedIn(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]struct {
		args     []string
		in, want string
	}{
		"import, before a line":  {[]string{"import", "-", "--format=jsonl"}, "", "nothing was done"},
		"import, between lines":  {[]string{"import", "-", "--format=jsonl"}, strings.Repeat("{\"email\":\"ann@example.org\"}\n", 100_000), "run the command again"},
		"a password for a user":  {[]string{"user", "create", "ann@example.org", "--password-stdin"}, "", "nothing was done"},
		"a password for a check": {[]string{"import", "stories_test.go", "--format=jsonl", "--check=ann@example.org"}, "", "nothing was done"},
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
			p := &process{cmd: cmd, exited: make(chan struct{})}
			cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &p.out, &p.log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			go func() {
				p.err = cmd.Wait()
				close(p.exited)
			}()
			if _, err := io.WriteString(into, try.in); err != nil { // the program reads
				t.Fatal(err)
			}
			if try.in == "" {
				time.Sleep(500 * time.Millisecond) // until it waits; too short makes the test weaker, never red
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
