package oidc

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"golang.org/x/oauth2"
)

// Set is the providers that there are, in the operator's order.
type Set struct {
	list []*Provider
	// Returns are where browsers may come back to.
	Returns ReturnURLs
	start   func(flow string) string
}

// Surroundings are what all providers share.
type Surroundings struct {
	// RedirectURL is where a provider sends its answer.
	RedirectURL func(id string) string
	// StartURL is the page of ours that begins a visit.
	StartURL func(flow string) string
	Now      func() time.Time
	// Observe is told of each request to a provider, and what came of it; nil: nobody
	// is.
	Observe func(provider, result string)
}

// NewSet makes the providers. Nobody is asked anything before somebody logs in.
func NewSet(list []Options, returns ReturnURLs, s Surroundings) *Set {
	set := &Set{Returns: returns, start: s.StartURL}
	for _, o := range list {
		set.list = append(set.list, newProvider(o, s))
	}
	return set
}

// All lists the providers. A nil Set has none.
func (s *Set) All() []*Provider {
	if s == nil {
		return nil
	}
	return s.list
}

// Get is the provider of an id, or nil.
func (s *Set) Get(id string) *Provider {
	for _, p := range s.All() {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// StartURL is the page of ours that begins a visit.
func (s *Set) StartURL(flow string) string { return s.start(flow) }

// Issues reports that one of the providers can say who an issuer's people are.
func (s *Set) Issues(issuer string) bool {
	return slices.ContainsFunc(s.All(), func(p *Provider) bool { return p.Issues(issuer) })
}

// Provider is one site that says who somebody is. It is safe for use by many
// goroutines.
type Provider struct {
	Options
	addressRules
	preset *preset
	around Surroundings
	http   *http.Client
	down   breaker
	about  description
}

func newProvider(o Options, s Surroundings) *Provider {
	row, ok := presets[o.Preset]
	if !ok {
		row = presets[anyProvider]
	}
	o.Issuer = cmp.Or(o.Issuer, row.issuer)
	o.Name = cmp.Or(o.Name, row.name, o.ID)
	if len(o.Scopes) == 0 {
		o.Scopes = row.scopes
	}
	if row.profile == nil && !slices.Contains(o.Scopes, "openid") {
		o.Scopes = append([]string{"openid"}, o.Scopes...)
	}
	rules := addressRules{authorityFor: o.Authority, onlyDomains: o.OnlyDomains, use: cmp.Or(o.Email, row.email), gives: row.authority}
	p := &Provider{Options: o, addressRules: rules, preset: row, around: s, http: newClient(o.Issuer)}
	p.about.turn = make(chan struct{}, 1)
	return p
}

// Issues reports that the provider can say who an issuer's people are.
func (p *Provider) Issues(issuer string) bool {
	if p.preset.sameIssuer != nil {
		return p.preset.sameIssuer(&p.Options, issuer)
	}
	return issuer == p.Issuer
}

// OpenID reports that the provider has ID tokens.
func (p *Provider) OpenID() bool { return p.preset.profile == nil }

// SDKClientID is what the provider's own SDK needs; empty if ID tokens of apps are
// not taken.
func (p *Provider) SDKClientID() string {
	if !p.OpenID() || !p.takesIDTokens() {
		return ""
	}
	return p.ClientID
}

// Visit is one way of a browser to the provider and back.
type Visit struct {
	State, Nonce, Verifier string
	// Hint is the address to fill in. Fresh asks the provider to ask the person anew.
	Hint  string
	Fresh bool
}

// Address is where to send the browser. It may have to ask the provider first how
// it describes itself.
func (p *Provider) Address(ctx context.Context, v Visit) (string, error) {
	about, err := p.describe(ctx)
	if err != nil {
		return "", err
	}
	var more []oauth2.AuthCodeOption
	set := func(name, value string) { more = append(more, oauth2.SetAuthURLParam(name, value)) }
	for name, values := range p.Params {
		set(name, values[0])
	}
	if p.pkce() {
		more = append(more, oauth2.S256ChallengeOption(v.Verifier))
	}
	if p.OpenID() {
		set("nonce", v.Nonce)
		if v.Fresh {
			set("max_age", "0")
		}
	}
	if p.preset.formPost {
		set("response_mode", "form_post")
	}
	if v.Hint != "" {
		set("login_hint", v.Hint)
	}
	return p.oauth(about, "").AuthCodeURL(v.State, more...), nil
}

// Ready reports that the provider can be asked, as far as is known: it has described
// itself, and is not left alone for failing.
func (p *Provider) Ready(ctx context.Context) error {
	if pause := p.down.pause(p.around.Now()); pause > 0 {
		return &Unavailable{Why: "it has failed several times", RetryAfter: pause}
	}
	_, err := p.describe(ctx)
	return err
}

// Paused reports that the provider is not asked for a while.
func (p *Provider) Paused() bool { return p.down.pause(p.around.Now()) > 0 }

func (p *Provider) pkce() bool {
	if p.PKCE != nil {
		return *p.PKCE
	}
	return !p.preset.noPKCE
}

// oauth is the client for x/oauth2. The way to prove who we are is always said: it
// would send the code twice to find out.
func (p *Provider) oauth(about *metadata, secret string) *oauth2.Config {
	style := oauth2.AuthStyleInHeader
	method := cmp.Or(p.AuthMethod, p.preset.authMethod)
	if method == "post" || method == "" && !slices.Contains(about.AuthMethods, "client_secret_basic") && slices.Contains(about.AuthMethods, "client_secret_post") {
		style = oauth2.AuthStyleInParams
	}
	if secret == "" { // a public client says who it is, and proves nothing
		style = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: secret, Scopes: p.Scopes, RedirectURL: p.around.RedirectURL(p.ID),
		Endpoint: oauth2.Endpoint{AuthURL: about.Auth, TokenURL: about.Token, AuthStyle: style},
	}
}

// Answer is what came back with the browser.
type Answer struct {
	Code string
	// Issuer is the parameter iss, and User what Apple says of a person the first time.
	Issuer, User string
	Visit
}

// CheckIssuer refuses the answer of another provider (RFC 9207). It is asked before
// anything is sent to this one.
func (p *Provider) CheckIssuer(ctx context.Context, issuer string) error {
	if !p.OpenID() {
		if issuer == "" || issuer == p.Issuer || issuer == p.Issuer+"/login/oauth" {
			return nil
		}
		return unusable("it is the answer of another issuer")
	}
	about, err := p.describe(ctx)
	switch {
	case err != nil:
		return err
	case issuer == "" && about.SaysIssuer:
		return unusable("the issuer is missing, which the provider promises to name")
	case issuer != "" && !p.Issues(issuer) && issuer != about.Issuer && !slices.Contains(p.preset.aliases, issuer):
		return unusable("it is the answer of another issuer")
	}
	return nil
}

// Exchange asks the provider who the code is about. Tokens are nil unless the
// operator wants them.
func (p *Provider) Exchange(ctx context.Context, a Answer) (*Identity, *Tokens, error) {
	about, err := p.describe(ctx)
	if err != nil {
		return nil, nil, err
	}
	token, err := p.redeem(ctx, about, a)
	if err != nil {
		return nil, nil, err
	}
	var identity *Identity
	if p.OpenID() {
		identity, err = verifier{p, about}.ofCode(ctx, token, a)
	} else {
		identity, err = p.preset.profile(ctx, p, token.AccessToken)
	}
	if err != nil {
		return nil, nil, err
	}
	if identity.Name == "" && p.preset.formPost {
		identity.Name = appleName(a.User)
	}
	if !p.Tokens {
		return identity, nil, nil
	}
	return identity, &Tokens{Access: token.AccessToken, Refresh: token.RefreshToken, ExpiresIn: max(0, int(token.ExpiresIn))}, nil
}

// redeem trades the code for tokens, once.
func (p *Provider) redeem(ctx context.Context, about *metadata, a Answer) (*oauth2.Token, error) {
	secret := p.ClientSecret
	if p.preset.secret != nil && p.PrivateKey != nil {
		var err error
		if secret, err = p.preset.secret(p); err != nil {
			return nil, err
		}
	}
	var more []oauth2.AuthCodeOption
	if p.pkce() {
		more = append(more, oauth2.VerifierOption(a.Verifier))
	}
	token, err := p.oauth(about, secret).Exchange(context.WithValue(ctx, oauth2.HTTPClient, p.http), a.Code, more...)
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		p.heard("refused", false)
		return nil, unusable("the token endpoint refuses the code: %s", known(refused.ErrorCode))
	}
	if _, unsent := errors.AsType[*url.Error](err); err != nil && !unsent { // x/oauth2 quotes what it cannot read
		p.heard("unusable", false)
		return nil, unusable("the token endpoint's answer cannot be read")
	}
	if err != nil {
		return nil, p.doubted("the token endpoint", err)
	}
	p.heard("ok", false)
	return token, nil
}

// doubted is failed for a request in which a stranger has a say. That there was no
// answer can be their doing, so it is no outage yet: the next visit asks the provider
// to describe itself anew, and finds out.
func (p *Provider) doubted(what string, err error) error {
	err = bare(err)
	if !errors.Is(err, errSlow) && !errors.Is(err, errNoAnswer) {
		return p.failed(what, err)
	}
	p.about.doubt()
	if p.around.Observe != nil {
		p.around.Observe(p.ID, "unreachable")
	}
	return &Unavailable{Why: what + ": " + err.Error(), RetryAfter: p.down.pause(p.around.Now())}
}

// failed says what an error of a request means. Only what did not answer at all
// counts as an outage.
func (p *Provider) failed(what string, err error) error {
	switch err = bare(err); {
	case errors.Is(err, ErrBusy):
		return ErrBusy
	case errors.Is(err, errSlow), errors.Is(err, errNoAnswer):
		p.heard("unreachable", true)
		return &Unavailable{Why: what + ": " + err.Error(), RetryAfter: p.down.pause(p.around.Now())}
	}
	p.heard("unusable", false)
	return unusable("%s: %v", what, err)
}

// heard notes what came of a request.
func (p *Provider) heard(result string, outage bool) {
	p.down.note(outage, p.around.Now())
	if p.around.Observe != nil {
		p.around.Observe(p.ID, result)
	}
}
