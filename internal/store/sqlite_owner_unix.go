//go:build unix

package store

import (
	"os"
	"syscall"
)

// Owned reports whether a file is this process's own. To be allowed to change
// its rights is not enough: root is, and would lock the file's user's group out.
func Owned(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
