// Package password turns passwords into stored hashes, verifies them, and says
// which passwords are refused.
//
//	hasher.go   Hash, Verify, and the same work for an account that is not there
//	scheme.go   the algorithm and its work factors, as the operator writes them
//	derive.go   the algorithms themselves
//	stored.go   the text of a stored hash: PHC strings and bcrypt's own
//	adopt.go    hashes of other programs, on their way in
//	wrapped.go  hashes of hashes
//	pepper.go   keys outside the database that stored hashes depend on
//	pool.go     how many hashes run and wait at a time
//	policy.go   length and the commonest passwords (see package blocklist)
//
// A password is used exactly as it was received: nothing is trimmed, folded,
// normalised or cut.
//
// The package must not know of accounts, databases, settings or HTTP. No
// password, salt or hash is ever part of an error.
package password
