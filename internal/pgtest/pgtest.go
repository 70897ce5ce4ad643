// Package pgtest gives tests a real PostgreSQL that nobody has to set up.
//
// The server comes from the first of these that is there:
//
//   - $AUTHGRAPH_TEST_POSTGRES, the URL of a server on which the user may
//     create databases;
//   - the programs initdb and postgres, looked for in $PGBIN, in $PATH and in
//     the newest /usr/lib/postgresql/*/bin: they make a throwaway cluster that
//     ends with the process which started it, however that one ends.
//
// Without either, tests are skipped, and fail where $CI is set.
//
// The package knows nothing of authgraph: no schema, no settings. It imports
// only the standard library and the driver.
package pgtest

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// urlVariable names the environment variable with the URL of a ready server.
const urlVariable = "AUTHGRAPH_TEST_POSTGRES"

// shared is the cluster of this test binary, started on first use. Nothing
// stops it: it ends with the process.
var shared = sync.OnceValues(func() (*Cluster, error) {
	c, _, err := Start()
	return c, err
})

// saidSkipped has each test binary tell only once why tests are skipped.
var saidSkipped sync.Once

// Server returns the one cluster of this test binary. Where there is no
// PostgreSQL it skips the test, or fails it when $CI says that this is a
// continuous integration run, so that CI cannot pass without PostgreSQL.
func Server(t testing.TB) *Cluster {
	t.Helper()
	if ok, why := Available(); !ok {
		refuse(t, why, os.Getenv("CI"))
	}
	c, err := shared()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	return c
}

// refuse ends a test that cannot have PostgreSQL.
func refuse(t testing.TB, why, ci string) {
	t.Helper()
	if isTrue(ci) {
		t.Fatalf("CI must test on PostgreSQL: %s", why)
	}
	saidSkipped.Do(func() { fmt.Fprintln(os.Stderr, "Tests on PostgreSQL are skipped:", why) })
	t.Skipf("no PostgreSQL: %s", why)
}

// isTrue reads $CI. Services write true, 1, yes or their own name.
func isTrue(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "", "0", "f", "false", "n", "no", "off":
		return false
	}
	return true
}

// Available reports whether there is a PostgreSQL to use, and if not, why in
// words for a person. It starts nothing, and does not ask a server that
// $AUTHGRAPH_TEST_POSTGRES names whether it answers.
func Available() (ok bool, why string) {
	if os.Getenv(urlVariable) != "" {
		return true, ""
	}
	if _, err := locate(os.Getenv); err != nil {
		return false, err.Error()
	}
	return true, ""
}

// Option changes how Start starts a cluster.
type Option func(*options)

type options struct {
	tcp      bool
	settings []string
	follows  string // of a standby: how it reaches the server that it follows
	password string // of the user postgres; empty for a new one
}

// TCP makes a throwaway cluster listen on a free port of 127.0.0.1 too, and
// makes the URLs of its databases lead there, for tests that put a proxy or a
// pooler in between. A server from $AUTHGRAPH_TEST_POSTGRES stays as it is.
func TCP() Option { return func(o *options) { o.tcp = true } }

// Setting starts a throwaway cluster with a setting, as name=value, in place of
// what is usual here. A server from $AUTHGRAPH_TEST_POSTGRES stays as it is.
func Setting(setting string) Option {
	return func(o *options) { o.settings = append(o.settings, setting) }
}

// Start gives a cluster of its own to a program that is not a test, or to a
// test that wants to stop and lose its server. A throwaway cluster takes
// about 0.7 s. The function stop ends it and may be called more than once; of
// a server from $AUTHGRAPH_TEST_POSTGRES it drops only what was created here.
func Start(opts ...Option) (c *Cluster, stop func(), err error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	if given := os.Getenv(urlVariable); given != "" {
		return connectGiven(given)
	}
	bin, err := locate(os.Getenv)
	if err != nil {
		return nil, nil, err
	}
	p, err := launch(bin, o)
	if err != nil {
		return nil, nil, err
	}
	c, err = connect(p.url, p.exited, p.log)
	if err != nil {
		p.stop()
		return nil, nil, err
	}
	return c, sync.OnceFunc(func() { c.close(); p.stop() }), nil
}
