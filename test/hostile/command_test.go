package hostile

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

// keys are the ids of the keys that are published.
func (c *client) keys() (ids []string) {
	c.t.Helper()
	var set struct{ Keys []struct{ Kid string } }
	if err := json.Unmarshal([]byte(c.word("/.well-known/jwks.json")), &set); err != nil {
		c.t.Fatalf("read the keys: %v", err)
	}
	for _, key := range set.Keys {
		ids = append(ids, key.Kid)
	}
	slices.Sort(ids)
	return ids
}

// done runs one of the operator's commands, and returns when it ended.
func (s *site) done(args ...string) time.Time {
	s.t.Helper()
	s.command(args...)
	return time.Now()
}

// What the operator's commands do bites at a running server with the next
// request, a quarter of a second after the command at the latest.
func TestCommandsBesideAServer(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		s.unlimited()
		p := s.start()
		for _, what := range []string{"disable", "revoke", "delete"} {
			ann, bystander := p.signUp(what), p.signUp(what+"-bystander")
			if !p.accepts(ann.AccessToken) || !p.accepts(bystander.AccessToken) {
				t.Fatalf("user %s: refused before", what)
			}
			args := []string{"user", what, what}
			if what == "delete" {
				args = append(args, "--yes")
			}
			done := s.done(args...)
			p.notices("user "+what, done, func() bool { return !p.accepts(ann.AccessToken) })
			p.dead("after user "+what, ann)
			if !p.accepts(bystander.AccessToken) {
				t.Errorf("user %s: a bystander is refused", what)
			}
		}

		one, two := p.signUp("ann"), p.login("ann")
		done := s.done("user", "revoke", "ann", "--session", one.Session.ID)
		p.notices("user revoke --session", done, func() bool { return !p.accepts(one.AccessToken) })
		if !p.accepts(two.AccessToken) {
			t.Error("user revoke --session: another session is refused")
		}
		s.rotate(p, two)
	})
}

// rotate has the operator change keys while a session goes on.
func (s *site) rotate(p *program, ann *tokens) {
	s.t.Helper()
	before := p.keys()
	done := s.done("keys", "rotate")
	p.notices("keys rotate: the new key is published", done, func() bool { return len(p.keys()) == len(before)+1 })
	if !p.accepts(ann.AccessToken) || !p.accepts(p.login("ann").AccessToken) {
		s.t.Error("keys rotate: an access token is refused")
	}
	done = s.done("keys", "rotate", "--compromised")
	p.notices("keys rotate --compromised", done, func() bool { return !p.accepts(ann.AccessToken) })
	if now := p.keys(); len(now) != 1 || slices.Contains(before, now[0]) {
		s.t.Errorf("keys rotate --compromised: published %v, want a new key alone", now)
	}
	if !p.accepts(p.refresh(ann).AccessToken) {
		s.t.Error("keys rotate --compromised: a session does not go on by its refresh token")
	}
}
