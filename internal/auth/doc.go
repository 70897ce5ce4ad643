// Package auth decides everything about accounts. It never sees HTTP or
// GraphQL, and it stores data with ent.
//
// # Features
//
// A feature is a file with a struct of the parts that it may use. Service embeds
// all features, and no feature calls another. Each operation is written in the
// order in which it runs: limits, slow hashing, one transaction, answer.
//
//	signup.go          SignUp by address or username
//	confirm.go         Confirm a new account or a new address
//	login.go           Login with a password
//	refresh.go         Refresh: the next refresh token and an access token
//	logout.go          Logout: this session, the others, all
//	reset.go           RequestPasswordReset, ResetPassword
//	account.go         UpdateAccount: password, username; DeleteAccount
//	profilecheck.go    an operator looks for stored values that do not fit any more
//	profile.go         UpdateProfile: what the application keeps of a person, and their language
//	presence.go        Reauthenticate: proof that the owner is present
//	answer.go          AnswerChallenge: the second factor, and the session it begins; redeem.go uses the code up
//	totp.go            AddTotp, ConfirmTotp
//	passkey.go         AddPasskey, ConfirmPasskey
//	passkeylogin.go    StartPasskeyLogin, LoginWithPasskey
//	passkeysignup.go   StartPasskeySignUp, SignUpWithPasskey
//	emaillogin.go      StartEmailLogin
//	providerstart.go   StartProviderLogin, and the way of a browser to a provider and back
//	providerlogin.go   LoginWithProvider
//	idtoken.go         StartIDToken
//	identity.go        Identities, LinkIdentity, UnlinkIdentity
//	factors.go         Factors, RenameFactor, RemoveFactor, SetSecondFactor, MakeRecoveryCodes
//	forgetdevices.go   ForgetDevices
//	activesessions.go  Sessions, RevokeSession
//	apitoken.go        IssueAPIToken, RevokeAPIToken, APITokens
//	exchange.go        Exchange: access tokens for other services
//	operator.go        an operator's work on one account
//	operatorfactors.go an operator removes second factors
//	operatoridentities.go an operator takes identities away, and moves them with their provider
//	operatorroles.go   an operator gives and takes roles
//	accountcreate.go   an account made by an operator
//	accountimport.go   ImportAccounts: accounts from elsewhere
//	accountexport.go   ExportAccounts: all accounts, to go elsewhere
//	accountlist.go     the operator's list of accounts
//	resolve.go         Resolve: the Caller of a bearer
//	signingkeys.go     SigningKeys, RotateKeys, JWKS
//	discard.go         DiscardKeys: new keys after the secret was lost
//	afterrestore.go    AfterRestore: what a backup brings back is ended
//	events.go          Events: reading the audit log
//	cleanup.go         Cleanup of expired rows
//
// # Parts
//
// A part is code that several features need.
//
//	service.go      Service, its options, and wire: what each part and feature may use
//	begin.go        sessions.finish: the last step of every login, and the only way a session begins
//	atonce.go       the same in one statement on PostgreSQL, for a login that needs nothing else
//	role.go         the operator's list of roles, and which of them an account has
//	profilefields.go what is said of a person, checked against the operator's fields
//	userlocale.go   the language of a person, among those that are offered
//	keptprofile.go  keptProfiles: reading what is stored of a person
//	claims.go       claims: what tokens of sessions carry for the application; claimstemplate.go reads the file
//	hook.go         validation: what the application does not want; claimshook.go asks it for claims
//	captcha.go      captchas: forms that want a CAPTCHA
//	placeturns.go   placeTurns: how many questions of one place are asked of others at once
//	newcomer.go     newcomers: the gate that every way to sign up passes
//	proof.go        proofs of a session: their kinds, what is strong, recent and limited
//	challenge.go    challenges: what must still be proved before a session begins
//	offers.go       offers: what an account can prove
//	given.go        the one proof of an input
//	secondfactor.go secondFactors: checking a proof, using it up, turning the second factor on and off
//	forgetproofs.go what sessions have proved by factors that are gone
//	ceremony.go     ceremonies: challenges of passkeys, stored nowhere, used once
//	passkeyproof.go passkeyProofs: checking what a passkey answers, and using it up
//	pendingpasskey.go the passkey of a sign-up that waits, and the challenge that it was made for
//	newpasskey.go   newPasskeys: checking and storing a new passkey
//	recovery.go     recoveryCodes: making and counting them
//	factorlist.go   Factor, and reading them
//	mailcode.go     mailCodes: codes sent by e-mail, bound to who asked
//	newpassword.go  newPasswords: what a reset token changes
//	providervisit.go flows: a visit to a provider, sealed in a URL and a cookie
//	arrival.go      arrivals: what comes back from providers, found and used up; nonce.go is about ID tokens
//	linkrule.go     the rules: what follows from who a provider says it is
//	providersignup.go providerSignUps: accounts of people whom a provider has named
//	linkoffer.go    linkOffers: an account that an identity can be linked with
//	identities.go   identities: reading and writing them
//	waysin.go       waysIn: by what an account can be logged in to
//	evict.go        evictions: who holds the mailbox gets the account
//	wireproviders.go what these parts and features may use
//	trust.go        trusts: browsers that need no second factor
//	reseal.go       keys of authenticator apps, encrypted again after the secret was replaced
//	session.go      sessions: what a session is, ending sessions
//	rotation.go     rotations: the next refresh token, grace time, reuse
//	guess.go        guesses.try: the only way to try a secret
//	limits.go       limits: every limit, in one table
//	factorlimits.go the part of that table about second factors; emaillimits.go, about codes by e-mail; providerlimits.go
//	password.go     proofs: the policy, hashing, the present password
//	hashkinds.go    hashKinds: how much time a wrong password must take
//	candidate.go    candidates: accounts that somebody brings, checked; candidatelookup.go finds those that are there
//	users.go        users: finding accounts, locking them for a transaction
//	address.go      newAddresses: a new address, pending until confirmed
//	token.go        mailed: tokens sent by e-mail: mint, find, redeem
//	letter.go       letters: every e-mail, and how many may be sent
//	audit.go        events: every event that is recorded
//	device.go       devices: browsers known from an earlier login
//	holder.go       holders: who holds a token; cache.go keeps it in memory, uses.go notes last uses
//	caller.go       Caller, and what a browser keeps
//	identifier.go   addresses, usernames and names in canonical form
//	errors.go       every error a client can be told
//	run.go          the background work
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
//	      signUp by username, loginWithProvider
//
// A pending sign-up is not an account. It is only a token with its own password
// hash, or its own passkey and the id of the account to be. An address may have several; the first one that is confirmed voids the
// others. An active account has an address, a username or both. It may have no
// password. Then every password is wrong, after the same work; its owner logs in with
// a passkey or a provider, proves presence by it, and sets a first password in a recent session.
//
// An account that a provider vouches for has its address at once, but nobody has proved
// the mailbox to us: confirmedAt is null. Until somebody proves it, that proof is the
// strongest: see evict.go.
//
// After a change of address the new address is pending and the old one stays valid, until the token
// that was sent to the new one is used.
//
// # Purposes of a token
//
// Every token is a row of user_tokens. It is valid for one purpose and stored as a
// digest.
//
//	confirm         sent by e-mail; makes the account; CONFIRM_TTL; works once
//	change_email    sent by e-mail; makes the pending address the account's; CONFIRM_TTL; once
//	reset_password  sent by e-mail; sets a new password; RESET_TTL, or CONFIRM_TTL if an operator made the account; once
//	session         a refresh token; REFRESH_TTL from each refresh, SESSION_TTL at most
//	api             an API token; API_TOKEN_TTL at most; until it is revoked
//	challenge       what is still to be proved after the password; CHALLENGE_TTL; works once
//	recovery_code   a second factor on paper; does not expire; works once
//	trusted_device  a browser that needs no second factor; TRUSTED_DEVICE_TTL
//	email_login     goes with a code sent by e-mail; EMAIL_CODE_TTL; works once
//	provider        what a provider said; two minutes; works once, with the front end's verifier
//	link            an offer to link an identity; 15 min; works once
//	spent           no token: the digest of a passkey's challenge that was answered
//
// What ends tokens: a reset ends all tokens of the account except recovery codes.
// A change of password ends the mailed tokens, challenges, trusted browsers and the
// other sessions. A change of factors ends trusted browsers; without a factor the
// recovery codes end too. Nothing ends what is spent before it expires. A change of address ends the mailed tokens, challenges
// and every session except the one that asked. Disabling ends the mailed tokens,
// challenges and the sessions; API tokens do not work until the account is enabled again.
package auth
