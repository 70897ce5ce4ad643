package oidc

import (
	"crypto/ecdsa"
	"net/url"
	"slices"
)

// EmailUse says what the provider's addresses are worth.
type EmailUse string

// The uses. Verified takes the provider's word; Always takes an address without
// it; Pending has every address confirmed by us; Never uses none.
const (
	EmailVerified EmailUse = "verified"
	EmailPending  EmailUse = "pending"
	EmailNever    EmailUse = "never"
	EmailAlways   EmailUse = "always"
)

// Options are the operator's choices for one provider. What is empty is the
// preset's.
type Options struct {
	// ID names the provider in the API and in its redirect URI. Preset is one of
	// Presets, or empty for any OpenID Connect provider.
	ID, Preset string
	// Name is for the button.
	Name                           string
	Issuer, ClientID, ClientSecret string
	Scopes                         []string
	// Params are added to the authorization request.
	Params url.Values
	// Audiences are further client ids whose ID tokens are taken. IDTokens takes those
	// for ClientID too.
	Audiences []string
	IDTokens  bool
	// Authority are domains whose addresses are the provider's to give; * is all.
	Authority []string
	Email     EmailUse
	// OnlyDomains are those whose addresses may make an account; none is all.
	OnlyDomains []string
	// Tenants of Microsoft.
	Tenants []string
	// NoSignUp makes no accounts. NonceOptional takes ID tokens without a nonce from
	// apps. Tokens hands out the provider's own tokens.
	NoSignUp, NonceOptional, Tokens bool
	// PKCE and AuthMethod (basic or post) are the preset's where nil or empty.
	PKCE       *bool
	AuthMethod string
	// Apple's key, with which we sign the client secret.
	TeamID, KeyID string
	PrivateKey    *ecdsa.PrivateKey
}

// takesIDTokens reports that apps may bring ID tokens.
func (o *Options) takesIDTokens() bool { return o.IDTokens || len(o.Audiences) > 0 }

// audiences are the client ids whose ID tokens an app may bring.
func (o *Options) audiences() []string { return append([]string{o.ClientID}, o.Audiences...) }

// reserved are the parameters of an authorization request that are ours to set.
var reserved = []string{
	"client_id", "redirect_uri", "response_type", "response_mode", "state", "nonce", "scope",
	"code_challenge", "code_challenge_method", "request", "request_uri", "max_age", "login_hint",
}

// Reserved reports that a parameter is ours to set.
func Reserved(name string) bool { return slices.Contains(reserved, name) }
