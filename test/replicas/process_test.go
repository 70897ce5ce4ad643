package replicas

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/secret"
)

// built is the path of the program, built once.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "replicas") // it stays for the other tests; the system cleans up
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "authgraph")
	if out, err := exec.Command("go", "build", "-o", path, "../../cmd/authgraph").CombinedOutput(); err != nil { //nolint:gosec // our own arguments
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// site is a database and the settings of all processes on it.
type site struct {
	t        testing.TB
	database string
	settings []string
}

// newSite chooses settings with which a test meets no limit and waits for no
// hash. All servers say that they are one issuer.
func newSite(t testing.TB, database string, settings ...string) *site {
	return &site{t: t, database: database, settings: append([]string{
		"SECRET=" + secret.Generate(), "ISSUER=https://auth.example.org", "AUDIENCE=https://example.org",
		"LIMIT_SIGN_UP=off", "LIMIT_LOGIN=off", "LIMIT_MAIL=off", "PASSWORD_HASH=argon2id:m=9216,t=4,p=1",
	}, settings...)}
}

func (s *site) command(database string, args ...string) *exec.Cmd {
	s.t.Helper()
	binary, err := built()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(binary, args...) //nolint:gosec // our own arguments
	cmd.Dir = s.t.TempDir()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "AUTHGRAPH_LISTEN=localhost:0", "AUTHGRAPH_ADMIN_LISTEN=off", "AUTHGRAPH_DATABASE_URL=" + database}
	for _, setting := range s.settings {
		cmd.Env = append(cmd.Env, "AUTHGRAPH_"+setting)
	}
	return cmd
}

// run runs one of the operator's commands, and returns when it ended.
func (s *site) run(args ...string) time.Time {
	s.t.Helper()
	if out, err := s.command(s.database, args...).CombinedOutput(); err != nil {
		s.t.Fatalf("authgraph %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return time.Now()
}

// server is a process that serves.
type server struct {
	client
	cmd *exec.Cmd
	log output
}

// output is what a process writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write takes a part.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// String is all of it.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

var servesLine = regexp.MustCompile(`authgraph serves (http://\S+)`)

// serve starts a server, and waits until it serves.
func (s *site) serve() *server {
	s.t.Helper()
	return s.serveOn(s.database)
}

// serveOn is serve by another way to the same database.
func (s *site) serveOn(database string) *server {
	s.t.Helper()
	v := &server{cmd: s.command(database, "serve")}
	v.cmd.Stdout, v.cmd.Stderr = &v.log, &v.log
	if err := v.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(v.kill)
	v.client.t = s.t
	eventually(s.t, "the server serves", func() bool {
		if found := servesLine.FindStringSubmatch(v.log.String()); found != nil {
			v.url = found[1]
		}
		return v.url != "" && v.get("/readyz") == 200
	})
	return v
}

// kill ends the process as a power cut does.
func (v *server) kill() {
	_ = v.cmd.Process.Kill() // it may have ended
	_ = v.cmd.Wait()         // its end is no surprise
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for began := time.Now(); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > patience {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}
