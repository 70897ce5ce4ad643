package hostile

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/mailtest"
)

// patience is how long the tests wait for what must happen.
const patience = 60 * time.Second

// built is the path of the program, built once.
var built = sync.OnceValues(func() (string, error) { return build("") })

// build compiles the program. An overlay (see go help build) puts another file
// in the place of one of its own.
func build(overlay string) (string, error) {
	dir, err := os.MkdirTemp("", "hostile") // it stays for the other tests; the system cleans up
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "authgraph")
	args := []string{"build", "-o", path, "../../cmd/authgraph"}
	if overlay != "" {
		args = []string{"build", "-overlay", overlay, "-o", path, "../../cmd/authgraph"}
	}
	out, err := exec.Command("go", args...).CombinedOutput() //nolint:gosec,noctx // our own arguments
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
}

// site is a database, a mail server, and the settings of all processes on them.
type site struct {
	t        testing.TB
	database string
	secret   string
	mail     *mailtest.Server
	settings []string // as NAME=value, without prefix
	binary   string   // empty for the program as it is
	limit    int      // of open files, if not 0
}

func newSite(t testing.TB, database string, settings ...string) *site {
	t.Helper()
	secret := make([]byte, 32)
	rand.Read(secret) //nolint:errcheck // it never fails
	return &site{t: t, database: database, secret: base64.StdEncoding.EncodeToString(secret), mail: mailtest.New(t), settings: settings}
}

// set changes settings of processes that start from now on.
func (s *site) set(settings ...string) { s.settings = append(s.settings, settings...) }

// unlimited raises the limits that a test would meet before what it is about.
func (s *site) unlimited() {
	s.set("LIMIT_SIGN_UP=1000000/1h", "LIMIT_LOGIN=1000000/15m", "LIMIT_MAIL=1000000/1h")
}

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
	binary := s.binary
	if binary == "" {
		var err error
		if binary, err = built(); err != nil {
			s.t.Fatal(err)
		}
	}
	p := &program{client: &client{t: s.t, agent: agent}, exited: make(chan struct{})}
	p.cmd = exec.Command(binary, "serve") //nolint:gosec,noctx // ends with the test
	if s.limit > 0 {
		p.cmd = exec.Command("sh", "-c", fmt.Sprintf("ulimit -n %d; exec %q serve", s.limit, binary)) //nolint:gosec,noctx // as above
	}
	p.cmd.Dir = s.t.TempDir()
	p.cmd.Env = s.environment()
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

// environment is that of every process of the site.
func (s *site) environment() []string {
	s.t.Helper()
	env := []string{
		"PATH=" + os.Getenv("PATH"), "SSL_CERT_FILE=" + s.mail.CAFile(s.t),
		"AUTHGRAPH_MODE=production", "AUTHGRAPH_LISTEN=127.0.0.1:0", "AUTHGRAPH_ADMIN_LISTEN=off", "AUTHGRAPH_PUBLIC_URL=https://auth.example.org",
		"AUTHGRAPH_SECRET=" + s.secret, "AUTHGRAPH_DATABASE_URL=" + s.database,
		"AUTHGRAPH_SMTP_URL=" + s.mail.URL(), "AUTHGRAPH_MAIL_FROM=Example <no-reply@example.org>",
	}
	for _, setting := range s.settings {
		env = append(env, "AUTHGRAPH_"+setting)
	}
	return env
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

// memory reads a size of the process, such as VmRSS or VmHWM, in MB; the test
// is skipped where that is not to be had.
func (p *program) memory(what string) float64 {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Skip("there is no /proc")
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
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		p.t.Skip("there is no /proc")
	}
	return len(open)
}

// command runs one of the operator's commands on the site's database.
func (s *site) command(args ...string) string {
	s.t.Helper()
	binary, err := built()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(binary, args...) //nolint:gosec,noctx // our own arguments
	cmd.Env = s.environment()
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("authgraph %s: %v\n%s", args, err, out)
	}
	return string(out)
}
