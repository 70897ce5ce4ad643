package oidctest

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// The client that the provider knows.
const (
	ClientID     = "authgraph"
	ClientSecret = "the client's secret"
)

// Person is who logs in at the provider.
type Person struct {
	Subject, Email, Name string
	// Verified is the claim email_verified, of any kind. nil: it is left out.
	Verified any
	// Claims are added to the ID token, or replace what is there. A nil value takes a
	// claim out.
	Claims map[string]any
	// ElsewhereEmail: the address is in userinfo alone.
	ElsewhereEmail bool
	// Addresses is what GitHub's /user/emails answers, and ID its id, as JSON.
	Addresses, ID string
}

// Provider is one that runs on this machine. Fields may be changed between requests
// under With.
type Provider struct {
	*ring
	*requests
	*heard
	*codes
	// URL is its issuer.
	URL string

	mu       sync.Mutex
	person   Person
	clock    func() time.Time
	override map[string]http.HandlerFunc
	hideIss  bool
	server   *httptest.Server
}

// New starts a provider. now is the clock.
func New(now func() time.Time) *Provider { return start(now, httptest.NewServer) }

// NewTLS starts one with https.
func NewTLS(now func() time.Time) *Provider { return start(now, httptest.NewTLSServer) }

func start(now func() time.Time, serve func(http.Handler) *httptest.Server) *Provider {
	p := &Provider{clock: now, heard: &heard{}, codes: &codes{visits: map[string]visit{}}, override: map[string]http.HandlerFunc{}}
	p.ring, p.requests = &ring{keys: []*Key{NewKey("ES256", "first")}}, &requests{counts: map[string]int{}}
	p.server = serve(http.HandlerFunc(p.serve))
	p.URL = p.server.URL
	return p
}

// Certificate is that of a provider with https, in DER.
func (p *Provider) Certificate() []byte { return p.server.Certificate().Raw }

// Person is who logs in.
func (p *Provider) Person() Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.person
}

// Close stops it. It can be started again by Reopen.
func (p *Provider) Close() { p.server.Close() }

// Reopen starts it again at the same place.
func (p *Provider) Reopen() error {
	listener, err := listen(strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		return err
	}
	p.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(p.serve), ReadHeaderTimeout: time.Second}}
	p.server.Start()
	return nil
}

// Ann is a person whose address the provider has verified.
func Ann() Person {
	return Person{Subject: "ann-1", Email: "ann@example.org", Name: "Ann Example", Verified: true}
}

// Login says who logs in from now on.
func (p *Provider) Login(person Person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.person = person
}

// Override lets a function answer at a path; nil ends that.
func (p *Provider) Override(path string, handler http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if handler == nil {
		delete(p.override, path)
		return
	}
	p.override[path] = handler
}

// HideIssuer leaves the parameter iss out, though the description promises it.
func (p *Provider) HideIssuer(hide bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hideIss = hide
}

// requests counts what the provider was asked.
type requests struct {
	mu     sync.Mutex
	counts map[string]int
}

func (r *requests) count(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[path]++
}

// Count is how many requests there were at a path.
func (r *requests) Count(path string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts[path]
}

// Paths lists where there were requests, for messages.
func (r *requests) Paths() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.counts))
}

// Authorize is the visit of a browser: it logs the person in, and returns what the
// browser brings back.
func (p *Provider) Authorize(address string) (url.Values, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	for _, name := range []string{"client_id", "redirect_uri", "state", "scope"} {
		if q.Get(name) == "" {
			return nil, fmt.Errorf("the authorization request has no %s", name)
		}
	}
	if method := q.Get("code_challenge_method"); q.Get("code_challenge") != "" && method != "S256" {
		return nil, fmt.Errorf("the PKCE method is %q", method)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code := p.give("code-of-"+p.person.Subject, visit{
		person: p.person, nonce: q.Get("nonce"), challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri"), clientID: q.Get("client_id"), fresh: q.Get("max_age") == "0",
	})
	back := url.Values{"code": {code}, "state": {q.Get("state")}}
	if !p.hideIss {
		back.Set("iss", p.URL)
	}
	return back, nil
}

// Now is the provider's clock.
func (p *Provider) Now() time.Time { return p.clock() }

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
