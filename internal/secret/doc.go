// Package secret makes and reads what must not be guessed: the opaque tokens
// that people and programs hold, and the keys that derive from the one secret
// of the installation.
//
//	root.go     the secret itself, the keys derived from it
//	strength.go which secrets are refused
//	seal.go     encryption at rest, bound to where the value is kept
//	mac.go      authentication of values that travel through a client
//	mailed.go   tokens in letters: confirm, change of address, reset
//	api.go      API tokens (agt_…)
//	refresh.go  refresh tokens of sessions (agr_…)
//
// A parser here answers from the text alone, so that junk never costs a query;
// what it accepts is well formed, not yet valid. Each kind of token has exactly
// one spelling.
//
// The package must not know of databases, accounts, lifetimes or HTTP. Nothing
// in it puts a secret, a token or a digest into an error.
package secret
