package replicas

import (
	"sync"
	"testing"

	"github.com/authgraph/authgraph/internal/store/storetest"
)

// One refresh token is presented by fifty clients at once, to two servers: it
// has one successor, and the session goes on.
func TestRefreshStorm(t *testing.T) {
	s := newSite(t, storetest.PostgresURL(t))
	servers := []*server{s.serve(), s.serve()}
	current := servers[0].account("ann")
	const clients = 50
	for round := range rounds(3, 20) {
		answers := make([]answer, clients)
		barrier := make(chan struct{})
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() {
				<-barrier
				answers[i] = servers[i%2].ask("", refresh, input{"refreshToken": current.RefreshToken})
			})
		}
		close(barrier)
		all.Wait()
		for i, a := range answers {
			if a.status != 200 || a.code() != "" {
				t.Fatalf("round %d: status %d, %s", round, a.status, a.code())
			}
			if a.Data.Done.Auth.RefreshToken != answers[0].Data.Done.Auth.RefreshToken {
				t.Fatalf("round %d: one token has two successors", round)
			}
			if !servers[(i+1)%2].accepts(a.Data.Done.Auth.AccessToken) {
				t.Fatalf("round %d: an access token is refused by the other server", round)
			}
		}
		current = answers[0].Data.Done.Auth
	}
	servers[1].refreshed(servers[0].refreshed(current))
}
