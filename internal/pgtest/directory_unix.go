//go:build linux || darwin || freebsd || netbsd || openbsd

package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// directoryPrefix begins the name of every cluster's directory.
const directoryPrefix = "authgraph-pg-"

// makeDirectory makes the directory of a cluster, owned by who runs postgres,
// and a lock in it that is held as long as this process lives. It first sweeps
// what dead processes left.
//
// The directory is not below the test's own temporary one: that one is closed
// to the user postgres, and too long for the 107 bytes of a socket's path.
func makeDirectory(cred *syscall.Credential) (string, *os.File, error) {
	base := Memory()
	if base == "" {
		base = "/tmp"
	}
	sweep(base, time.Now())
	dir, err := os.MkdirTemp(base, fmt.Sprintf("%s%d-", directoryPrefix, os.Getpid()))
	if err != nil {
		return "", nil, fmt.Errorf("make a directory for PostgreSQL: %w", err)
	}
	lock, err := os.Create(filepath.Join(dir, "lock"))
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err == nil && cred != nil {
		err = os.Chown(dir, int(cred.Uid), int(cred.Gid))
	}
	if err != nil {
		os.RemoveAll(dir)
		return "", nil, fmt.Errorf("make a directory for PostgreSQL: %w", err)
	}
	return dir, lock, nil
}

// sweep removes the directories of processes that were killed together with
// their reaper. A lock tells more than a process id does: ids are used again,
// and containers that share a directory do not share them. A young directory
// is left alone, as its owner may be about to take the lock.
func sweep(base string, now time.Time) {
	dirs, _ := filepath.Glob(filepath.Join(base, directoryPrefix+"*")) // its only error is a bad pattern
	for _, dir := range dirs {
		lock, err := os.Open(filepath.Join(dir, "lock"))
		if err != nil {
			continue // another user's, or on its way out
		}
		info, err := lock.Stat()
		if err == nil && now.Sub(info.ModTime()) > time.Minute &&
			syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			os.RemoveAll(dir)
		}
		lock.Close()
	}
}
