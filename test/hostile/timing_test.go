package hostile

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/authgraph/authgraph/internal/mailtest"
)

// What a stranger is told about whether there is an account must not be told
// by time either. A round is one question about an account of each kind and one
// about an address that has none, in random order, on one connection.
const (
	warmUps  = 30
	attempts = 3 // the machine may be busy; a real difference fails every time
)

// roundsOn each kind of database: with 150, chance alone moves an AUC by 0.03.
// A run by hand can ask for more, by AUTHGRAPH_TEST_ROUNDS.
func roundsOn(database string) int {
	if n, err := strconv.Atoi(os.Getenv("AUTHGRAPH_TEST_ROUNDS")); err == nil {
		return n
	}
	return map[string]int{"sqlite": 150, "postgres": 100}[database]
}

// question is one request to measure.
type question struct {
	about string
	ask   func(i int) (document string, in input, headers []string)
}

// measure asks the questions in turn, and returns how long each took.
func measure(t testing.TB, p *program, rounds int, questions ...question) []sample {
	t.Helper()
	alone := &client{t, p.address, &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}}
	defer alone.agent.CloseIdleConnections()
	samples := make([]sample, len(questions))
	for round := range warmUps + rounds {
		for _, i := range rand.Perm(len(questions)) {
			document, in, headers := questions[i].ask(round)
			began := time.Now()
			a, err := alone.ask(context.Background(), document, in, headers...)
			took := time.Since(began)
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Errors) > 0 {
				t.Fatalf("the question is refused: %s", a.body)
			}
			if round >= warmUps {
				samples[i].add(took)
			}
		}
	}
	return samples
}

// indistinguishable measures until nothing can be told apart from the first
// question, three times at most.
func indistinguishable(t testing.TB, p *program, rounds int, questions ...question) bool {
	t.Helper()
	for range attempts {
		samples, all := measure(t, p, rounds, questions...), true
		for i, s := range samples[1:] {
			ok, why := s.alike(samples[0])
			t.Logf("%s against %s: %s", questions[i+1].about, questions[0].about, why)
			all = all && ok
		}
		if all {
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
	c := crowd{confirmed: s.accounts(p, size, "known"), disabled: s.accounts(p, size/3, "disabled"), unknown: nobody("unknown"), pending: nobody("pending")}
	for _, address := range c.disabled {
		s.command("user", "disable", address)
	}
	for _, address := range c.pending {
		p.must(signUp, input{"email": address, "password": password})
	}
	c.token = p.signUp("asker").AccessToken
	s.settle(p)
	return c
}

// about asks an operation about each of some addresses in turn.
func about(whom, document string, addresses []string, rest input, headers ...string) question {
	return question{whom, func(i int) (string, input, []string) {
		in := input{"email": addresses[i%len(addresses)]}
		for name, value := range rest {
			in[name] = value
		}
		return document, in, headers
	}}
}

// nobody makes up addresses.
func nobody(name string) []string {
	var all []string
	for i := range size {
		all = append(all, fmt.Sprintf("%s%d@example.org", name, i))
	}
	return all
}

var (
	wrong = input{"password": "plum wagon orbit eight"}
	right = input{"password": password}
	proof = input{"currentPassword": password}
)

func TestTiming(t *testing.T) {
	onEach(t, func(t *testing.T, s *site) {
		s.unlimited()
		p := s.start()
		c := gather(t, s, p)
		rounds := roundsOn(path.Base(t.Name()))
		for name, questions := range map[string][]question{
			"login": {about("nobody", login, c.unknown, wrong), about("a wrong password", login, c.confirmed, wrong),
				about("a sign-up to be confirmed", login, c.pending, right), about("a disabled account", login, c.disabled, wrong)},
			"signUp":               {about("a free address", signUp, nobody("free"), right), about("a taken one", signUp, c.confirmed, right)},
			"requestPasswordReset": {about("nobody", askReset, c.unknown, nil), about("an account", askReset, c.confirmed, nil), about("a disabled one", askReset, c.disabled, nil)},
			"updateAccount": {about("a free address", update, nobody("new"), proof, bearer(c.token)...),
				about("a taken one", update, c.confirmed, proof, bearer(c.token)...)},
		} {
			t.Run(name, func(t *testing.T) {
				s.settle(p)
				if !indistinguishable(t, p, rounds, questions...) {
					t.Errorf("time tells whether there is an account")
				}
			})
		}
		t.Run("with a mail server that hangs", func(t *testing.T) {
			s.mail.Set(mailtest.Fault{Hang: true})
			defer s.mail.Heal()
			samples := measure(t, p, 100, about("nobody", askReset, c.unknown, nil), about("an account", askReset, c.confirmed, nil))
			if got := slices.Concat(samples...).percentile(99); got > 100*time.Millisecond {
				t.Errorf("the p99 of requestPasswordReset is %v: the letter is on the request's way", got)
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
	samples := measure(t, p, 100, about("nobody", login, nobody("unknown"), wrong), about("an account", login, known, wrong))
	ok, why := samples[1].alike(samples[0])
	t.Log(why)
	if ok {
		t.Errorf("the harness is blind: %s without the hash for unknown accounts", why)
	}
}
