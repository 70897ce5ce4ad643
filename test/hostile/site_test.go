package hostile

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/authgraph/authgraph/internal/mailtest"
)

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

// by is the site as a process sees it that has another way to the database.
func (s *site) by(database string) *site {
	other := *s
	other.database = database
	return &other
}

// cmd is a process of the site, to be started.
func (s *site) cmd(args ...string) *exec.Cmd {
	s.t.Helper()
	binary := s.binary
	if binary == "" {
		var err error
		if binary, err = built(); err != nil {
			s.t.Fatal(err)
		}
	}
	cmd := exec.Command(binary, args...) //nolint:gosec,noctx // ends with the test
	if s.limit > 0 {
		limited := fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, s.limit)
		cmd = exec.Command("sh", append([]string{"-c", limited, binary}, args...)...) //nolint:gosec,noctx // as above
	}
	cmd.Dir = s.t.TempDir()
	cmd.Env = s.environment()
	return cmd
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

// command runs one of the operator's commands, and returns what it says.
func (s *site) command(args ...string) string {
	s.t.Helper()
	out, err := s.cmd(args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("authgraph %s: %v\n%s", args, err, out)
	}
	return string(out)
}
