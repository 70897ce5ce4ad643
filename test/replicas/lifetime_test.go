package replicas

import (
	"testing"
	"time"
)

// However steadily a session is refreshed, nothing of it outlives its end by
// more than a second; and one that is not refreshed ends sooner.
func TestLifetimes(t *testing.T) {
	if rounds(0, 1) == 0 {
		t.Skip("takes 14 seconds; runs with AUTHGRAPH_TEST_LONG=1")
	}
	const idle, most = 5 * time.Second, 12 * time.Second
	each(t, func(t *testing.T, s *site) {
		v := s.serve()
		began := time.Now()
		busy, resting := v.account("ann"), v.login("ann")
		all := []*tokens{busy}
		rested := false
		for time.Since(began) < most+time.Second {
			a := v.ask("", refresh, input{"refreshToken": busy.RefreshToken})
			switch at := time.Since(began); {
			case a.code() == "":
				busy = a.Data.Done.Auth
				all = append(all, busy)
				if at > most+time.Second {
					t.Errorf("refreshed %v after the login", at)
				}
			case at < most-time.Second: // an access token of less than a second is none
				t.Fatalf("refused %v after the login: %s", at, a.code())
			}
			if at := time.Since(began); !rested && at > idle+time.Second {
				rested = true
				v.dead("a session that was not refreshed", resting)
			}
			until(time.Now().Add(300 * time.Millisecond))
		}
		for _, one := range all {
			if v.accepts(one.AccessToken) {
				t.Error("an access token outlives its session")
			}
		}
		v.dead("the last one", busy)
	}, "ACCESS_TTL=2s", "REFRESH_TTL=5s", "SESSION_TTL=12s", "REFRESH_GRACE=1s")
}
