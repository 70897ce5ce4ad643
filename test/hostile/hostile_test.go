// Package hostile attacks the program from outside: the real binary, on
// loopback, alone or several on one database as an operator runs them, with a
// mail server and a database that fail when told to. It knows what the README
// promises, and nothing of how it is kept.
//
//	site_test.go        building the binary; settings; the operator's commands
//	program_test.go     starting, watching and stopping a server
//	client_test.go      what a client of the API needs
//	people_test.go      accounts, their sessions, and whether a token is accepted
//	database_test.go    a look into the database beside the program
//	load_test.go        many clients at once, and what they are answered
//	statistics_test.go  percentiles, and whether two samples can be told apart
//	timing_test.go      may time tell whether an account exists?
//	alike_test.go       may bytes tell?
//	canary_test.go      do secrets show in logs, answers, the database?
//	storm_test.go       more logins than the cores can hash
//	slow_test.go        clients that are slow, idle, or never read
//	mixup_test.go       is everybody given their own account?
//	refresh_test.go     one refresh token, many clients, two servers
//	lifetime_test.go    sessions and tokens that end by the clock
//	revoke_test.go      has ended what ended: at another server, after kill -9?
//	cut_test.go         the same while connections to the database break
//	command_test.go     do the operator's commands bite at a running server?
//	pool_test.go        a database that is slow, cut off, or falls silent
//	crash_test.go       kill -9
//	drain_test.go       SIGTERM
//	drain_hook_test.go  the same while the application is asked
//	start_test.go       many processes that start at once
//	town_test.go        people who do all kinds of things, and remember what they were told
//	resident_test.go    one of them
//	standby_test.go     a server of PostgreSQL is lost, and its standby takes over
//	restart_test.go     PostgreSQL restarts again and again
//	bouncer_test.go     three programs behind a pooler in transaction mode
//	killed_test.go      three programs are killed again and again
//	full_test.go        a disk that is full
//
// Most of it takes long and runs with AUTHGRAPH_TEST_LONG=1 only. Refreshes,
// revocations and the operator's commands are tested always, and races among
// them more often then.
//
// How long something may take is measured with AUTHGRAPH_TEST_LONG=1 only, on a
// machine that does nothing else, since the machine is measured too. Without it,
// and in CI, where the machine may be anybody's at the same time, what must happen
// may take its time (within).
package hostile

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/store/storetest"
)

// hasTime reports whether tests may take more than a few seconds.
func hasTime() bool { return os.Getenv("AUTHGRAPH_TEST_LONG") != "" }

// long skips a test that takes more than a few seconds, unless asked for.
func long(t *testing.T) {
	t.Helper()
	if !hasTime() {
		t.Skip("takes long; runs with AUTHGRAPH_TEST_LONG=1")
	}
}

// within is how long something may take, where that is measured, and else as long
// as the tests have patience.
func within(d time.Duration) time.Duration {
	if hasTime() && os.Getenv("CI") == "" {
		return d
	}
	return patience
}

// databases are the kinds, and how to make a fresh, migrated one.
var databases = map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL}

// times is how often a race is run: a few times, or, if there is time, often.
func times(few, often int) int {
	if hasTime() {
		return often
	}
	return few
}

// soak is how much of a load, or how often a fault, with AUTHGRAPH_SOAK=N: N times
// as much.
func soak(n int) int {
	if times, err := strconv.Atoi(os.Getenv("AUTHGRAPH_SOAK")); err == nil && times > 1 {
		return n * times
	}
	return n
}

// onBoth runs a test on a site with each kind of database, side by side.
func onBoth(t *testing.T, test func(t *testing.T, s *site)) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newSite(t, fresh(t)))
		})
	}
}

// besides is onBoth while other tests run, since most of the time is waiting.
func besides(t *testing.T, test func(t *testing.T, s *site)) {
	long(t)
	t.Parallel()
	onBoth(t, test)
}

// onEach runs a test on a site with each kind of database, one after the other,
// and with nothing beside it.
func onEach(t *testing.T, test func(t *testing.T, s *site)) {
	long(t)
	for _, name := range []string{"sqlite", "postgres"} {
		t.Run(name, func(t *testing.T) { test(t, newSite(t, databases[name](t))) })
	}
}
