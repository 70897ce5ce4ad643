//go:build linux || darwin || freebsd || netbsd || openbsd

package pgtest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

// process is a throwaway cluster's postgres and all that it keeps on disk.
type process struct {
	url    url.URL
	exited chan struct{}

	dir    string
	lock   *os.File // held locked for as long as this process lives
	cred   *syscall.Credential
	args   []string // of the server, its program first
	server *os.Process
	reaper *exec.Cmd
	leash  io.Closer // the reaper acts when this closes, at the latest with this process
}

// canRun says why this user cannot run PostgreSQL's programs, if so.
func canRun() error {
	_, err := credential()
	return err
}

// credential is whom postgres runs as: this user, or the user postgres if this
// user is root, as which PostgreSQL refuses to run.
func credential() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres to run it as")
	}
	uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return nil, fmt.Errorf("read the ids of user postgres: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// launch makes a cluster and starts its server, which may not be ready yet.
func launch(bin string, o options) (p *process, err error) {
	cred, err := credential()
	if err != nil {
		return nil, err
	}
	p = &process{exited: make(chan struct{}), cred: cred}
	if p.dir, p.lock, err = makeDirectory(cred); err != nil {
		return nil, err
	}
	if err := p.start(bin, o); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func (p *process) start(bin string, o options) error {
	if err := p.startReaper(); err != nil {
		return fmt.Errorf("start the process that clears up: %w", err)
	}
	password := o.password
	if password == "" {
		password = fmt.Sprintf("%015x", randomID())
	}
	if err := p.fill(bin, o, password); err != nil {
		return err
	}
	port, listen := "5432", ""
	p.url = url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres",
		RawQuery: url.Values{"host": {p.dir}, "port": {port}, "sslmode": {"disable"}}.Encode()}
	if o.tcp {
		var err error
		if port, err = freePort(); err != nil {
			return err
		}
		listen = "127.0.0.1"
		p.url = url.URL{Scheme: "postgres", User: url.UserPassword("postgres", password), Path: "/postgres",
			Host: net.JoinHostPort(listen, port), RawQuery: "sslmode=disable"}
	}
	p.args = append([]string{filepath.Join(bin, "postgres")}, p.arguments(port, listen, o.settings)...)
	return p.startServer()
}

// fill makes the data: those of a new cluster, or a standby's.
func (p *process) fill(bin string, o options, password string) error {
	if o.follows == "" {
		return p.initdb(bin, password)
	}
	program, err := programBeside(bin, "pg_basebackup")
	if err != nil {
		return err
	}
	return p.run(program, "-D", p.data(), "-d", o.follows, "-R", "-X", "stream", "-c", "fast", "--no-sync")
}

// run runs one of PostgreSQL's programs to its end.
func (p *process) run(program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = p.dir, environment()
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.cred, Setpgid: true}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, out)
	}
	return nil
}

// initdb makes the cluster. Who reaches the socket, in a directory of mode
// 0700, needs no password; every user of the machine reaches the port.
func (p *process) initdb(bin, password string) error {
	secret := filepath.Join(p.dir, "password")
	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		return err
	}
	if p.cred != nil {
		if err := os.Chown(secret, int(p.cred.Uid), int(p.cred.Gid)); err != nil {
			return err
		}
	}
	locale := "C"
	if runtime.GOOS == "linux" {
		locale = "C.UTF-8"
	}
	return p.run(filepath.Join(bin, "initdb"), "-D", p.data(), "-U", "postgres", "--no-sync",
		"--encoding=UTF8", "--locale="+locale, "--auth-local=trust", "--auth-host=scram-sha-256", "--pwfile="+secret)
}

// arguments turn everything off that only matters to data which shall outlive a
// power cut, unless settings say otherwise.
func (p *process) arguments(port, listen string, settings []string) []string {
	args := []string{"-D", p.data(), "-k", p.dir, "-p", port}
	usual := []string{
		"listen_addresses=" + listen, "max_connections=200",
		"fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
		"wal_level=minimal", "max_wal_senders=0", "jit=off",
		"dynamic_shared_memory_type=mmap", // inside the directory, so that nothing stays in /dev/shm
	}
	for _, setting := range append(usual, settings...) { // of two, the last one counts
		args = append(args, "-c", setting)
	}
	return args
}

// startServer starts postgres, for the first time or again.
func (p *process) startServer() error {
	log, err := os.OpenFile(p.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(p.args[0], p.args[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.dir, environment(), log, log
	cmd.SysProcAttr = serverAttributes(p.cred)
	started, exited := make(chan error), make(chan struct{})
	p.exited = exited
	go func() {
		// The signal that a dead parent sends follows the thread that forked,
		// so that thread must live as long as the server.
		runtime.LockOSThread()
		err := cmd.Start()
		p.server = cmd.Process
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended stands in its log
			close(exited)
			runtime.KeepAlive(p) // until now: a leash that is collected closes, and ends the server
		}
	}()
	if err := <-started; err != nil {
		p.server = nil
		return fmt.Errorf("start postgres: %w", err)
	}
	return nil
}

// reap waits until its standard input closes, which happens however this
// process ends, then ends the server if nothing else has and removes the
// directory.
const reap = `trap '' HUP INT TERM
read -r _
lock="$1/data/postmaster.pid"
[ -e "$lock" ] && read -r pid <"$lock" && kill -QUIT "$pid"
n=0
while [ -e "$lock" ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done
rm -rf -- "$1"`

func (p *process) startReaper() error {
	cmd := exec.Command("/bin/sh", "-c", reap, "reap", p.dir)
	cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Setpgid: true}
	leash, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	p.reaper, p.leash = cmd, leash
	return nil
}

// stop ends the server at once and removes everything.
func (p *process) stop() {
	if p.server != nil {
		_ = p.server.Signal(syscall.SIGQUIT) // it may have ended
		<-p.exited
	}
	if p.reaper != nil {
		_ = p.leash.Close()
		_ = p.reaper.Wait()
	}
	_ = os.RemoveAll(p.dir) // the next start sweeps what is left
	_ = p.lock.Close()
}

func (p *process) data() string    { return filepath.Join(p.dir, "data") }
func (p *process) logFile() string { return filepath.Join(p.dir, "log") }

// log returns the end of what postgres said.
func (p *process) log() string {
	text, _ := os.ReadFile(p.logFile())
	return string(text[max(0, len(text)-4096):])
}

// environment keeps PGDATA, PGPORT and the like of the caller away.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
