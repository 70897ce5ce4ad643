package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/authgraph/authgraph/internal/config"
	"github.com/authgraph/authgraph/internal/password"
)

// patience is how long a script, and the server of one, wait for anything: as
// long as a busy machine takes. What takes longer is stuck.
const patience = 5 * time.Minute

// cheapest costs the least that the settings allow.
const cheapest = "argon2id:m=9216,t=4,p=1"

// clockVariable names the file with what a script's clock is ahead by.
const clockVariable = "STORY_CLOCK"

// unhurried is the program as stories start it: the real one, but that it gives
// nobody up because the machine is slow, that a script can turn its clock, and
// that the cheapest hash costs nothing.
func unhurried() {
	start(func(c *config.Config) {
		c.RequestTime, c.Store.Patience, c.Auth.TurnPatience = patience, patience, patience
		if scheme, err := password.ParseScheme(cheapest); err == nil && c.Passwords.Scheme == scheme {
			c.Passwords.Scheme = password.InsecureForTests()
		}
		if path := os.Getenv(clockVariable); path != "" {
			c.Auth.Now = func() time.Time { return time.Now().Add(ahead(path)) }
		}
	})
}

// ahead reads how far a clock was turned.
func ahead(path string) time.Duration {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err != nil {
		panic(err) // there is no time without it
	}
	d, err := time.ParseDuration(string(text))
	if err != nil {
		panic(err)
	}
	return d
}

// pass DURATION turns the clock of the story's servers and commands on: a
// token's end comes, and the machine may take its time until then.
func (s *story) pass(ts *testscript.TestScript, args []string) {
	usage(ts, len(args) == 1, "pass DURATION")
	d, err := config.ParseDuration(args[0])
	ts.Check(err)
	path := ts.Getenv(clockVariable)
	next := filepath.Join(filepath.Dir(path), "next")
	ts.Check(os.WriteFile(next, []byte((ahead(path) + d).String()), 0o600))
	ts.Check(os.Rename(next, path))
}

// heard waits a quarter of a second, after which every process has heard what
// another one changed, or believes nothing that it keeps.
func (s *story) heard(*testscript.TestScript, []string) { time.Sleep(250 * time.Millisecond) }
