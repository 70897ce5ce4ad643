//go:build linux || darwin || freebsd || netbsd || openbsd

package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Stop ends the server as an operator does: "fast" lets no transaction finish,
// "immediate" does not even tell clients.
func (n *Node) Stop(mode string) {
	n.t.Helper()
	signals := map[string]syscall.Signal{"fast": syscall.SIGINT, "immediate": syscall.SIGQUIT}
	s, ok := signals[mode]
	if !ok {
		n.t.Fatalf("PostgreSQL has no mode %q to stop in", mode)
	}
	if err := n.process.server.Signal(s); err != nil {
		n.t.Fatal(err)
	}
	<-n.process.exited
}

// Kill ends all of the server's processes at the same moment, as a machine that
// is lost does.
func (n *Node) Kill() {
	server := n.process.server
	_ = server.Signal(syscall.SIGSTOP) // it starts no more of them
	for _, pid := range n.children("") {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
	_ = server.Kill()
	<-n.process.exited
	_ = os.Remove(filepath.Join(n.process.data(), "postmaster.pid")) // nobody shall wait for that process, or another of its number
}

// Again starts the server after Stop or Kill, and returns when it answers.
func (n *Node) Again() {
	n.t.Helper()
	if err := n.process.startServer(); err != nil {
		n.t.Fatal(err)
	}
	n.awaitAnswer()
}

// Deaf has a standby hear nothing more of the server that it follows, though the
// connection stays open, until the function that is returned is called. It needs
// Linux, and skips the test elsewhere.
func (n *Node) Deaf() (hear func()) {
	n.t.Helper()
	receivers := n.children("walreceiver")
	if len(receivers) == 0 {
		n.t.Skip("the standby's processes are not known here")
	}
	for _, pid := range receivers {
		_ = syscall.Kill(pid, syscall.SIGSTOP) // it was there a moment ago
	}
	return func() {
		for _, pid := range receivers {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
}

// children are the server's processes that call themselves so. Without /proc
// they are unknown: they end by themselves when they see that the server ended.
func (n *Node) children(named string) (pids []int) {
	server := n.process.server.Pid
	list, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", server, server))
	for _, field := range strings.Fields(string(list)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			continue
		}
		if name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); strings.Contains(string(name), named) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// await asks until it is so.
func (n *Node) await(otherwise string, so func() bool) {
	n.t.Helper()
	for began := time.Now(); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > patience {
			n.t.Fatalf("%s:\n%s", otherwise, n.process.log())
		}
	}
}
