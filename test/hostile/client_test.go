package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
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
	granted  = `auth { accessToken refreshToken session { id } user { id email username } } errors { code field }`
	meQuery  = `query me { me { id email username } }`
	login    = `mutation login($input: LoginInput!) { login(input: $input) { status ` + granted + ` } }`
	signUp   = `mutation signUp($input: SignUpInput!) { signUp(input: $input) { status ` + granted + ` } }`
	confirm  = `mutation confirm($input: ConfirmInput!) { confirm(input: $input) { status ` + granted + ` } }`
	refresh  = `mutation refresh($input: RefreshInput) { refresh(input: $input) { ` + granted + ` } }`
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
	Auth   *tokens
	User   *person
	Errors []struct{ Code string }
}

// tokens are those of a session.
type tokens struct {
	AccessToken, RefreshToken string
	Session                   struct{ ID string }
	User                      person
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
		if a.code() != "" || a.status != http.StatusOK {
			c.t.Fatalf("refused: %d %s", a.status, a.body)
		}
		return a
	}
}

// answered is ask for what must be answered, if only by a refusal.
func (c *client) answered(document string, in input, headers ...string) *answer {
	c.t.Helper()
	a, err := c.ask(context.Background(), document, in, headers...)
	if err != nil {
		c.t.Errorf("a request is not answered: %v", err)
		return &answer{}
	}
	return a
}

// word is what /healthz and the like answer; empty if they do not.
func (c *client) word(path string) string {
	ctx, cancel := context.WithTimeout(context.Background(), within(10*time.Second))
	defer cancel()
	a, err := c.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return ""
	}
	return string(a.body)
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }
