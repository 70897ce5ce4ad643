//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package pgtest

import (
	"errors"
	"net/url"
)

// process is not to be had on this system; a server from the environment is.
type process struct {
	url    url.URL
	exited chan struct{}
}

func canRun() error {
	return errors.New("throwaway clusters need a Unix system; set $" + urlVariable + " to the URL of a server")
}

func launch(string, options) (*process, error) { return nil, canRun() }

func (p *process) stop()       {}
func (p *process) log() string { return "" }

// Memory is a directory in memory: there is none.
func Memory() string { return "" }
