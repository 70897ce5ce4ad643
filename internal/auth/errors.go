package auth

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Code says what is wrong, for programs. The codes are those of the schema's
// two enums, and a test keeps them equal.
type Code string

// Codes the person at the form can act on: enum AuthErrorCode.
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
)

// Codes for the client program and the operator: those of enum
// RequestErrorCode that a decision here can lead to.
const (
	Unauthenticated          Code = "UNAUTHENTICATED"
	Forbidden                Code = "FORBIDDEN"
	ReauthenticationRequired Code = "REAUTHENTICATION_REQUIRED"
	Overloaded               Code = "OVERLOADED"
)

// Fixable reports that the person at the form can act on the code: it then
// goes into the payload. To be RATE_LIMITED is the most ordinary trouble of a
// form: waiting mends it.
func (c Code) Fixable() bool {
	switch c {
	case Unauthenticated, Forbidden, ReauthenticationRequired, Overloaded:
		return false
	}
	return true
}

// messages are for people, and never hold a value that was sent.
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

	Unauthenticated:          "Log in first.",
	Forbidden:                "This credential is valid, but may not do this.",
	ReauthenticationRequired: "Enter the password again first.",
	RateLimited:              "Too many attempts. Try again later.",
	Overloaded:               "The server is busy. Try again in a moment.",
}

// Error is what a client may know of a failure. All else is a fault, whose
// cause goes to the log only.
type Error struct {
	// Code for programs.
	Code Code
	// Field is the path of the input field at fault, below the input.
	Field []string
	// Reason goes with Unauthenticated: MISSING, INVALID, EXPIRED or REVOKED.
	Reason Reason
	// Scope goes with Forbidden: what an API token lacks.
	Scope string
	// Text is the message where the code and the field do not say enough.
	Text string
	// RetryAfter goes with RateLimited and Overloaded.
	RetryAfter time.Duration
}

// WaitSeconds is RetryAfter in whole seconds, nil where there is none.
func (e *Error) WaitSeconds() *int {
	if e.RetryAfter <= 0 {
		return nil
	}
	seconds := int(math.Ceil(e.RetryAfter.Seconds()))
	return &seconds
}

// at are the messages that say more than the code does, by code and field.
var at = map[Code]map[string]string{
	Invalid: {
		"username": "A username has 3 to 64 characters: letters from A to Z, digits and, after the first, also dots, hyphens and underscores.",
	},
	Taken: {
		"email": "This address has an account.", // said to operators alone
	},
	InvalidCredentials: {
		"currentPassword": "The current password is wrong.",
		"password":        "The password is wrong.",
		"confirmKey":      "This key is not from the sign-up that the link belongs to.",
	},
	NotOffered: {
		"username": "There are no usernames on this server.",
	},
}

// Message is for people. It fits the field.
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

// Is makes errors.Is match on the code alone.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code && len(other.Field) == 0
}

// Errors are several failures, reported together.
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

// refuse is an Error about a field, or about no single one.
func refuse(code Code, field ...string) *Error { return &Error{Code: code, Field: field} }

// is reports that an error is, or holds, a refusal with a code.
func is(err error, code Code) bool { return errors.Is(err, &Error{Code: code}) }

// ErrNotFound is what errors.Is finds in every NOT_FOUND.
var ErrNotFound error = &Error{Code: NotFound}

// NotAuthenticated says why a caller has no usable credential.
func NotAuthenticated(c Caller) *Error {
	reason := c.Refused
	if reason == "" {
		reason = ReasonMissing
	}
	return &Error{Code: Unauthenticated, Reason: reason}
}

// problems gathers what is wrong with an input, so that it is said at once.
type problems []*Error

func (p *problems) add(err error) {
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

// wrap says what was being done when a fault came up.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
