package hostile

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/mailtest"
)

// What a stranger is told about whether there is an account must not be told
// by time either. A pair is one question about an account that exists and one
// about another, in random order, on one connection.
const (
	pairs    = 300
	warmUps  = 30
	attempts = 3 // the machine may be busy; a real difference fails every time
)

// question is one request to measure.
type question func(i int) (document string, in input, headers []string)

// measure asks pairs of questions in turn.
func measure(t testing.TB, p *program, known, unknown question) (a, b sample) {
	t.Helper()
	alone := &client{t, p.address, &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}}
	defer alone.agent.CloseIdleConnections()
	ask := func(q question, i int) time.Duration {
		document, in, headers := q(i)
		began := time.Now()
		a, err := alone.ask(context.Background(), document, in, headers...)
		took := time.Since(began)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Errors) > 0 {
			t.Fatalf("the question is refused: %s", a.body)
		}
		return took
	}
	for i := range warmUps / 2 {
		ask(known, i)
		ask(unknown, i)
	}
	for i := range pairs {
		if rand.IntN(2) == 0 {
			a.add(ask(known, i))
			b.add(ask(unknown, i))
		} else {
			b.add(ask(unknown, i))
			a.add(ask(known, i))
		}
	}
	return a, b
}

// indistinguishable measures until the two are alike, three times at most.
func indistinguishable(t testing.TB, what string, p *program, known, unknown question) bool {
	t.Helper()
	for attempt := range attempts {
		a, b := measure(t, p, known, unknown)
		ok, why := a.alike(b)
		t.Logf("%s, attempt %d: %s", what, attempt+1, why)
		if ok {
			return true
		}
	}
	return false
}

// crowd is accounts of each kind, and addresses that have none.
type crowd struct {
	confirmed, pending, disabled, unknown []string
	token                                 string // of an account that asks
}

// size of each kind: few enough to sign up, many enough that no cache of a few
// rows explains a difference.
const size = 30

// gather signs the crowd up. Disabling is the operator's command.
func gather(t testing.TB, s *site, p *program) crowd {
	t.Helper()
	c := crowd{confirmed: s.accounts(p, size, "known"), disabled: s.accounts(p, size/3, "disabled")}
	for _, address := range c.disabled {
		s.command("user", "disable", address)
	}
	for i := range size {
		c.pending = append(c.pending, fmt.Sprintf("pending%d@example.org", i))
		c.unknown = append(c.unknown, fmt.Sprintf("unknown%d@example.org", i))
		p.must(signUp, input{"email": c.pending[i], "password": password})
	}
	c.token = p.must(signUp, input{"username": "asker", "password": password}).payload().Auth.AccessToken
	s.settle(p)
	return c
}

// about asks an operation about each of some addresses in turn.
func about(document, field string, addresses []string, rest input, headers ...string) question {
	return func(i int) (string, input, []string) {
		in := input{field: addresses[i%len(addresses)]}
		for name, value := range rest {
			in[name] = value
		}
		return document, in, headers
	}
}

func TestTiming(t *testing.T) {
	onEach(t, func(t *testing.T, s *site) {
		s.unlimited()
		p := s.start()
		c := gather(t, s, p)
		wrong, right := input{"password": "plum wagon orbit eight"}, input{"password": password}
		fresh := func(name string) []string {
			var all []string
			for i := range size {
				all = append(all, fmt.Sprintf("%s%d@example.org", name, i))
			}
			return all
		}
		for _, test := range []struct {
			name           string
			known, unknown question
		}{
			{"login with a wrong password", about(login, "email", c.confirmed, wrong), about(login, "email", c.unknown, wrong)},
			{"login to an account that is not confirmed", about(login, "email", c.pending, right), about(login, "email", c.unknown, right)},
			{"login to an account that is disabled", about(login, "email", c.disabled, wrong), about(login, "email", c.unknown, wrong)},
			{"signUp", about(signUp, "email", c.confirmed, right), about(signUp, "email", fresh("free"), right)},
			{"requestPasswordReset", about(askReset, "email", c.confirmed, nil), about(askReset, "email", c.unknown, nil)},
			{"updateAccount", about(update, "email", c.confirmed, input{"currentPassword": password}, bearer(c.token)...),
				about(update, "email", fresh("new"), input{"currentPassword": password}, bearer(c.token)...)},
		} {
			t.Run(test.name, func(t *testing.T) {
				if !indistinguishable(t, test.name, p, test.known, test.unknown) {
					t.Errorf("time tells whether there is an account")
				}
				s.settle(p)
			})
		}
		t.Run("requestPasswordReset with a mail server that hangs", func(t *testing.T) {
			s.mail.Set(mailtest.Fault{Hang: true})
			defer s.mail.Heal()
			a, b := measure(t, p, about(askReset, "email", c.confirmed, nil), about(askReset, "email", c.unknown, nil))
			if got := append(a, b...).percentile(99); got > 100*time.Millisecond {
				t.Errorf("p99 is %v: the letter is on the request's way", got)
			}
		})
	})
}

// The harness must see what it looks for: the same program without the hash
// for unknown accounts.
func TestTimingSeesAMissingHash(t *testing.T) {
	long(t)
	const file = "../../internal/password/hasher.go"
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const work = "_, err := h.matches(ctx, password, h.nobody)\n\treturn err"
	if strings.Count(string(source), work) != 1 {
		t.Fatalf("%s has no VerifyNone as this test knows it", file)
	}
	dir := t.TempDir()
	lazy := filepath.Join(dir, "hasher.go")
	if err := os.WriteFile(lazy, []byte(strings.Replace(string(source), work, "return nil", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	original, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: lazy}})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	s := newSite(t, databases["sqlite"](t))
	if s.binary, err = build(list); err != nil {
		t.Fatal(err)
	}
	s.unlimited()
	p := s.start()
	known := s.accounts(p, size, "known")
	wrong := input{"password": "plum wagon orbit eight"}
	a, b := measure(t, p, about(login, "email", known, wrong), about(login, "email", []string{"unknown@example.org"}, wrong))
	ok, why := a.alike(b)
	t.Log(why)
	if ok {
		t.Errorf("the harness is blind: %s without the hash for unknown accounts", why)
	}
}
