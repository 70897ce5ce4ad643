// Package auth decides everything about accounts. It never sees HTTP or
// GraphQL, and stores through ent.
//
// # Features
//
// A feature is a file with a struct of the parts it may touch. Service embeds
// all of them, and no feature calls another. Each operation reads top to bottom
// as it runs: limits, slow hashing, one transaction, answer.
//
//	signup.go          SignUp by address or username
//	confirm.go         Confirm a new account or a new address
//	login.go           Login with a password
//	refresh.go         Refresh: the next refresh token and an access token
//	logout.go          Logout: this session, the others, all
//	reset.go           RequestPasswordReset, ResetPassword
//	account.go         UpdateAccount: password, username; DeleteAccount
//	address.go         UpdateAccount: a new address, pending until confirmed
//	presence.go        Reauthenticate: proof that the owner is present
//	activesessions.go  Sessions, RevokeSession
//	apitoken.go        IssueAPIToken, RevokeAPIToken, APITokens
//	exchange.go        Exchange: access tokens for other services
//	operator.go        what an operator does to an account
//	accountcreate.go   an account that an operator makes
//	accountlist.go     the operator's list of accounts
//	resolve.go         Resolve: from a bearer to the Caller
//	signingkeys.go     SigningKeys, RotateKeys, JWKS
//	discard.go         DiscardKeys: after the secret was lost
//	events.go          Events: reading what was recorded
//	cleanup.go         Cleanup of expired rows
//
// # Parts
//
// A part is what several features need.
//
//	service.go     Service, its options, and wire: what each part and feature may touch
//	begin.go       sessions.finish: the end of every step, and the one way a session begins
//	session.go     sessions: what one is, ending them
//	rotation.go    rotations: a refresh token's successor, grace, reuse
//	guess.go       guesses.try: the one way to try a secret
//	limits.go      limits: every throttle, in one table
//	password.go    proofs: the policy, hashing, the present password
//	hashkinds.go   hashKinds: what a wrong password must cost
//	users.go       users: finding accounts, locking them for a transaction
//	token.go       mailed: tokens that go out by mail: mint, find, redeem
//	letter.go      letters: every letter, and how many may go out
//	audit.go       events: every event that is recorded
//	device.go      devices: browsers known from an earlier login
//	holder.go      holders: who holds a token; cache.go keeps it, uses.go notes last uses
//	caller.go      Caller, and what a browser keeps
//	identifier.go  addresses, usernames and names in canonical form
//	errors.go      every error a client can be told
//	run.go         what runs beside the operations
//
// # States of an account
//
//	             signUp            confirm
//	(nothing) ------------> pending -------> active <----> disabled
//	    |       by address     |  CONFIRM_TTL   |   operator   |
//	    |                      v                |              |
//	    |                  (nothing)            v              v
//	    |                               deleted, and all that belongs to it
//	    +--------------------------------> active
//	      signUp by username
//
// A pending sign-up is no account, only a token with its own password hash;
// there may be several for an address, and the first to be confirmed voids the
// others. An active account has an address, a username or both. It may have no
// password: then no password opens it, after the same work. A change of address
// is a pending address beside the confirmed one, until its own letter is used.
//
// # Purposes of a token
//
// Everything that somebody can hold is a row of user_tokens, good for its
// purpose only, and stored as a digest.
//
//	confirm         in a letter; makes the account; CONFIRM_TTL; works once
//	change_email    in a letter; makes the pending address the account's; CONFIRM_TTL; once
//	reset_password  in a letter; sets a new password; RESET_TTL, or CONFIRM_TTL where an operator made the account; once
//	session         a refresh token; REFRESH_TTL from each refresh, SESSION_TTL at most
//	api             an API token; API_TOKEN_TTL at most; until it is revoked
//
// What ends them: a reset ends all of the account's. A change of password ends
// the mailed ones and the other sessions. A change of address ends the mailed
// ones and every session but the one that asked. Disabling ends the mailed ones
// and the sessions, and API tokens rest until the account is enabled.
package auth
