package mail

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"

	gomail "github.com/wneessen/go-mail"
)

// Error is why a letter was not taken. It holds no address, no answer text of
// the server (which quotes addresses) and no credentials: the step, the codes
// and, for the connection, its cause.
type Error struct {
	step      string
	code      int    // of the server's answer (RFC 5321 section 4.2), 0 without one
	status    string // enhanced (RFC 3463), where the server gave one
	permanent bool
	outage    bool
	underway  bool // the server had been told the recipient
	begun     bool // some of the content may have gone out
	cause     error
	answer    string // of the server, in its own words
}

// Error says what failed at which step, with the server's codes.
func (e *Error) Error() string {
	s := e.step
	if e.code != 0 {
		s = fmt.Sprintf("%s: the server answered %d", s, e.code)
	}
	if e.status != "" {
		s += " " + e.status
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Answer is what the server said, in its own words; empty if it said nothing. It
// quotes addresses: show it only to the person who gave them, and never to the log.
func (e *Error) Answer() string { return e.answer }

// Unwrap returns the cause, where there is one to tell.
func (e *Error) Unwrap() error { return e.cause }

// Permanent reports that this letter will never be taken: the server refused
// its recipient or its content for good, or it cannot be written.
func (e *Error) Permanent() bool { return e.permanent }

// Outage reports that no letter can be sent now: the server is away, hangs,
// cannot be trusted, or refuses us rather than the letter.
func (e *Error) Outage() bool { return e.outage }

// Underway reports of an outage that it came while the server had this letter
// before it: the letter may be what the server broke off for.
func (e *Error) Underway() bool { return e.underway }

// connecting explains a failure before any letter was begun. A server that
// refuses us (AUTH, TLS, a greeting) may be set right at any time: such a
// failure is never the letter's.
func connecting(ctx context.Context, err error) *Error {
	e := &Error{step: "connect to the mail server", outage: true, cause: err}
	var reply *textproto.Error
	switch {
	case ctx.Err() != nil: // the connection was closed under the command
		e.cause = context.Cause(ctx)
	case errors.As(err, &reply):
		e.code, e.cause, e.answer = reply.Code, nil, reply.Error()
		if ofSession(e.code) && e.code != 421 {
			e.step = "log in to the mail server"
		}
	}
	return e
}

// sending explains a failure of go-mail's Send.
func sending(ctx context.Context, err error) *Error {
	var s *gomail.SendError
	if !errors.As(err, &s) {
		return connecting(ctx, err)
	}
	e := &Error{
		step: steps(s.Reason), code: s.ErrorCode(), status: s.EnhancedStatusCode(),
		begun: s.Reason == gomail.ErrWriteContent || s.Reason == gomail.ErrSMTPDataClose,
	}
	if e.code != 0 {
		e.answer = s.Error()
	}
	ofLetter := s.Reason == gomail.ErrSMTPRcptTo || s.Reason == gomail.ErrSMTPData || s.Reason == gomail.ErrSMTPDataClose
	switch {
	case ctx.Err() != nil:
		e.outage, e.underway, e.cause = true, ofLetter || e.begun, context.Cause(ctx)
	case e.code == 0:
		e.outage, e.underway, e.cause = true, ofLetter || e.begun, errors.New("the connection broke or timed out")
	case !ofLetter || ofSession(e.code):
		e.outage, e.underway = true, ofLetter && e.code == 421
	default:
		e.permanent = e.code >= 500
	}
	return e
}

// withoutSMTPUTF8 explains why a letter to an address with letters beyond ASCII
// before the @ is not begun: the server would refuse the address, or take it for
// another one.
func withoutSMTPUTF8() *Error {
	return &Error{step: "send the recipient", permanent: true, cause: errors.New("the address needs SMTPUTF8, which the mail server does not offer")}
}

// refusesSMTPUTF8 reports that the server takes no such address after all
// (RFC 6531 section 3.5), or does not know the parameter that asks for it.
func (e *Error) refusesSMTPUTF8() bool { return e.code == 555 || e.status == "5.6.7" }

// ofSession reports whether an answer is about the session and not the letter:
// the server closes (RFC 5321 section 3.8) or wants other credentials
// (RFC 4954 section 6).
func ofSession(code int) bool {
	return code == 421 || code == 530 || code == 534 || code == 535 || code == 538
}

// steps names where go-mail stopped.
func steps(r gomail.SendErrReason) string {
	switch r {
	case gomail.ErrSMTPMailFrom:
		return "send the sender"
	case gomail.ErrSMTPRcptTo:
		return "send the recipient"
	case gomail.ErrSMTPData, gomail.ErrWriteContent, gomail.ErrSMTPDataClose:
		return "send the content"
	default:
		return "use the connection"
	}
}
