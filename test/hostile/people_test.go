package hostile

import "fmt"

// signUp makes an account by username, and returns its first session.
func (c *client) signUp(username string) *tokens {
	c.t.Helper()
	return c.granted(signUp, input{"username": username, "password": password})
}

// login begins another session.
func (c *client) login(username string) *tokens {
	c.t.Helper()
	return c.granted(login, input{"username": username, "password": password})
}

// refresh has a session go on by its refresh token.
func (c *client) refresh(of *tokens) *tokens {
	c.t.Helper()
	return c.granted(refresh, input{"refreshToken": of.RefreshToken})
}

// granted sends an operation that must hand out tokens.
func (c *client) granted(document string, in input) *tokens {
	c.t.Helper()
	a := c.must(document, in)
	auth := a.payload().Auth
	if auth == nil {
		c.t.Fatalf("no tokens are handed out: %s", a.body)
	}
	return auth
}

// accepts reports that an access token is somebody's. What is neither that nor
// a refusal is an error.
func (c *client) accepts(access string) bool {
	c.t.Helper()
	a := c.answered(meQuery, nil, bearer(access)...)
	if code := a.code(); a.status != 200 || code != "" && code != "UNAUTHENTICATED" {
		c.t.Errorf("me answers %d, %s", a.status, code)
	}
	return a.me().ID != ""
}

// dead checks that no token of a session is accepted.
func (c *client) dead(what string, all ...*tokens) {
	c.t.Helper()
	for _, one := range all {
		if c.accepts(one.AccessToken) {
			c.t.Errorf("%s: an access token is accepted", what)
		}
		if a := c.answered(refresh, input{"refreshToken": one.RefreshToken}); a.code() != "INVALID_TOKEN" {
			c.t.Errorf("%s: a refresh token answers %q", what, a.code())
		}
	}
}

// users signs up accounts by username, side by side, and returns their access
// tokens.
func (c *client) users(n int, name string) []string {
	c.t.Helper()
	tokens := make([]string, n)
	atOnce(4, n, func(i int) {
		tokens[i] = c.signUp(fmt.Sprintf("%s%d", name, i)).AccessToken
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
