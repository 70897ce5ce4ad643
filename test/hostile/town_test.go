package hostile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// town is people who do all kinds of things at several servers while something
// happens to these, or to what they stand on. It remembers what they were told:
// all of it must be true afterwards.
type town struct {
	s       *site
	tally   tally
	mu      sync.Mutex
	servers []*program
	people  []*resident
	letters []string // addresses that a letter was promised to
	done    int      // what was acknowledged
}

// newTown is so many people at these servers, each with an account.
func newTown(s *site, people int, servers ...*program) *town {
	s.t.Helper()
	c := &town{s: s, servers: servers}
	for i := range people {
		r := &resident{town: c, name: fmt.Sprintf("resident%d", i), password: password}
		r.live = []*tokens{servers[i%len(servers)].signUp(r.name)}
		c.people = append(c.people, r)
	}
	return c
}

// settings that let a town do much in a short time, and let a client whose
// refresh was not answered ask again as long as the faults last.
func (s *site) busy() {
	s.unlimited()
	s.set("PASSWORD_HASH=argon2id:m=9216,t=4,p=1", "REFRESH_GRACE=1m")
}

// at is one of the servers.
func (c *town) at() *program {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.servers[rand.N(len(c.servers))]
}

// replace puts another process in the place of one that has ended.
func (c *town) replace(gone, by *program) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.servers[slices.Index(c.servers, gone)] = by
}

func (c *town) acknowledged() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.done
}

func (c *town) acknowledge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
}

// during has all of them do things, one after the other each, while something
// happens.
func (c *town) during(happens func()) {
	c.s.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var all sync.WaitGroup
	for _, r := range c.people {
		all.Go(func() {
			for ctx.Err() == nil {
				r.act()
				time.Sleep(rand.N(40 * time.Millisecond)) // a town, not a storm
			}
		})
	}
	defer all.Wait()
	defer stop()
	happens()
}

// more waits until so much more was acknowledged.
func (c *town) more(n int) {
	c.s.t.Helper()
	want := c.acknowledged() + n
	c.at().await(patience, "nothing is acknowledged", func() bool { return c.acknowledged() >= want })
}

// check asks whether everything that was acknowledged is so, in calm weather, at
// every server.
func (c *town) check() {
	t := c.s.t
	t.Helper()
	c.tally.check(t, "the town", "done", "OVERLOADED", "INTERNAL_SERVER_ERROR", unanswered)
	live, over := 0, 0
	for _, r := range c.people {
		live, over = live+len(r.live), over+len(r.over)
		r.check(t)
	}
	t.Logf("%d operations acknowledged, of %d people; %d sessions go on, %d ended; %d letters", c.acknowledged(), len(c.people), live, over, len(c.letters))
	if over == 0 {
		t.Error("no session ended: the test says little")
	}
	c.s.settle(c.at())
	came := map[string]int{}
	for _, m := range c.s.mail.Messages() {
		came[m.To[0]]++
	}
	for _, address := range c.letters {
		if came[address] == 0 {
			t.Errorf("%s was promised a letter and got none", address)
		}
	}
}

// check asks whether what a person was told is so.
func (r *resident) check(t testing.TB) {
	t.Helper()
	for i, one := range r.live {
		a := r.town.at().answered(refresh, input{"refreshToken": one.RefreshToken})
		if a.code() != "" || a.payload().Auth == nil {
			t.Errorf("a session of %s is lost: %d %s", r.name, a.status, a.body)
			continue
		}
		r.live[i] = a.payload().Auth
	}
	for _, one := range r.over {
		r.town.at().dead("a session of "+r.name+" that ended", one)
	}
	right, wrong := r.password, ""
	if r.maybe != "" && r.tryPassword(t, r.maybe) {
		right, wrong = r.maybe, r.password
	}
	if !r.tryPassword(t, right) || wrong != "" && r.tryPassword(t, wrong) {
		t.Errorf("%s does not log in with the password that was acknowledged, or with two", r.name)
	}
}

func (r *resident) tryPassword(t testing.TB, password string) bool {
	t.Helper()
	for {
		a := r.town.at().answered(login, input{"username": r.name, "password": password})
		switch code := a.code(); code {
		case "OVERLOADED":
			continue
		case "", "INVALID_CREDENTIALS":
			return code == ""
		default:
			t.Errorf("login answers %d %s", a.status, a.body)
			return false
		}
	}
}
