// Package auth decides everything about accounts. It never sees HTTP or
// GraphQL, and stores through ent. Each flow is a file, and reads top to
// bottom as it runs: limits, slow hashing, one transaction, answer.
//
//	signup.go      SignUp by address or username
//	confirm.go     Confirm a new account or a new address
//	login.go       Login with a password
//	refresh.go     Refresh: rotation, grace, reuse
//	logout.go      Logout: this session, the others, all
//	reset.go       RequestPasswordReset, ResetPassword
//	account.go     UpdateAccount: password, username; DeleteAccount
//	address.go     UpdateAccount: a new address, pending until confirmed
//	presence.go    Reauthenticate: proof that the owner is present
//	session.go     startSession: every way a session begins; Sessions, RevokeSession
//	apitoken.go    IssueAPIToken, RevokeAPIToken, APITokens
//	exchange.go    Exchange: access tokens for other services
//	operator.go    what the operator's commands do to accounts
//	resolve.go     Resolve: from a bearer to the Caller
//	cache.go       who holds a token, kept until something changes
//
//	service.go     Service, its options
//	caller.go      Caller, and what a browser keeps
//	errors.go      every error a client can be told
//	limits.go      every throttle
//	identifier.go  addresses, usernames and names in canonical form
//	password.go    the policy, and checks of passwords
//	token.go       mailed tokens: mint, find, redeem
//	letter.go      every letter
//	audit.go       every event that is recorded
//	keys.go        signing keys in the database
//	keyload.go     which of them are in use, read again when they may have changed
//	rotate.go      new signing keys, by age or by command
//	events.go      reading what was recorded
//	uses.go        last uses, in batches
//	device.go      browsers known from an earlier login
//	cleanup.go     expired rows
package auth
