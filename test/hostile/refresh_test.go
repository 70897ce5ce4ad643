package hostile

import (
	"sync"
	"testing"

	"github.com/authgraph/authgraph/internal/store/storetest"
)

// One refresh token is presented by many clients at once, to two servers: it has
// one successor, and the session goes on. The last in line at the token waits for
// all before it, which on a busy machine is too long for fifty.
func TestRefreshStorm(t *testing.T) {
	s := newSite(t, storetest.PostgresURL(t))
	s.unlimited()
	servers := []*program{s.start(), s.start()}
	current := servers[0].signUp("ann")
	clients := times(12, 50)
	for round := range times(3, 20) {
		answers := make([]*answer, clients)
		var ready sync.WaitGroup
		ready.Add(clients)
		atOnce(clients, clients, func(i int) {
			ready.Done()
			ready.Wait() // nobody asks before all are here
			answers[i] = servers[i%2].answered(refresh, input{"refreshToken": current.RefreshToken})
		})
		successor := ""
		for i, a := range answers {
			auth := a.payload().Auth
			if a.status != 200 || a.code() != "" || auth == nil {
				t.Fatalf("round %d: status %d, %s", round, a.status, a.body)
			}
			if i == 0 {
				successor = auth.RefreshToken
			}
			if auth.RefreshToken != successor {
				t.Fatalf("round %d: one token has two successors", round)
			}
			if !servers[(i+1)%2].accepts(auth.AccessToken) {
				t.Fatalf("round %d: an access token is refused by the other server", round)
			}
			current = auth
		}
	}
	servers[1].refresh(servers[0].refresh(current))
}
