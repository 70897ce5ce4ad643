//go:build darwin || freebsd || netbsd || openbsd

package pgtest

import "syscall"

// serverAttributes leaves the end of the server to the reaper.
func serverAttributes(cred *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: cred, Setpgid: true}
}

// Memory is a directory in memory: there is none.
func Memory() string { return "" }
