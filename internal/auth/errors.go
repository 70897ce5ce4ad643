package auth

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Code says what is wrong, for programs. A test keeps the codes equal to the
// two enums of the schema.
type Code string

// Codes that the person at the form can act on: enum AuthErrorCode.
const (
	Required           Code = "REQUIRED"
	Invalid            Code = "INVALID"
	TooLong            Code = "TOO_LONG"
	Taken              Code = "TAKEN"
	InvalidCredentials Code = "INVALID_CREDENTIALS"
	Disabled           Code = "DISABLED"
	PasswordTooShort   Code = "PASSWORD_TOO_SHORT"
	PasswordTooCommon  Code = "PASSWORD_TOO_COMMON"
	InvalidToken       Code = "INVALID_TOKEN"
	InvalidScope       Code = "INVALID_SCOPE"
	LimitReached       Code = "LIMIT_REACHED"
	NotFound           Code = "NOT_FOUND"
	RateLimited        Code = "RATE_LIMITED"
	NotOffered         Code = "NOT_OFFERED"
	InvalidCode        Code = "INVALID_CODE"
	FactorNeeded       Code = "FACTOR_NEEDED"
	Rejected           Code = "REJECTED"
	CaptchaFailed      Code = "CAPTCHA_FAILED"
	LastWayIn          Code = "LAST_WAY_IN"

	ProviderDenied      Code = "PROVIDER_DENIED"
	ProviderFailed      Code = "PROVIDER_FAILED"
	ProviderUnavailable Code = "PROVIDER_UNAVAILABLE"
	IdentityTaken       Code = "IDENTITY_TAKEN"
	NoAccount           Code = "NO_ACCOUNT"
)

// Codes for the client program and the operator. They are the part of enum
// RequestErrorCode that a decision in this package can lead to.
const (
	Unauthenticated          Code = "UNAUTHENTICATED"
	Forbidden                Code = "FORBIDDEN"
	ReauthenticationRequired Code = "REAUTHENTICATION_REQUIRED"
	SecondFactorNeeded       Code = "SECOND_FACTOR_REQUIRED"
	Overloaded               Code = "OVERLOADED"
)

// Fixable reports that the person at the form can act on the code. The error
// then goes into the payload. RATE_LIMITED is one of them: the person can wait.
func (c Code) Fixable() bool {
	switch c {
	case Unauthenticated, Forbidden, ReauthenticationRequired, SecondFactorNeeded, Overloaded:
		return false
	}
	return true
}

// messages are for people. They never contain a value that was sent.
var messages = map[Code]string{
	Required:           "Please fill this in.",
	Invalid:            "This is not valid.",
	TooLong:            "This is too long.",
	Taken:              "This username is in use.",
	InvalidCredentials: "The address, username or password is wrong.",
	Disabled:           "This account was disabled.",
	PasswordTooShort:   "This password is too short.",
	PasswordTooCommon:  "This password is one of those that attackers try first. Choose another one.",
	InvalidToken:       "This token is not valid, or no longer valid. Ask for a new one.",
	InvalidScope:       "This scope cannot be given.",
	LimitReached:       "There are too many of these already.",
	NotFound:           "This does not exist.",
	NotOffered:         "This server does not offer this.",
	InvalidCode:        "This code is wrong, used, or too late. Try the next one.",
	FactorNeeded:       "A second factor is needed here. Add one first, or keep the last one.",
	Rejected:           "The application does not accept this.",
	CaptchaFailed:      "The CAPTCHA was not solved, or its answer is too old. Solve it again.",
	LastWayIn:          "Without it nobody could log in to this account. Add another way first.",

	ProviderDenied:      "The other site says that you did not allow this.",
	ProviderFailed:      "The other site's answer cannot be used. Start again.",
	ProviderUnavailable: "The other site cannot be reached now. Try again later, or log in in another way.",
	IdentityTaken:       "That account opens another account here.",
	NoAccount:           "There is no account here for it, and none is made.",

	Unauthenticated:          "Log in first.",
	Forbidden:                "This credential is valid, but may not do this.",
	ReauthenticationRequired: "Prove again that it is you first.",
	SecondFactorNeeded:       "A second factor is needed first.",
	RateLimited:              "Too many attempts. Try again later.",
	Overloaded:               "The server is busy. Try again in a moment.",
}

// Error is what a client may know of a failure. Every other error is a fault,
// whose cause goes only to the log.
type Error struct {
	// Code is for programs.
	Code Code
	// Field is the path of the wrong input field, below the input.
	Field []string
	// Reason is set for Unauthenticated: MISSING, INVALID, EXPIRED or REVOKED.
	Reason Reason
	// Scope is set for Forbidden: the scope that the API token lacks.
	Scope string
	// Text is the message if code and field do not say enough.
	Text string
	// RetryAfter is set for RateLimited and Overloaded.
	RetryAfter time.Duration
}

// WaitSeconds is RetryAfter in whole seconds, or nil.
func (e *Error) WaitSeconds() *int {
	if e.RetryAfter <= 0 {
		return nil
	}
	seconds := int(math.Ceil(e.RetryAfter.Seconds()))
	return &seconds
}

// at has the messages that are more precise than the code, by code and field.
var at = map[Code]map[string]string{
	Invalid: {
		"username": "A username has 3 to 64 characters: letters from A to Z, digits and, after the first, also dots, hyphens and underscores.",
	},
	Taken: {
		"email": "This address has an account.", // only operators get this message
	},
	InvalidCredentials: {
		"currentPassword": "The current password is wrong.",
		"password":        "The password is wrong.",
		"confirmKey":      "This key is not from the sign-up that the link belongs to.",
		"passkey":         "This passkey does not log in here.",
	},
	InvalidCode: {
		"passkey": "The answer of this passkey is wrong, used, or too late. Try again.",
	},
	NotOffered: {
		"username": "There are no usernames on this server.",
	},
}

// Message is the text for people. It fits the field.
func (e *Error) Message() string {
	if e.Text != "" {
		return e.Text
	}
	if text, ok := at[e.Code][strings.Join(e.Field, ".")]; ok {
		return text
	}
	return messages[e.Code]
}

// Error names the code and the field, never a value.
func (e *Error) Error() string {
	if len(e.Field) == 0 {
		return string(e.Code)
	}
	return string(e.Code) + " at " + strings.Join(e.Field, ".")
}

// Is makes errors.Is compare the code only.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code && len(other.Field) == 0
}

// Errors are several failures that are reported together.
type Errors []*Error

// Error joins them.
func (e Errors) Error() string {
	texts := make([]string, len(e))
	for i, one := range e {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap lets errors.Is and errors.As look inside.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

// refuse makes an Error about one field, or about none.
func refuse(code Code, field ...string) *Error { return &Error{Code: code, Field: field} }

// is reports that an error is, or contains, a refusal with this code.
func is(err error, code Code) bool { return errors.Is(err, &Error{Code: code}) }

// ErrLastWayIn matches every LAST_WAY_IN with errors.Is.
var ErrLastWayIn error = &Error{Code: LastWayIn}

// ErrNotFound matches every NOT_FOUND with errors.Is.
var ErrNotFound error = &Error{Code: NotFound}

// NotAuthenticated says why a caller has no usable credential.
func NotAuthenticated(c Caller) *Error {
	reason := c.Refused
	if reason == "" {
		reason = ReasonMissing
	}
	return &Error{Code: Unauthenticated, Reason: reason}
}

// problems collects everything that is wrong with an input, so that the client
// gets all of it at once.
type problems []*Error

func (p *problems) add(err error) {
	var all Errors
	if errors.As(err, &all) {
		*p = append(*p, all...)
		return
	}
	if one := (*Error)(nil); errors.As(err, &one) {
		*p = append(*p, one)
	}
}

// err is nil if nothing is wrong.
func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return Errors(p)
}

// wrap adds to a fault what was being done.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
