package oidc

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
)

// A preset is all that is special about a provider. What no field can say is a
// function.
type preset struct {
	name string
	// issuer names the identities. Where it is fixed, the setting ISSUER has no say.
	issuer string
	choice bool
	scopes []string
	email  EmailUse
	// noPKCE leaves PKCE out: the provider does not promise to take it. The nonce
	// binds the answer then.
	noPKCE bool
	// authMethod is how we prove to the token endpoint who we are; empty: as the
	// provider's description says.
	authMethod string
	// formPost asks for the answer by POST. noUserinfo: there is no such endpoint.
	formPost, noUserinfo bool
	// looseBools: the provider writes booleans as texts.
	looseBools bool
	// aliases are other ways in which the provider writes its issuer.
	aliases []string
	// authority says which addresses are the provider's to give.
	authority func(i *Identity, domain string) bool
	// endpoints and profile are of a provider without OpenID Connect: where it is
	// asked, and who its access token belongs to.
	endpoints func(issuer string) metadata
	profile   func(ctx context.Context, p *Provider, access string) (*Identity, error)
	// configuration is where the provider describes itself, and sameIssuer whether an
	// issuer is the one that was configured, where that is not a matter of equal texts.
	configuration func(o *Options) string
	sameIssuer    func(o *Options, issuer string) bool
	// identity reads who it is, where that is not the claim sub.
	identity func(p *Provider, c claims, i *Identity) error
	// secret makes the client secret; nil: it is the setting.
	secret func(p *Provider) (string, error)
}

const anyProvider = ""

// presets are the providers known by name. The first is for every other one.
var presets = map[string]*preset{
	anyProvider: {choice: true, scopes: []string{"openid", "email", "profile"}, email: EmailPending},
	"google": {
		name: "Google", issuer: "https://accounts.google.com", aliases: []string{"accounts.google.com"},
		scopes: []string{"openid", "email", "profile"}, email: EmailVerified, authMethod: "post", authority: googleAuthority,
	},
	"apple": {
		name: "Apple", issuer: "https://appleid.apple.com", scopes: []string{"openid", "email", "name"}, email: EmailVerified,
		noPKCE: true, authMethod: "post", formPost: true, noUserinfo: true, looseBools: true, authority: appleAuthority, secret: appleSecret,
	},
	"microsoft": {
		name: "Microsoft", issuer: "https://login.microsoftonline.com", choice: true, scopes: []string{"openid", "email", "profile"}, email: EmailNever,
		authMethod: "post", noUserinfo: true, configuration: microsoftConfiguration, sameIssuer: microsoftIssuer, identity: microsoftIdentity,
	},
	"gitlab": {name: "GitLab", issuer: "https://gitlab.com", choice: true, scopes: []string{"openid", "email", "profile"}, email: EmailVerified},
	"github": {
		name: "GitHub", issuer: "https://github.com", choice: true, scopes: []string{"read:user", "user:email"}, email: EmailVerified,
		authMethod: "post", endpoints: githubEndpoints, profile: githubProfile,
	},
	"discord": {
		name: "Discord", issuer: "https://discord.com", scopes: []string{"identify", "email"}, email: EmailVerified,
		authMethod: "post", endpoints: discordEndpoints, profile: discordProfile,
	},
}

// Presets are the providers that are known by name.
func Presets() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(presets)), func(name string) bool { return name == anyProvider })
}

// Preset is what settings must know of a preset.
type Preset struct {
	// Issuer is its own; empty if the operator must name one. Choice says that another
	// one may be named.
	Issuer string
	Choice bool
	// OpenID says that it has ID tokens.
	OpenID bool
	Email  EmailUse
}

// PresetOf describes a preset. Any name that is none stands for an OpenID Connect
// provider of one's own.
func PresetOf(name string) Preset {
	p, ok := presets[name]
	if !ok {
		p = presets[anyProvider]
	}
	return Preset{Issuer: p.issuer, Choice: p.choice, OpenID: p.profile == nil, Email: p.email}
}

// claims are what a provider says of somebody, each as it was written. Names are
// exact: encoding/json would take EMAIL for email.
type claims map[string]json.RawMessage

// text is a claim that is a text; empty if it is none.
func (c claims) text(name string) string {
	var s string
	if json.Unmarshal(c[name], &s) != nil {
		return ""
	}
	return s
}

// yes reports that a claim is true. loose takes "true" for it as well.
func (c claims) yes(name string, loose bool) bool {
	var b bool
	if json.Unmarshal(c[name], &b) == nil && string(c[name]) != "null" {
		return b
	}
	return loose && c.text(name) == "true"
}

// number is a claim that is a number, and whether there is one.
func (c claims) number(name string) (int64, bool) {
	var f float64
	if c[name] == nil || string(c[name]) == "null" || json.Unmarshal(c[name], &f) != nil || f < 0 || f > 1<<53 {
		return 0, false
	}
	return int64(f), true
}
