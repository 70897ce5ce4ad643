//go:build darwin || freebsd || netbsd || openbsd

package pgtest

import "syscall"

// serverAttributes leaves the end of the server to the reaper.
func serverAttributes(cred *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: cred, Setpgid: true}
}

func memoryDirectory() string { return "" }
