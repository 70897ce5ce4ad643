// Package process starts the programs that are measured, and reads from /proc what
// they use. It is for Linux.
package process

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// patience is how long a program may take to start or to end.
const patience = 30 * time.Second

// Process is a server that runs.
type Process struct {
	// Address is where it listens.
	Address string
	// Exec is when it was started.
	Exec   time.Time
	cmd    *exec.Cmd
	log    string
	exited chan struct{}
}

// FreeAddress is one of this machine's that nobody listens at.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // on this machine
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close() //nolint:errcheck // nobody has connected
	return l.Addr().String(), nil
}

// Start starts a server that is told to listen at the address. Its log is a file
// in the directory, which is emptied when it has become long. It is killed when ctx
// ends.
func Start(ctx context.Context, dir, address, binary string, args, env []string) (*Process, error) {
	p := &Process{Address: address, log: filepath.Join(dir, filepath.Base(binary)+".log"), exited: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_TRUNC|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd = exec.CommandContext(ctx, binary, args...) //nolint:gosec // what we have built
	p.cmd.Dir, p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = dir, append(env, "PATH="+os.Getenv("PATH")), log, log
	p.Exec = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // how it ended stands in its log
		close(p.exited)
	}()
	return p, nil
}

// PID is the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Await asks a path until it is answered with 200.
func (p *Process) Await(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !p.answers(ctx, path) {
		select {
		case <-tick.C:
		case <-p.exited:
			return p.complaint("has ended")
		case <-ctx.Done():
			return p.complaint("is not ready")
		}
	}
	return nil
}

func (p *Process) answers(ctx context.Context, path string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Address+path, nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	answer.Body.Close() //nolint:errcheck,gosec // nothing of it is read
	return answer.StatusCode == http.StatusOK
}

func (p *Process) complaint(what string) error {
	text, _ := os.ReadFile(p.log)
	return fmt.Errorf("%s %s:\n%s", filepath.Base(p.cmd.Path), what, text[max(0, len(text)-4096):])
}

// ForgetLog empties the log, which grows with every request.
func (p *Process) ForgetLog() error { return os.Truncate(p.log, 0) }

// Stop ends the process as an operator does, and waits until it has.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(patience):
		_ = p.cmd.Process.Kill() // it does not end otherwise
		<-p.exited
		return p.complaint("did not end")
	}
}
