package oidctest

import (
	"fmt"
	"slices"
	"sync"
)

// visit is what a code stands for.
type visit struct {
	person                               Person
	nonce, challenge, redirect, clientID string
	fresh                                bool
}

// codes are those that were handed out.
type codes struct {
	mu     sync.Mutex
	visits map[string]visit
}

func (c *codes) give(prefix string, v visit) (code string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	code = fmt.Sprintf("%s-%d", prefix, len(c.visits)+1)
	c.visits[code] = v
	return code
}

// Issue makes a code by hand, as an attacker could who logs in with another client.
func (c *codes) Issue(person Person, nonce, clientID string) string {
	return c.give("made", visit{person: person, nonce: nonce, clientID: clientID})
}

// find leaves a code usable: that it is used once is the client's promise here.
func (c *codes) find(code string) (visit, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.visits[code]
	return v, ok
}

// heard is what nobody else may read.
type heard struct {
	mu      sync.Mutex
	secrets []string
}

// Secrets are what this provider heard and handed out that nobody else may read: the
// verifiers and nonces of its client, and its tokens.
func (h *heard) Secrets() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.secrets)
}

func (h *heard) keep(secrets ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.secrets = append(h.secrets, secrets...)
}
