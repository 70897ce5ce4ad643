package hostile

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
)

// bouncer starts PgBouncer in transaction mode before a server, with few
// connections, so that clients share them, and returns the URL that leads through
// it. Without the program it skips the test; CI installs it.
func bouncer(t *testing.T, to string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		t.Skip("there is no pgbouncer")
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(l.Addr().String()) // it is one of ours
	l.Close()
	secret, _ := u.User.Password()
	dir, err := os.MkdirTemp("", "bouncer") // one that another user can reach
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	settings := filepath.Join(dir, "pgbouncer.ini")
	cmd := exec.Command(program, settings) //nolint:gosec,noctx // ends with the test
	cmd.Dir = dir
	files := map[string]string{
		settings: fmt.Sprintf("[databases]\n* = host=%s port=%s\n[pgbouncer]\nlisten_addr=%s\nlisten_port=%s\nauth_type=plain\nauth_file=%s/users\npool_mode=transaction\ndefault_pool_size=6\nmax_client_conn=200\nunix_socket_dir=\n",
			u.Hostname(), u.Port(), host, port, dir),
		filepath.Join(dir, "users"): fmt.Sprintf("%q %q\n", u.User.Username(), secret),
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if os.Geteuid() == 0 { // as which it refuses to run
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as(t, "nobody", []string{dir, settings, filepath.Join(dir, "users")})}
	}
	var said book
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // by a signal
		if t.Failed() {
			t.Logf("PgBouncer said:\n%.3000s", said.String())
		}
	})
	u.Host = net.JoinHostPort(host, port)
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", u.Host)
		if err == nil {
			c.Close()
			return u.String()
		}
		if time.Since(began) > patience {
			t.Fatalf("PgBouncer does not listen: %v\n%s", err, said.String())
		}
	}
}

// as gives files to a user, to run a program as.
func as(t *testing.T, name string, files []string) *syscall.Credential {
	t.Helper()
	who, err := user.Lookup(name)
	if err != nil {
		t.Skip(err)
	}
	uid, uidErr := strconv.ParseUint(who.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(who.Gid, 10, 32)
	if uidErr != nil || gidErr != nil {
		t.Fatalf("the ids of %s are %s and %s", name, who.Uid, who.Gid)
	}
	for _, file := range files {
		if err := os.Chown(file, int(uid), int(gid)); err != nil {
			t.Fatal(err)
		}
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// Three programs that start at once on an empty database share the few
// connections of a pooler in transaction mode, which gives each transaction
// another one. Nothing depends on the connection: one of them migrates, a session
// that ended at one is dead at the others, nobody meets another one's prepared
// statement, lock or setting.
func TestPoolerInTransactionMode(t *testing.T) {
	long(t)
	n := pgtest.NewNode(t)
	s := newSite(t, bouncer(t, n.URL), "DATABASE_PREPARE=false", "LISTEN_URL="+n.URL)
	s.busy()
	programs := []*program{s.launch(), s.launch(), s.launch()}
	for _, p := range programs {
		p.awaitReady(patience)
	}
	for what, end := range ends {
		if what == "reuse of a refresh token" {
			continue // the grace time of a town is long
		}
		name := "ann" + strconv.Itoa(len(what))
		ann := programs[0].signUp(name)
		for _, p := range programs {
			if !p.accepts(ann.AccessToken) { // and has it in memory from now on
				t.Fatal("a session is refused before it ended")
			}
		}
		gone := end(programs[0], name, ann)
		ended := time.Now()
		until(ended.Add(onOthers))
		for _, p := range programs {
			p.dead(what, gone...)
		}
	}
	town := newTown(s, 15, programs...)
	town.during(func() { town.more(soak(400)) })
	town.check()
	if bad := town.tally.codes["INTERNAL_SERVER_ERROR"]; bad > 0 {
		t.Errorf("%d requests failed behind the pooler", bad)
	}
	for _, p := range programs {
		p.stop()
		if faults := p.errors(); len(faults) > 0 {
			t.Errorf("the log says\n%.2000s", faults)
		}
	}
}
