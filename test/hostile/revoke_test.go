package hostile

import (
	"fmt"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/store/storetest"
)

const (
	logout = `mutation logout($input: LogoutInput) { logout(input: $input) { errors { code field } } }`
	revoke = `mutation revokeSession($input: RevokeSessionInput!) { revokeSession(input: $input) { errors { code field } } }`
)

// ends are what a client does to end a session; it returns the tokens that are
// dead then.
var ends = map[string]func(p *program, name string, ann *tokens) []*tokens{
	"logout": func(p *program, _ string, ann *tokens) []*tokens {
		p.must(logout, input{}, bearer(ann.AccessToken)...)
		return []*tokens{ann}
	},
	"revokeSession": func(p *program, name string, ann *tokens) []*tokens {
		p.must(revoke, input{"id": ann.Session.ID}, bearer(p.login(name).AccessToken)...)
		return []*tokens{ann}
	},
	"change of password": func(p *program, name string, ann *tokens) []*tokens {
		p.must(update, input{"currentPassword": password, "newPassword": "another wagon orbit"}, bearer(p.login(name).AccessToken)...)
		return []*tokens{ann}
	},
	"reuse of a refresh token": func(p *program, _ string, ann *tokens) []*tokens {
		second := p.refresh(ann)
		third := p.refresh(second)
		until(time.Now().Add(1100 * time.Millisecond)) // past the grace time
		if a := p.answered(refresh, input{"refreshToken": ann.RefreshToken}); a.code() != "INVALID_TOKEN" {
			p.t.Errorf("an old refresh token answers %q", a.code())
		}
		return []*tokens{ann, second, third}
	},
}

// A session ended at one server is dead at the other.
func TestRevokedAtTheOtherServer(t *testing.T) {
	s := newSite(t, storetest.PostgresURL(t), "REFRESH_GRACE=1s")
	s.unlimited()
	a, b := s.start(), s.start()
	accounts := 0
	for range times(1, 20) {
		for what, end := range ends {
			accounts++
			name := fmt.Sprintf("ann%d", accounts)
			ann := a.signUp(name)
			if !b.accepts(ann.AccessToken) {
				t.Fatal("a session is refused before it ended")
			}
			gone := end(a, name, ann)
			ended := time.Now()
			if a.accepts(ann.AccessToken) {
				t.Errorf("%s: the server that ended a session accepts it", what)
			}
			until(ended.Add(onOthers))
			b.dead(what+", at the other server", gone...)
		}
	}
}

// kill -9 right after an answer takes nothing back that the answer said.
func TestKilledAfterARevocation(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		s.unlimited()
		s.set("REFRESH_GRACE=1s")
		accounts := 0
		for range times(1, 5) {
			for what, end := range ends {
				accounts++
				name := fmt.Sprintf("ann%d", accounts)
				p := s.start()
				gone := end(p, name, p.signUp(name))
				p.kill()
				p = s.start()
				p.dead(what+", after kill -9", gone...)
				p.kill()
			}
		}
	})
}
