package hostile

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/pgtest"
	"github.com/authgraph/authgraph/internal/store/storetest"
)

// Connections to PostgreSQL break off while sessions end. Whatever was answered
// holds; whatever was not is the same at both servers, and they go on.
func TestRevocationsWhileConnectionsBreak(t *testing.T) {
	url := storetest.PostgresURL(t)
	s := newSite(t, url)
	s.unlimited()
	way := pgtest.Server(t).NewProxy(t, url)
	a, b := s.by(way.URL).start(), s.start()
	b.signUp("ann")

	way.CutAfter(func() int { return 1 + rand.N(200) }) // a logout is some thirty, heartbeats come on top
	var answered, lost int
	for range times(20, 200) {
		ann := b.login("ann")
		if !b.accepts(ann.AccessToken) { // and has it in memory from now on
			t.Fatal("a session is refused before it ended")
		}
		ending := a.answered(logout, input{}, bearer(ann.AccessToken)...)
		ended := time.Now()
		switch ending.code() {
		case "":
			answered++
			if a.answered(meQuery, nil, bearer(ann.AccessToken)...).me().ID != "" {
				t.Error("the server that ended a session accepts it")
			}
			until(ended.Add(onOthers))
			b.dead("at the other server", ann)
		case "INTERNAL_SERVER_ERROR":
			lost++
			until(ended.Add(onOthers))
			a.agrees(ann, b.accepts(ann.AccessToken))
		default:
			t.Errorf("logout answers %q", ending.code())
		}
	}
	way.CutAfter(func() int { return 0 })
	t.Logf("%d revocations were answered, of %d the outcome was lost", answered, lost)
	if answered == 0 {
		t.Error("nothing was answered: the test says nothing")
	}
	a.await(within(5*time.Second), "the server does not heal", func() bool {
		return a.answered(login, input{"username": "ann", "password": password}).code() == ""
	})
}

// agrees checks that the server, where it can tell, says the same of a session
// as the other one.
func (p *program) agrees(ann *tokens, goesOn bool) {
	p.t.Helper()
	for range 50 {
		a := p.answered(meQuery, nil, bearer(ann.AccessToken)...)
		if here := a.me().ID != ""; a.code() != "INTERNAL_SERVER_ERROR" && here != goesOn {
			p.t.Errorf("a session whose end is not known goes on at the one: %t, at the other: %t", here, goesOn)
			return
		}
	}
}
