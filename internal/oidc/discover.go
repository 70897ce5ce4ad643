package oidc

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// keepDescription is how long a provider's description of itself is believed. An
// older one is used if there is no new one.
const keepDescription = 24 * time.Hour

// metadata is how a provider describes itself (OpenID Connect Discovery, RFC 8414).
type metadata struct {
	Issuer      string   `json:"issuer"`
	Auth        string   `json:"authorization_endpoint"`
	Token       string   `json:"token_endpoint"`
	UserInfo    string   `json:"userinfo_endpoint"`
	JWKS        string   `json:"jwks_uri"`
	Algorithms  []string `json:"id_token_signing_alg_values_supported"`
	AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	SaysIssuer  bool     `json:"authorization_response_iss_parameter_supported"`
}

// description keeps what a provider says of itself, and its keys.
type description struct {
	turn chan struct{} // held by the one who asks
	mu   sync.Mutex
	kept *metadata
	at   time.Time
	keys *keys
}

// describe returns how the provider describes itself. The first who needs it asks
// for it, and the others wait for that.
func (p *Provider) describe(ctx context.Context) (*metadata, error) {
	if p.preset.endpoints != nil {
		about := p.preset.endpoints(p.Issuer)
		return &about, nil
	}
	if kept, fresh := p.about.get(p.around.Now()); fresh {
		return kept, nil
	}
	select {
	case p.about.turn <- struct{}{}:
		defer func() { <-p.about.turn }()
	case <-ctx.Done():
		return nil, &Unavailable{Why: "its description did not come in time"}
	}
	kept, fresh := p.about.get(p.around.Now())
	if fresh { // somebody else was first
		return kept, nil
	}
	if pause := p.down.pause(p.around.Now()); pause > 0 {
		if kept != nil {
			return kept, nil
		}
		return nil, &Unavailable{Why: "it has failed several times", RetryAfter: pause}
	}
	about, err := p.fetch(ctx)
	switch {
	case err == nil:
		p.about.put(about, p.around.Now(), p)
		return about, nil
	case errors.Is(err, ErrBusy):
		return nil, err
	case kept != nil:
		return kept, nil
	}
	return nil, &Unavailable{Why: "its description: " + err.Error(), RetryAfter: p.down.pause(p.around.Now())}
}

func (d *description) get(now time.Time) (kept *metadata, fresh bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.kept, d.kept != nil && now.Sub(d.at) < keepDescription
}

// doubt has the description asked for anew.
func (d *description) doubt() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = time.Time{}
}

func (d *description) put(about *metadata, now time.Time, p *Provider) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil || d.kept.JWKS != about.JWKS {
		d.keys = newKeys(p, about.JWKS)
	}
	d.kept, d.at = about, now
}

// keySet is the provider's keys, once it has described itself.
func (d *description) keySet() *keys {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.keys
}

// fetch asks for the description. Whatever is wrong with it counts as an outage:
// nobody but the provider has a say in it.
func (p *Provider) fetch(ctx context.Context) (*metadata, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTime) // others wait for it too
	defer cancel()
	address := strings.TrimSuffix(p.Issuer, "/") + "/.well-known/openid-configuration"
	if p.preset.configuration != nil {
		address = p.preset.configuration(&p.Options)
	}
	about := new(metadata)
	err := get(ctx, p.http, address, "", about)
	if err == nil {
		err = p.check(about)
	}
	if errors.Is(err, ErrBusy) {
		return nil, err
	}
	if err != nil {
		p.heard("undescribed", true)
		return nil, err
	}
	p.heard("ok", false)
	return about, nil
}

const (
	errIssuer    reason = "the issuer that it names is not the one in the settings"
	errEndpoints reason = "an endpoint is missing, or is not https"
)

// check refuses a description that is of another issuer, or leads elsewhere.
func (p *Provider) check(about *metadata) error {
	if about.Issuer != p.Issuer && !p.describes(about.Issuer) {
		return errIssuer
	}
	for _, endpoint := range []string{about.Auth, about.Token, about.JWKS} {
		if !p.mayAsk(endpoint) {
			return errEndpoints
		}
	}
	if about.UserInfo != "" && !p.mayAsk(about.UserInfo) {
		return errEndpoints
	}
	about.Algorithms = slices.DeleteFunc(about.Algorithms, func(name string) bool { return !slices.Contains(algorithms, name) })
	if len(about.Algorithms) == 0 {
		about.Algorithms = []string{"RS256"}
	}
	return nil
}

// mayAsk reports that an endpoint is https, or at the issuer's own host and port.
func (p *Provider) mayAsk(endpoint string) bool {
	at := hostPort(endpoint)
	return at != "" && (strings.HasPrefix(endpoint, "https://") || strings.HasPrefix(endpoint, "http://") && at == hostPort(p.Issuer))
}
