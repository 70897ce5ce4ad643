package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// password is one that the policy accepts.
const password = "plum wagon orbit seven"

// agent keeps no cookies, and connections to any number of servers.
var agent = &http.Client{
	Timeout:   patience,
	Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 2000, IdleConnTimeout: time.Minute},
}

// The operations, as a client with codegen would write them.
const (
	meQuery  = `query me { me { id email username } }`
	login    = `mutation login($input: LoginInput!) { login(input: $input) { status auth { accessToken refreshToken user { id email username } } errors { code field } } }`
	signUp   = `mutation signUp($input: SignUpInput!) { signUp(input: $input) { status auth { accessToken refreshToken user { id email username } } errors { code field } } }`
	confirm  = `mutation confirm($input: ConfirmInput!) { confirm(input: $input) { status auth { accessToken refreshToken user { id email username } } errors { code field } } }`
	refresh  = `mutation refresh($input: RefreshInput) { refresh(input: $input) { auth { accessToken refreshToken user { id email username } } errors { code field } } }`
	askReset = `mutation requestPasswordReset($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { errors { code field } } }`
	update   = `mutation updateAccount($input: UpdateAccountInput!) { updateAccount(input: $input) { user { id email username pendingEmail } errors { code field } } }`
)

// client asks one server.
type client struct {
	t       testing.TB
	address string // host:port
	agent   *http.Client
}

// input is the fields below an operation's input.
type input map[string]any

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	body   []byte
	Data   map[string]json.RawMessage
	Errors []struct {
		Message    string
		Extensions struct {
			Code, Reason string
			RetryAfter   int
		}
	}
}

// payload is what the operations above ask for.
type payload struct {
	Status string
	Auth   *struct {
		AccessToken, RefreshToken string
		User                      person
	}
	User   *person
	Errors []struct{ Code string }
}

type person struct{ ID, Email, Username, PendingEmail string }

// code is the first error's, at the top or in the payload; empty if it is done.
func (a *answer) code() string {
	if len(a.Errors) > 0 {
		return a.Errors[0].Extensions.Code
	}
	if p := a.payload(); len(p.Errors) > 0 {
		return p.Errors[0].Code
	}
	return ""
}

func (a *answer) payload() (p payload) {
	for _, raw := range a.Data {
		_ = json.Unmarshal(raw, &p) // what is of another shape stays empty
	}
	return p
}

// me is the account of a query me; empty if it is null.
func (a *answer) me() (u person) {
	_ = json.Unmarshal(a.Data["me"], &u)
	return u
}

// ask sends an operation. The error is of the network or of an answer that is
// not whole.
func (c *client) ask(ctx context.Context, document string, in input, headers ...string) (*answer, error) {
	variables := map[string]any{}
	if in != nil {
		variables["input"] = in
	}
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return nil, err
	}
	return c.send(ctx, http.MethodPost, "/graphql", body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

func (c *client) send(ctx context.Context, method, path string, body []byte, headers ...string) (*answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+c.address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	res, err := c.agent.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	a := &answer{status: res.StatusCode, header: res.Header}
	if a.body, err = io.ReadAll(res.Body); err != nil {
		return nil, err
	}
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		err = json.Unmarshal(a.body, a)
	}
	return a, err
}

// must sends an operation that must be done, again if the server is busy.
func (c *client) must(document string, in input, headers ...string) *answer {
	c.t.Helper()
	for began := time.Now(); ; {
		a, err := c.ask(context.Background(), document, in, headers...)
		if err != nil {
			c.t.Fatal(err)
		}
		if a.code() == "OVERLOADED" && time.Since(began) < patience {
			continue // it has made us wait
		}
		if a.code() != "" {
			c.t.Fatalf("refused: %d %s", a.status, a.body)
		}
		return a
	}
}

// word is what /healthz and the like answer; empty if they do not.
func (c *client) word(path string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	a, err := c.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return ""
	}
	return string(a.body)
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

// users signs up accounts by username, side by side, and returns their access
// tokens.
func (c *client) users(n int, name string) []string {
	c.t.Helper()
	tokens := make([]string, n)
	atOnce(4, n, func(i int) {
		a := c.must(signUp, input{"username": fmt.Sprintf("%s%d", name, i), "password": password})
		tokens[i] = a.payload().Auth.AccessToken
	})
	return tokens
}

// accounts signs up addresses and confirms them.
func (s *site) accounts(p *program, n int, name string) []string {
	s.t.Helper()
	addresses := make([]string, n)
	atOnce(4, n, func(i int) {
		addresses[i] = fmt.Sprintf("%s%d@example.org", name, i)
		s.account(p, addresses[i])
	})
	return addresses
}

// account signs up an address and confirms it, and returns what confirm says.
func (s *site) account(p *program, address string) payload {
	s.t.Helper()
	p.must(signUp, input{"email": address, "password": password})
	token := s.mail.Token(s.t, address)
	return p.must(confirm, input{"token": token, "password": password}).payload()
}

// atOnce calls do for 0 to n-1, so many at a time.
func atOnce(lanes, n int, do func(i int)) {
	var all sync.WaitGroup
	next := make(chan int)
	for range lanes {
		all.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}

// steadily calls do so often a second, each call by itself, until ctx ends and
// all calls have returned.
func steadily(ctx context.Context, perSecond int, do func(i int)) {
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	for i := 0; ; i++ {
		select {
		case <-tick.C:
			all.Go(func() { do(i) })
		case <-ctx.Done():
			return
		}
	}
}

// meter watches that `me` is answered well while something else goes on.
type meter struct {
	sample
	wrong int
	last  string
}

// watchMe asks `me` so often a second until ctx ends.
func (c *client) watchMe(ctx context.Context, perSecond int, token, username string) *meter {
	m := &meter{}
	var mu sync.Mutex
	steadily(ctx, perSecond, func(int) {
		began := time.Now()
		a, err := c.ask(context.Background(), meQuery, nil, bearer(token)...)
		took := time.Since(began)
		mu.Lock()
		defer mu.Unlock()
		m.add(took)
		if err != nil || a.me().Username != username {
			m.wrong++
			m.last = fmt.Sprint(err)
			if a != nil {
				m.last = string(a.body)
			}
		}
	})
	return m
}

func (m *meter) check(t testing.TB, what string, p99 time.Duration) {
	t.Helper()
	t.Logf("%s: me %v", what, m.sample)
	if m.wrong > 0 {
		t.Errorf("%s: %d of %d me are wrong, such as %.300s", what, m.wrong, len(m.sample), m.last)
	}
	if got := m.percentile(99); got > p99 {
		t.Errorf("%s: the p99 of me is %v, want at most %v", what, got, p99)
	}
}
