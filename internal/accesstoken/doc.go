// Package accesstoken issues and verifies access tokens: JWTs in the profile of
// RFC 9068, signed with keys that rotate and whose public parts are published as
// a JWK Set.
//
//	algorithm.go the four algorithms
//	policy.go    which keys are fit to be used
//	key.go       a signing key: generate, store, read back
//	jwk.go       keys as JSON: read (strictly) and published
//	keyset.go    keys that check signatures, and the JWS layer
//	strict.go    base64url and JSON with one reading only
//	claims.go    what a token says, and which claims are refused
//	keyring.go   which key signs, which ones are published
//	authority.go issue, verify, remember what was verified
//
// A token is verified against the one algorithm that is configured, whatever its
// header says, and against claims that must all be there. The cryptography is
// golang-jwt's; reading the token is not left to it, because it accepts what has
// two readings (duplicate members, line breaks in base64), does not look at
// "typ", "crit" and foreign parameters, and fills the claims of tokens that it
// refuses.
//
// The package must not know of databases, HTTP, sealing or accounts. A token
// that verifies was issued by us and has not expired; whether its session or API
// token still stands is for the caller to ask. No error quotes a token.
package accesstoken
