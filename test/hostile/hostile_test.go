// Package hostile attacks the program from outside: the real binary, on
// loopback, with a mail server and a database that fail when told to. It knows
// what the README promises, and nothing of how it is kept.
//
//	program_test.go     building, starting and stopping the binary
//	client_test.go      what a client of the API needs
//	statistics_test.go  percentiles, and whether two samples can be told apart
//	timing_test.go      may time tell whether an account exists?
//	alike_test.go       may bytes tell?
//	canary_test.go      do secrets show in logs, answers, the database?
//	storm_test.go       more logins than the cores can hash
//	slow_test.go        clients that are slow, idle, or never read
//	mixup_test.go       is everybody given their own account?
//	pool_test.go        a database that is slow, cut off, or falls silent
//	crash_test.go       kill -9
//	drain_test.go       SIGTERM
//	start_test.go       many processes that start at once
//
// Most of it takes long and runs with AUTHGRAPH_TEST_LONG=1 only, as
// scripts/check does, on a machine that does nothing else: what is measured is
// the machine, too.
package hostile

import (
	"os"
	"testing"

	"github.com/authgraph/authgraph/internal/store/storetest"
)

// long skips a test that takes more than a few seconds, unless asked for.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("AUTHGRAPH_TEST_LONG") == "" {
		t.Skip("takes long; runs with AUTHGRAPH_TEST_LONG=1")
	}
}

// databases are the kinds, and how to make a fresh, migrated one.
var databases = map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL}

// besides runs a test on a site with each kind of database while other tests
// run, since most of its time is waiting.
func besides(t *testing.T, test func(t *testing.T, s *site)) {
	long(t)
	t.Parallel()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newSite(t, fresh(t)))
		})
	}
}

// onEach runs a test on a site with each kind of database, one after the other,
// and with nothing beside it.
func onEach(t *testing.T, test func(t *testing.T, s *site)) {
	long(t)
	for _, name := range []string{"sqlite", "postgres"} {
		t.Run(name, func(t *testing.T) { test(t, newSite(t, databases[name](t))) })
	}
}
