package oidc

import (
	"errors"
	"fmt"
	"time"
)

// ErrBusy says that too many requests to the provider are under way.
var ErrBusy = errors.New("too many requests to the provider are under way")

// Denied says that the person, or the provider, said no.
type Denied struct{}

// Error says no more: the provider's words are not ours to repeat.
func (Denied) Error() string { return "the provider says that access was denied" }

// Unavailable says that the provider cannot be asked now.
type Unavailable struct {
	// Why is in our own words.
	Why string
	// RetryAfter is when it is asked again; 0 if that is not known.
	RetryAfter time.Duration
}

// Error names what could not be reached.
func (e *Unavailable) Error() string { return "the provider cannot be asked: " + e.Why }

// Unusable says that what the provider answered cannot be used.
type Unusable struct {
	// Why is in our own words. It holds nothing of the answer.
	Why string
}

// Error says what is wrong with the answer.
func (e *Unusable) Error() string { return "the provider's answer cannot be used: " + e.Why }

func unusable(format string, args ...any) error { return &Unusable{Why: fmt.Sprintf(format, args...)} }

// denials are the errors of an authorization answer by which somebody says no.
var denials = map[string]bool{
	"access_denied": true, "user_cancelled_authorize": true, "user_cancelled_login": true, "user_denied": true,
	"consent_required": true, "login_required": true, "interaction_required": true, "account_selection_required": true,
}

// Refusal is the failure that the provider's error means.
func Refusal(code string) error {
	if denials[code] {
		return Denied{}
	}
	return unusable("it answered with the error %s", known(code))
}

// known is an error code of the standards, or a word for all others: the log takes
// no text from outside.
func known(code string) string {
	switch code {
	case "invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope", "server_error", "temporarily_unavailable",
		"invalid_client", "invalid_grant", "unsupported_grant_type", "bad_verification_code", "incorrect_client_credentials", "redirect_uri_mismatch":
		return code
	case "":
		return "(none)"
	}
	return "(another one)"
}
