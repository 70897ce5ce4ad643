package replicas

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// What the operator's commands do bites at a running server with the next
// request, a quarter of a second after the command at the latest.
func TestCommandsBesideAServer(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		v := s.serve()
		for what, args := range map[string][]string{
			"disable": {"user", "disable", "disable"}, "revoke": {"user", "revoke", "revoke"}, "delete": {"user", "delete", "delete"},
		} {
			ann, bystander := v.account(what), v.account(what+"-bystander")
			if !v.accepts(ann.AccessToken) || !v.accepts(bystander.AccessToken) {
				t.Fatalf("user %s: refused before", what)
			}
			done := s.run(args...)
			within(t, "user "+what, done.Add(onOthers), func() bool { return !v.accepts(ann.AccessToken) })
			v.dead("after user "+what, ann)
			if !v.accepts(bystander.AccessToken) {
				t.Errorf("user %s: a bystander is refused", what)
			}
		}

		one, two := v.account("ann"), v.login("ann")
		done := s.run("user", "revoke", "ann", "--session", one.Session.ID)
		within(t, "user revoke --session", done.Add(onOthers), func() bool { return !v.accepts(one.AccessToken) })
		if !v.accepts(two.AccessToken) {
			t.Error("user revoke --session: another session is refused")
		}

		before := v.keys()
		done = s.run("keys", "rotate")
		within(t, "keys rotate: the new key is published", done.Add(onOthers), func() bool { return len(v.keys()) == len(before)+1 })
		if !v.accepts(two.AccessToken) || !v.accepts(v.login("ann").AccessToken) {
			t.Error("keys rotate: an access token is refused")
		}
		done = s.run("keys", "rotate", "--compromised")
		within(t, "keys rotate --compromised", done.Add(onOthers), func() bool { return !v.accepts(two.AccessToken) })
		if now := v.keys(); len(now) != 1 || slices.Contains(before, now[0]) {
			t.Errorf("keys rotate --compromised: published %v, want a new key alone", now)
		}
		next := v.refreshed(two)
		if !v.accepts(next.AccessToken) {
			t.Error("keys rotate --compromised: a session does not go on by its refresh token")
		}
	})
}

// ends are what a client does to end a session; it returns the tokens that are
// dead then.
var ends = map[string]func(v *server, name string, ann *tokens) []*tokens{
	"logout": func(v *server, _ string, ann *tokens) []*tokens {
		v.must(ann.AccessToken, logout, input{})
		return []*tokens{ann}
	},
	"revokeSession": func(v *server, name string, ann *tokens) []*tokens {
		v.must(v.login(name).AccessToken, revoke, input{"id": ann.Session.ID})
		return []*tokens{ann}
	},
	"change of password": func(v *server, name string, ann *tokens) []*tokens {
		v.must(v.login(name).AccessToken, update, input{"currentPassword": password, "newPassword": "another wagon orbit"})
		return []*tokens{ann}
	},
	"reuse of a refresh token": func(v *server, _ string, ann *tokens) []*tokens {
		second := v.refreshed(ann)
		third := v.refreshed(second)
		until(time.Now().Add(1100 * time.Millisecond)) // past the grace time
		if a := v.ask("", refresh, input{"refreshToken": ann.RefreshToken}); a.code() != "INVALID_TOKEN" {
			v.t.Errorf("an old refresh token answers %q", a.code())
		}
		return []*tokens{ann, second, third}
	},
}

// kill -9 right after an answer takes nothing back that the answer said.
func TestKilledAfterARevocation(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for round := range rounds(1, 5) {
			for what, end := range ends {
				v := s.serve()
				name := fmt.Sprintf("ann-%d-%d", round, rand.Uint32())
				gone := end(v, name, v.account(name))
				v.kill()
				v = s.serve()
				v.dead(what+", after kill -9", gone...)
				v.kill()
			}
		}
	}, "REFRESH_GRACE=1s")
}

// Connections to PostgreSQL break off while sessions end. Whatever was answered
// holds; whatever was not is the same at both servers, and they go on.
func TestRevocationsWhileConnectionsBreak(t *testing.T) {
	url := storetest.PostgresURL(t)
	s := newSite(t, url)
	way := pgtest.Server(t).NewProxy(t, url)
	a, b := s.serveOn(way.URL), s.serve()
	stop := make(chan struct{})
	var cutting sync.WaitGroup
	cutting.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(rand.N(150 * time.Millisecond)):
				way.Cut()
			}
		}
	})
	b.account("ann")
	var answered, lost int
	for range rounds(20, 200) {
		ann := b.login("ann")
		refused := a.ask(ann.AccessToken, logout, input{})
		ended := time.Now()
		switch refused.code() {
		case "":
			answered++
			if got := a.ask(ann.AccessToken, me, nil); got.Data.Me != nil {
				t.Error("the server that ended a session accepts it")
			}
			until(ended.Add(onOthers))
			b.dead("at the other server", ann)
		case "INTERNAL_SERVER_ERROR":
			lost++
			until(ended.Add(onOthers))
			goesOn := b.accepts(ann.AccessToken)
			for range 50 {
				if got := a.ask(ann.AccessToken, me, nil); got.code() != "INTERNAL_SERVER_ERROR" && (got.Data.Me != nil) != goesOn {
					t.Errorf("a session whose end is not known goes on at the one: %t, at the other: %t", got.Data.Me != nil, goesOn)
					break
				}
			}
		default:
			t.Errorf("logout answers %q", refused.code())
		}
	}
	close(stop)
	cutting.Wait()
	t.Logf("%d revocations were answered, of %d the outcome was lost", answered, lost)
	if answered == 0 {
		t.Error("nothing was answered: the test says nothing")
	}
	eventually(t, "the server heals", func() bool { return a.ask("", login, input{"username": "ann", "password": password}).code() == "" })
}

// A session ended at one server is dead at the other.
func TestRevokedAtTheOtherServer(t *testing.T) {
	s := newSite(t, storetest.PostgresURL(t), "REFRESH_GRACE=1s")
	a, b := s.serve(), s.serve()
	for round := range rounds(1, 20) {
		for what, end := range ends {
			name := fmt.Sprintf("ann-%d-%d", round, rand.Uint32())
			ann := a.account(name)
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
