// Package oidc asks other sites who somebody is: by OpenID Connect, and by OAuth
// 2.0 where a provider has no more than that. It wraps go-oidc and x/oauth2, and
// adds the checks that they leave to their callers.
//
//	provider.go   Provider: where to send a browser, what its answer says
//	options.go    the operator's choices for one provider
//	identity.go   Identity: who it is, and what the provider's word on an address is worth
//	preset.go     one row for each provider that is known by name
//	github.go apple.go microsoft.go discord.go   what a row cannot say
//	discover.go   the provider's own description: fetched when needed, kept, bounded
//	keys.go       its keys, fetched at most once in ten seconds
//	token.go      the rules for ID tokens
//	client.go     the HTTP client: small answers, no redirects, public addresses only
//	breaker.go    a provider that is down is not asked again and again
//	returnurl.go  where a browser may come back to
//	failure.go    Denied, Unavailable, Unusable, ErrBusy
//
// The package knows no account and no database. What an identity opens is decided
// in auth. No error holds anything that a provider has sent: its answers may hold
// codes and tokens.
package oidc
