package hostile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// patience is how long the tests wait for what must happen.
const patience = 5 * time.Minute

// onOthers is how late a process may still take what another one revoked.
const onOthers = 250 * time.Millisecond

// program is a process.
type program struct {
	*client
	cmd    *exec.Cmd
	out    book
	log    book
	exited chan struct{} // closed when it has ended
	err    error         // how it ended
}

// book is what a process writes.
type book struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// launch starts a process and does not wait until it serves.
func (s *site) launch() *program {
	s.t.Helper()
	p := &program{client: &client{t: s.t, agent: agent}, cmd: s.cmd("serve"), exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.log
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	s.t.Cleanup(p.kill)
	return p
}

// start starts a process and waits until it is ready.
func (s *site) start() *program {
	s.t.Helper()
	p := s.launch()
	p.awaitReady(patience)
	return p
}

var servingLine = regexp.MustCompile(`"msg":"serving".*"listen":"([^"]+)"`)

// awaitReady waits until the process says where it serves, and is ready.
func (p *program) awaitReady(limit time.Duration) {
	p.t.Helper()
	p.await(limit, "the program is not ready", func() bool {
		if m := servingLine.FindStringSubmatch(p.log.String()); m != nil {
			p.address = m[1]
		}
		return p.address != "" && p.word("/readyz") == "ready\n"
	})
}

// await asks until it is so, and fails the test when the process ends or the
// time is up.
func (p *program) await(limit time.Duration, otherwise string, so func() bool) {
	p.t.Helper()
	if !p.becomes(limit, so) {
		p.t.Fatalf("%s after %v:\n%.4000s", otherwise, limit, p.log.String())
	}
}

// becomes asks until it is so, and reports whether that happened in time.
func (p *program) becomes(limit time.Duration, so func() bool) bool {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-p.exited:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// notices asks until it is so, which must be soon after what happened in another
// process.
func (p *program) notices(what string, happened time.Time, so func() bool) {
	p.t.Helper()
	if soon := within(onOthers); !p.becomes(time.Until(happened.Add(soon)), so) {
		p.t.Errorf("%s: a server does not take notice within %v", what, soon)
	}
}

// kill ends the process as a power cut does.
func (p *program) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.exited
}

// stop ends the process as an operator does, and returns how long that took.
func (p *program) stop() time.Duration {
	p.t.Helper()
	began := time.Now()
	p.signal(syscall.SIGTERM)
	p.wait()
	if p.err != nil {
		p.t.Errorf("after SIGTERM the program ends with %v:\n%.4000s", p.err, p.log.String())
	}
	return time.Since(began)
}

func (p *program) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
}

// wait waits until the process has ended.
func (p *program) wait() {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.t.Fatal("the program does not end")
	}
}

// proc is where Linux tells about the process; the test is skipped on other
// systems.
func (p *program) proc(name string) string {
	p.t.Helper()
	if runtime.GOOS != "linux" {
		p.t.Skip("there is no /proc")
	}
	return fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, name)
}

// memory reads a size of the process, such as VmRSS or VmHWM, in MB.
func (p *program) memory(what string) float64 {
	p.t.Helper()
	status, err := os.ReadFile(p.proc("status"))
	if err != nil {
		p.t.Fatal(err) // the process has ended
	}
	for line := range strings.Lines(string(status)) {
		var kilobytes float64
		if name, value, _ := strings.Cut(line, ":"); name == what {
			if _, err := fmt.Sscan(value, &kilobytes); err != nil {
				p.t.Fatal(err)
			}
			return kilobytes / 1024
		}
	}
	p.t.Fatalf("the process has no %s", what)
	return 0
}

// descriptors counts the process's open files.
func (p *program) descriptors() int {
	p.t.Helper()
	open, err := os.ReadDir(p.proc("fd"))
	if err != nil {
		p.t.Fatal(err) // the process has ended
	}
	return len(open)
}

// errors are the lines of the log that tell an operator of a fault.
func (p *program) errors() (lines []string) {
	for line := range strings.Lines(p.log.String()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			lines = append(lines, line)
		}
	}
	return lines
}
