package hostile

import (
	"testing"
	"time"
)

// until waits for an instant, since when something must be so: nothing that a
// client could ask tells that it has come.
func until(at time.Time) { time.Sleep(time.Until(at)) }

// However steadily a session is refreshed, nothing of it outlives its end by
// more than a second; and one that is not refreshed ends sooner.
func TestLifetimes(t *testing.T) {
	long(t)
	const idle, most = 5 * time.Second, 12 * time.Second
	onBoth(t, func(t *testing.T, s *site) {
		s.unlimited()
		s.set("ACCESS_TTL=2s", "REFRESH_TTL=5s", "SESSION_TTL=12s", "REFRESH_GRACE=1s")
		p := s.start()
		began := time.Now()
		busy, resting := p.signUp("ann"), p.login("ann")
		all := []*tokens{busy}
		rested := false
		for time.Since(began) < most+time.Second {
			a := p.answered(refresh, input{"refreshToken": busy.RefreshToken})
			at := time.Since(began)
			switch next := a.payload().Auth; {
			case a.code() == "" && next != nil:
				busy = next
				all = append(all, busy)
				if at > most+time.Second {
					t.Errorf("refreshed %v after the login", at)
				}
			case at < most-2*time.Second: // exp has whole seconds, and an access token of less than one is none
				t.Fatalf("refused %v after the login: %d %s", at, a.status, a.body)
			}
			if !rested && time.Since(began) > idle+time.Second {
				rested = true
				p.dead("a session that was not refreshed", resting)
			}
			until(time.Now().Add(300 * time.Millisecond))
		}
		for _, one := range all {
			if p.accepts(one.AccessToken) {
				t.Error("an access token outlives its session")
			}
		}
		p.dead("the last one", busy)
	})
}
