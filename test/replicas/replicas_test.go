// Package replicas runs several processes of the real binary on one database,
// as an operator does: servers side by side on PostgreSQL, the operator's
// commands beside a server. What one of them does must hold for all.
//
//	process_test.go   building, starting and killing the binary; its commands
//	client_test.go    what a client of the API needs
//	refresh_test.go   one refresh token, many clients, two servers
//	revoke_test.go    what ended has ended: by commands, at another server, after kill -9, while connections break
//	lifetime_test.go  sessions and tokens that end by the clock
//
// What takes more than a few seconds runs with AUTHGRAPH_TEST_LONG=1 only, as
// scripts/check does.
package replicas

import (
	"os"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/store/storetest"
)

const (
	// patience is how long a test waits for what must come.
	patience = 30 * time.Second
	// onOthers is how late a process may still take what another one revoked.
	onOthers = 250 * time.Millisecond
)

// rounds is how often a race is run: a few times, or, if there is time, often.
func rounds(few, often int) int {
	if os.Getenv("AUTHGRAPH_TEST_LONG") != "" {
		return often
	}
	return few
}

// databases are the kinds, and how to make a fresh, migrated one.
var databases = map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL}

// each runs a test with a site on a database of each kind.
func each(t *testing.T, test func(t *testing.T, s *site), settings ...string) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newSite(t, fresh(t), settings...))
		})
	}
}

// until waits for an instant, since when something must be so.
func until(at time.Time) { time.Sleep(time.Until(at)) }
