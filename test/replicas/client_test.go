package replicas

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// password is one that the policy accepts.
const password = "plum wagon orbit seven"

// agent keeps connections.
var agent = &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 200}}

const (
	authFields = `auth { accessToken refreshToken session { id } user { id } } errors { code }`
	signUp     = `mutation($input: SignUpInput!) { done: signUp(input: $input) { ` + authFields + ` } }`
	login      = `mutation($input: LoginInput!) { done: login(input: $input) { ` + authFields + ` } }`
	refresh    = `mutation($input: RefreshInput) { done: refresh(input: $input) { ` + authFields + ` } }`
	logout     = `mutation($input: LogoutInput) { done: logout(input: $input) { errors { code } } }`
	revoke     = `mutation($input: RevokeSessionInput!) { done: revokeSession(input: $input) { errors { code } } }`
	update     = `mutation($input: UpdateAccountInput!) { done: updateAccount(input: $input) { errors { code } } }`
	me         = `{ me { id } }`
)

// client asks one server.
type client struct {
	t   testing.TB
	url string
}

type input map[string]any

// tokens are what a login hands out.
type tokens struct {
	AccessToken, RefreshToken string
	Session, User             struct{ ID string }
}

// answer is what the server said.
type answer struct {
	status int
	Data   struct {
		Me   *struct{ ID string }
		Done struct {
			Auth   *tokens
			Errors []struct{ Code string }
		}
	}
	Errors []struct {
		Extensions struct{ Code, Reason string }
	}
}

// code is the first error's; empty if there is none.
func (a answer) code() string {
	if len(a.Errors) > 0 {
		return a.Errors[0].Extensions.Code
	}
	if len(a.Data.Done.Errors) > 0 {
		return a.Data.Done.Errors[0].Code
	}
	return ""
}

// ask sends an operation, with a bearer unless it is empty.
func (c client) ask(bearer, document string, in input) answer {
	c.t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": map[string]any{"input": in}})
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := agent.Do(r)
	if err != nil {
		c.t.Errorf("a request was not answered: %v", err)
		return answer{}
	}
	defer res.Body.Close()
	a := answer{status: res.StatusCode}
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		c.t.Errorf("an answer of status %d is not JSON: %v", a.status, err)
	}
	return a
}

// must sends an operation that must succeed.
func (c client) must(bearer, document string, in input) *tokens {
	c.t.Helper()
	a := c.ask(bearer, document, in)
	if a.status != http.StatusOK || a.code() != "" {
		c.t.Fatalf("%s: status %d, %s", strings.SplitN(document, "{", 3)[1], a.status, a.code())
	}
	return a.Data.Done.Auth
}

// account makes one, and logs in.
func (c client) account(name string) *tokens {
	c.t.Helper()
	return c.must("", signUp, input{"username": name, "password": password})
}

func (c client) login(name string) *tokens {
	c.t.Helper()
	return c.must("", login, input{"username": name, "password": password})
}

// refreshed trades a refresh token for the next one.
func (c client) refreshed(of *tokens) *tokens {
	c.t.Helper()
	return c.must("", refresh, input{"refreshToken": of.RefreshToken})
}

// accepts reports that an access token is somebody's. What is neither that nor
// a refusal is an error.
func (c client) accepts(access string) bool {
	c.t.Helper()
	a := c.ask(access, me, nil)
	if code := a.code(); a.status != http.StatusOK || code != "" && code != "UNAUTHENTICATED" {
		c.t.Errorf("me answers %d, %s", a.status, code)
	}
	return a.Data.Me != nil
}

// dead checks that no token of a session is accepted.
func (c client) dead(what string, all ...*tokens) {
	c.t.Helper()
	for _, one := range all {
		if c.accepts(one.AccessToken) {
			c.t.Errorf("%s: an access token is accepted", what)
		}
		if a := c.ask("", refresh, input{"refreshToken": one.RefreshToken}); a.code() != "INVALID_TOKEN" {
			c.t.Errorf("%s: a refresh token answers %q", what, a.code())
		}
	}
}

// get asks for a page, and returns the status.
func (c client) get(path string) int {
	status, _ := c.page(path)
	return status
}

func (c client) page(path string) (status int, body string) {
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.url+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	res, err := agent.Do(r)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	var all bytes.Buffer
	_, _ = all.ReadFrom(res.Body) // what is missing is missed
	return res.StatusCode, all.String()
}

// keys are the ids of the keys that are published.
func (c client) keys() []string {
	c.t.Helper()
	_, body := c.page("/.well-known/jwks.json")
	var set struct{ Keys []struct{ Kid string } }
	if err := json.Unmarshal([]byte(body), &set); err != nil {
		c.t.Fatalf("read the keys: %v", err)
	}
	var ids []string
	for _, key := range set.Keys {
		ids = append(ids, key.Kid)
	}
	slices.Sort(ids)
	return ids
}

// within waits until something is so, which must be by an instant.
func within(t testing.TB, what string, by time.Time, so func() bool) {
	t.Helper()
	for !so() {
		if time.Now().After(by) {
			t.Errorf("%s: not within %v", what, onOthers)
			return
		}
	}
}
