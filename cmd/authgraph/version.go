package main

import (
	"fmt"
	"io"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(p *program) error { return printVersion(p.out) }

// versionFlag is the same as a flag, wherever it stands.
type versionFlag bool

// BeforeReset prints the version and ends the run, before anything else is looked at.
func (versionFlag) BeforeReset(k *kong.Kong) error {
	if err := printVersion(k.Stdout); err != nil {
		return err
	}
	return errHelped
}

// printVersion tells what Go knows of the build: the version of the module, and
// the commit where there was a repository.
func printVersion(w io.Writer) error {
	built, commit := "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		built = ", " + info.GoVersion
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = ", commit " + s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				commit += " with changes"
			}
		}
	}
	_, err := fmt.Fprintf(w, "authgraph %s%s%s\n", version(), commit, built)
	return err
}

// stamped is the version that a release is built with: -ldflags "-X main.stamped=v1.2.3".
var stamped string

// version is the stamp, or that of the module.
func version() string {
	if stamped != "" {
		return stamped
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}
