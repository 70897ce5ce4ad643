package hostile

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// unanswered is how the tally names an answer that did not come whole: the
// server was killed.
const unanswered = "no answer"

// resident is somebody in a town, and what they were told.
type resident struct {
	town     *town
	name     string
	password string
	maybe    string    // what the password may be, since the answer to its change was lost
	live     []*tokens // of sessions that go on
	over     []*tokens // of sessions that ended
	doubted  time.Time // when the answer to a refresh was lost first; zero if none was
	letters  int
}

// outcome is what a client knows of an operation.
type outcome int

const (
	done    outcome = iota
	not             // it did not happen
	unknown         // the answer was lost, or says that it is not known
)

// ask sends an operation to one of the servers. Refusals that no fault excuses
// fail the test.
func (r *resident) ask(document string, in input, headers ...string) (*answer, outcome) {
	began := time.Now()
	a, err := r.town.at().ask(context.Background(), document, in, headers...)
	if err != nil {
		r.town.tally.lost(began)
		return nil, unknown
	}
	r.town.tally.note(began, a, nil)
	switch a.code() {
	case "":
		r.town.acknowledge()
		return a, done
	case "OVERLOADED":
		return a, not
	case "INTERNAL_SERVER_ERROR":
		return a, unknown
	}
	r.town.s.t.Errorf("%s: %.40s answers %d %s", r.name, document, a.status, a.body)
	return a, not
}

// act does one thing.
func (r *resident) act() {
	if len(r.live) == 0 || len(r.live) < 4 && rand.N(8) == 0 {
		r.logIn()
		return
	}
	switch n := rand.N(20); {
	case n < 3 && len(r.live) > 1:
		r.logOut()
	case n == 3:
		r.changePassword()
	case n == 4:
		r.register()
	case n < 8:
		r.look()
	default:
		r.goOn()
	}
}

func (r *resident) logIn() {
	with := r.password
	if r.maybe != "" {
		with = r.settlePassword()
	}
	if with == "" {
		return
	}
	if a, what := r.ask(login, input{"username": r.name, "password": with}); what == done {
		r.live = append(r.live, a.payload().Auth)
	}
}

// settlePassword finds out which password it is, after the answer to a change was
// lost; empty if that is not known yet.
func (r *resident) settlePassword() string {
	a, err := r.town.at().ask(context.Background(), login, input{"username": r.name, "password": r.maybe})
	switch {
	case err != nil:
		return ""
	case a.code() == "":
		r.password, r.maybe = r.maybe, ""
	case a.code() == "INVALID_CREDENTIALS":
		r.maybe = ""
	default:
		return ""
	}
	return r.password
}

// goOn refreshes the oldest session. A client that gets no answer asks again.
func (r *resident) goOn() {
	one := r.live[0]
	if !r.doubted.IsZero() && time.Since(r.doubted) > 45*time.Second {
		r.live, r.doubted = r.live[1:], time.Time{} // the grace time ends, and the session may with it
		return
	}
	a, what := r.ask(refresh, input{"refreshToken": one.RefreshToken})
	switch {
	case what == done:
		r.live, r.doubted = append(r.live[1:len(r.live):len(r.live)], a.payload().Auth), time.Time{}
	case what == unknown && r.doubted.IsZero():
		r.doubted = time.Now()
	}
}

// logOut ends the youngest session. What another server is asked a quarter of a
// second later says so too.
func (r *resident) logOut() {
	last := len(r.live) - 1
	one := r.live[last]
	_, what := r.ask(logout, input{}, bearer(one.AccessToken)...)
	if what == not {
		return
	}
	r.live = r.live[:last]
	if what == unknown {
		return
	}
	r.over = append(r.over, one)
	until(time.Now().Add(onOthers))
	if a, err := r.town.at().ask(context.Background(), meQuery, nil, bearer(one.AccessToken)...); err == nil && a.me().ID != "" {
		r.town.s.t.Errorf("%s: a session that ended is accepted %v later", r.name, onOthers)
	}
}

// changePassword ends all sessions but the one that it is done with.
func (r *resident) changePassword() {
	if r.maybe != "" {
		return
	}
	last := len(r.live) - 1
	one, next := r.live[last], fmt.Sprintf("plum wagon orbit %d", rand.N(1_000_000))
	_, what := r.ask(update, input{"currentPassword": r.password, "newPassword": next}, bearer(one.AccessToken)...)
	switch what {
	case done:
		r.over, r.password = append(r.over, r.live[:last]...), next
	case unknown:
		r.maybe = next
	case not:
		return
	}
	r.live, r.doubted = slices.Clone(r.live[last:]), time.Time{}
}

// register signs up an address, which must then get a letter.
func (r *resident) register() {
	r.letters++
	address := fmt.Sprintf("%s_%d@example.org", r.name, r.letters)
	if _, what := r.ask(signUp, input{"email": address, "password": password}); what == done {
		r.town.mu.Lock()
		r.town.letters = append(r.town.letters, address)
		r.town.mu.Unlock()
	}
}

// look asks who one is, with the token of a session that goes on.
func (r *resident) look() {
	one := r.live[len(r.live)-1]
	if a, what := r.ask(meQuery, nil, bearer(one.AccessToken)...); what == done && a.me().Username != r.name {
		r.town.s.t.Errorf("me of %s answers %s", r.name, a.body)
	}
}
