//go:build linux || darwin || freebsd || netbsd || openbsd

package pgtest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// childVariable makes this test binary start a cluster and wait to be killed.
const childVariable = "PGTEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	c, _, err := Start()
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(c.url.Query().Get("host"), c.url.String())
	select {}
}

func TestEndsWithTheProcess(t *testing.T) {
	Server(t)
	if os.Getenv(urlVariable) != "" {
		t.Skip("there may be no programs to start")
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	dir, u, _ := strings.Cut(strings.TrimSpace(line), " ")
	db := open(t, u)
	if _, err := os.Stat(filepath.Join(dir, "data")); err != nil {
		t.Fatalf("the child said %q: %v", line, err)
	}
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	eventually(t, "the server of a killed process has ended", func() bool {
		_, err := db.Exec(`SELECT 1`)
		return err != nil
	})
	eventually(t, "the directory of a killed process is gone", func() bool {
		_, err := os.Stat(dir)
		return os.IsNotExist(err)
	})
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-deadline:
			t.Fatalf("not so after %v: %s", patience, what)
		case <-tick.C:
		}
	}
}

func TestSweep(t *testing.T) {
	base := t.TempDir()
	locks := map[string]*os.File{}
	for _, name := range []string{"alive", "dead"} {
		dir := filepath.Join(base, directoryPrefix+name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		lock, err := os.Create(filepath.Join(dir, "lock"))
		if err != nil {
			t.Fatal(err)
		}
		locks[name] = lock
		t.Cleanup(func() { lock.Close() })
	}
	if err := syscall.Flock(int(locks["alive"].Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	left := func() string {
		dirs, _ := filepath.Glob(filepath.Join(base, "*"))
		for i := range dirs {
			dirs[i] = strings.TrimPrefix(filepath.Base(dirs[i]), directoryPrefix)
		}
		return strings.Join(dirs, " ")
	}
	sweep(base, time.Now())
	if got := left(); got != "alive dead" {
		t.Errorf("after a sweep at once: %q, want both: their owners may be starting", got)
	}
	sweep(base, time.Now().Add(2*time.Minute))
	if got := left(); got != "alive" {
		t.Errorf("after a late sweep: %q, want what is locked", got)
	}
}
