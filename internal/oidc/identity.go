package oidc

import (
	"slices"
	"strings"
	"time"
)

// Identity is who somebody is at a provider. Issuer and Subject together name them;
// everything else is what the provider says of them now.
type Identity struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"`
	// Email is as the provider wrote it; empty if there is none. Verified is the
	// provider's word that the person reads its e-mails.
	Email    string `json:"email,omitempty"`
	Verified bool   `json:"verified,omitempty"`
	Name     string `json:"name,omitempty"`
	// Hosted is the domain of the organisation that the account belongs to (Google).
	Hosted string `json:"hosted,omitempty"`
	// AuthTime is when they last logged in there; zero if it is not told.
	AuthTime time.Time `json:"authTime,omitzero"`
}

// Tokens are the provider's own, for its API.
type Tokens struct {
	Access  string `json:"access"`
	Refresh string `json:"refresh,omitempty"`
	// ExpiresIn is in seconds; 0 if it is not told.
	ExpiresIn int `json:"expiresIn,omitempty"`
}

// addressRules say what the provider's word on an address is worth.
type addressRules struct {
	authorityFor, onlyDomains []string
	use                       EmailUse
	gives                     func(i *Identity, domain string) bool
}

// UsesEmail reports that the provider's addresses are used at all.
func (r *addressRules) UsesEmail() bool { return r.use != EmailNever }

// Vouches reports that the provider's word on this address is taken. domain is that
// of the address in canonical form.
func (r *addressRules) Vouches(i *Identity, domain string) bool {
	switch r.use {
	case EmailAlways:
		return true
	case EmailNever:
		return false
	case EmailVerified:
		return i.Verified
	}
	return i.Verified && r.isAuthorityFor(domain)
}

// Decides reports that the provider is the authority for this address: it does not
// only know who reads its e-mails, it gives the address to people.
func (r *addressRules) Decides(i *Identity, domain string) bool {
	if !r.Vouches(i, domain) {
		return false
	}
	return r.isAuthorityFor(domain) || r.gives != nil && i.Verified && r.gives(i, domain)
}

func (r *addressRules) isAuthorityFor(domain string) bool {
	return slices.Contains(r.authorityFor, "*") || slices.Contains(r.authorityFor, domain)
}

// Admits reports that somebody with this address may get an account. vouched says
// that the provider's word on it is taken.
func (r *addressRules) Admits(domain string, vouched bool) bool {
	return len(r.onlyDomains) == 0 || vouched && slices.Contains(r.onlyDomains, domain)
}

// googleAuthority is what Google gives: its own addresses, and those of
// organisations that are its customers.
func googleAuthority(i *Identity, domain string) bool {
	return domain == "gmail.com" || i.Hosted != "" && strings.EqualFold(i.Hosted, domain)
}

// appleAuthority is what Apple gives: its own addresses, and its relay.
func appleAuthority(_ *Identity, domain string) bool {
	return domain == "icloud.com" || domain == "privaterelay.appleid.com"
}
