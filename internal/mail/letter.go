package mail

import "time"

// The letters. Each name is also that of its two templates, NAME.txt and
// NAME.html.
const (
	// Confirm asks the owner of an address to confirm a sign-up.
	Confirm = "confirm"
	// ChangeEmail asks the owner of an address to confirm it as the new
	// address of an account.
	ChangeEmail = "change_email"
	// ResetPassword lets the owner of an account set a new password.
	ResetPassword = "reset_password"
	// AccountCreated lets the owner of an account that an operator made choose its
	// password.
	AccountCreated = "account_created"
	// AlreadyRegistered answers a sign-up with, or a change to, an address
	// that has an account. It goes where Confirm or ChangeEmail would go, so
	// that only the owner learns of the account.
	AlreadyRegistered = "already_registered"

	// PasswordChanged tells that the password was changed by its owner.
	PasswordChanged = "password_changed"
	// PasswordAdded tells that an account without a password got one.
	PasswordAdded = "password_added"
	// PasswordReset tells that the password was set anew by a reset letter.
	PasswordReset = "password_reset"
	// EmailChanging tells the present address that a change was asked for.
	EmailChanging = "email_changing"
	// EmailChanged tells the former address that the account has left it.
	EmailChanged = "email_changed"
	// UsernameChanged tells the new username.
	UsernameChanged = "username_changed"
	// APITokenIssued tells of a new API token.
	APITokenIssued = "api_token_issued"
	// APITokenRevoked tells that an API token was ended by its owner.
	APITokenRevoked = "api_token_revoked"
	// AccountLocked tells that strangers guess at the password.
	AccountLocked = "account_locked"
	// AccountDeleted is the last letter an account gets.
	AccountDeleted = "account_deleted"
	// NewSignIn tells of a login from a device not seen before.
	NewSignIn = "new_sign_in"

	// FactorAdded tells of a new second factor, or that one is asked for from now on.
	FactorAdded = "factor_added"
	// FactorRemoved tells that one was removed, or is asked for no more.
	FactorRemoved = "factor_removed"
	// RecoveryCodesMade tells of new recovery codes.
	RecoveryCodesMade = "recovery_codes_made"
	// RecoveryCodeUsed tells that one was used, and how many are left.
	RecoveryCodeUsed = "recovery_code_used"
	// FactorGuessed tells that somebody who knows the password guesses at codes.
	FactorGuessed = "factor_guessed"
	// FactorGuessedByMail tells the same of somebody who reads the e-mails.
	FactorGuessedByMail = "factor_guessed_by_mail"
	// FactorGuessedByProvider tells the same of somebody who logs in by a provider.
	FactorGuessedByProvider = "factor_guessed_by_provider"
	// FactorGuessedWithin tells that somebody who is logged in guesses at codes.
	FactorGuessedWithin = "factor_guessed_within"
	// FactorsReset tells that an operator removed second factors.
	FactorsReset = "factors_reset"

	// LoginCode lets the owner of an account log in, or prove to be present, in the
	// browser that asked for it. Its token is the code.
	LoginCode = "login_code"
	// LoginCodeGuessed tells that strangers guess at such codes.
	LoginCodeGuessed = "login_code_guessed"

	// PasskeyAdded tells of a new passkey, and PasskeyRemoved that one was removed.
	PasskeyAdded   = "passkey_added"
	PasskeyRemoved = "passkey_removed"
	// PasskeyRefused tells that there may be a copy of one.
	PasskeyRefused = "passkey_refused"

	// SignedUp tells the owner of an address that an account was made with it, on the
	// word of a provider.
	SignedUp = "signed_up"
	// IdentityLinked tells that an account elsewhere logs in from now on, and
	// IdentityUnlinked that one does no more.
	IdentityLinked   = "identity_linked"
	IdentityUnlinked = "identity_unlinked"
)

// Letter is what a letter tells. It waits in the outbox as JSON and holds no
// secret: the token travels beside it. Fields a letter has no use for stay
// empty. Text in it may come from anyone; the Renderer makes it harmless.
type Letter struct {
	// At is when the thing was asked for or happened. Required; it is also
	// the Date of the mail, so that it does not change when sending is
	// repeated.
	At time.Time `json:"at"`
	// Locale is the language of its reader, a BCP 47 tag; empty for the default.
	Locale string `json:"locale,omitempty"`
	// IP is the address it came from; empty when an operator did it.
	IP string `json:"ip,omitempty"`
	// UserAgent is the header as it came. Readers see a few words of ours
	// instead, such as "Firefox on Linux".
	UserAgent string `json:"userAgent,omitempty"`
	// DeviceName is what the client called the device (NewSignIn).
	DeviceName string `json:"deviceName,omitempty"`
	// Username is the account's, where it has one. In UsernameChanged it is
	// the new one.
	Username string `json:"username,omitempty"`
	// Email is the new address (EmailChanging, EmailChanged).
	Email string `json:"email,omitempty"`
	// TokenName is the owner's name for an API token.
	TokenName string `json:"tokenName,omitempty"`
	// FactorName is the owner's name for a factor; CodesLeft is how many recovery
	// codes there still are.
	FactorName string `json:"factorName,omitempty"`
	CodesLeft  int    `json:"codesLeft,omitempty"`
	// Providers are the names of the providers that it is about, or that log in to the
	// account (AlreadyRegistered, ResetPassword, PasswordReset), with commas in between.
	Providers string `json:"providers,omitempty"`
	// ExpiresAt is when the letter's token, or the API token it tells of, ends.
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
}

// Names lists every letter there is.
func Names() []string {
	return []string{
		Confirm, ChangeEmail, ResetPassword, AccountCreated, AlreadyRegistered,
		PasswordChanged, PasswordAdded, PasswordReset, EmailChanging, EmailChanged, UsernameChanged,
		APITokenIssued, APITokenRevoked, AccountLocked, AccountDeleted, NewSignIn,
		FactorAdded, FactorRemoved, RecoveryCodesMade, RecoveryCodeUsed, FactorGuessed, FactorGuessedByMail, FactorGuessedByProvider, FactorGuessedWithin, FactorsReset,
		PasskeyAdded, PasskeyRemoved, PasskeyRefused, LoginCode, LoginCodeGuessed, SignedUp, IdentityLinked, IdentityUnlinked,
	}
}

// HasToken reports whether the letter carries a token, and with it a link.
func HasToken(name string) bool {
	return name == Confirm || name == ChangeEmail || name == ResetPassword || name == AccountCreated || name == LoginCode
}
