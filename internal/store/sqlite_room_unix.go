//go:build linux || darwin || freebsd

package store

import (
	"math"
	"path/filepath"
	"syscall"
)

// writable checks that a file may be written to. It may be gone, or its file
// system may have become read-only.
func writable(path string) error { return syscall.Access(path, 2) } // W_OK

// room is how many bytes are free on the file system of a file. If that is
// unknown, it is a very large number.
func room(path string) uint64 {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &fs); err != nil {
		return math.MaxUint64
	}
	return uint64(fs.Bavail) * uint64(fs.Bsize) //nolint:gosec,unconvert // they have other types elsewhere
}
