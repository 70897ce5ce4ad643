//go:build unix

package store

import (
	"os"
	"syscall"
)

// Owned reports whether a file belongs to this process's user. The permission
// to change its rights is not enough: root has it, and would lock out the group
// of the file's owner.
func Owned(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
