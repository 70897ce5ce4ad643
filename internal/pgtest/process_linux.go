package pgtest

import (
	"syscall"
)

// serverAttributes has the kernel end the server together with this process,
// however that one ends: SIGQUIT is PostgreSQL's immediate shutdown.
func serverAttributes(cred *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: cred, Setpgid: true, Pdeathsig: syscall.SIGQUIT}
}

// Memory is a directory in memory: /dev/shm if it has 2 GiB free, else empty.
// There, creating databases costs a fraction of the system time. A container often
// has only 64 MB of it.
func Memory() string {
	const dir = "/dev/shm"
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < 2<<30 {
		return ""
	}
	return dir
}
