package auth

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/authgraph/authgraph/ent"
)

// Reason says why there is no usable credential.
type Reason string

// The reasons of an Unauthenticated error. Forged tokens of every kind are
// Invalid; Expired and Revoked are said only of what we signed ourselves.
const (
	ReasonMissing Reason = "MISSING"
	ReasonInvalid Reason = "INVALID"
	ReasonExpired Reason = "EXPIRED"
	ReasonRevoked Reason = "REVOKED"
)

// Caller is who asks, and from where. It comes from the credential alone: no
// argument of an operation selects another subject.
type Caller struct {
	// User is nil for an anonymous caller.
	User *ent.User
	// SessionID names the session; zero for an anonymous caller or an API token.
	SessionID uuid.UUID
	// TokenID names the API token; zero unless it is one.
	TokenID uuid.UUID
	// AuthenticatedAt is when the session's owner last proved to be present.
	AuthenticatedAt time.Time
	// Scopes of the API token.
	Scopes []string
	// Refused says why a credential that was sent is not usable; the caller is
	// then anonymous.
	Refused Reason
	// IP is the client's address, as far as configured proxies vouch for it.
	IP netip.Addr
	// UserAgent as sent, cleaned and cut.
	UserAgent string
	// RequestID finds the request in the log.
	RequestID string
	// Browser holds the cookies; nil where there are none to be had.
	Browser *Browser
	// role is "operator" or "system" for those who are no account's owner.
	role string
}

// systemCaller is the caller of what the program does by itself.
var systemCaller = Caller{role: "system"}

// AsOperator is the caller with the rights of the operator. Whoever calls it has
// made sure of them: today the commands, whose user can read the database.
func (c Caller) AsOperator() Caller {
	c.role = "operator"
	return c
}

// operates reports that the caller is the operator.
func (c Caller) operates() bool { return c.role == "operator" }

// Anonymous reports that there is no usable credential.
func (c Caller) Anonymous() bool { return c.User == nil }

// IsAPIToken reports that the credential is an API token.
func (c Caller) IsAPIToken() bool { return c.TokenID != uuid.Nil }

// Has reports that the caller may use what the scope covers: a session may use
// everything of its account, an API token what it was given.
func (c Caller) Has(scope string) bool {
	return !c.IsAPIToken() || slices.Contains(c.Scopes, scope)
}

// actor is how the audit log calls the caller.
func (c Caller) actor() string {
	switch {
	case c.role != "":
		return c.role
	case c.Anonymous():
		return "anonymous"
	case c.IsAPIToken():
		return "api_token"
	}
	return "session"
}

type callerKey struct{}

// WithCaller puts the caller into the context: for the way from the middleware
// to the resolver only.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, &c)
}

// CallerFrom returns the caller; an anonymous one where none was put.
func CallerFrom(ctx context.Context) Caller {
	if c, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return *c
	}
	return Caller{}
}

// Browser is what the client keeps for us in cookies, and what it shall keep
// from now on. Only mutations set it, one in a request.
type Browser struct {
	// Session is the refresh token that was sent as cookie.
	Session string
	// Device is proof of an earlier login that was sent as cookie.
	Device string
	// Confirm is the key of a sign-up that was sent as cookie.
	Confirm string
	set     []Cookie
}

// CookieName tells the cookies apart; the edge knows what they are called.
type CookieName int

// The cookies.
const (
	SessionCookie CookieName = iota
	DeviceCookie
	ConfirmCookie
)

// Cookie is one to set, or with an empty value to clear.
type Cookie struct {
	Name    CookieName
	Value   string
	Expires time.Time
}

// Changes lists the cookies to set or clear.
func (b *Browser) Changes() []Cookie {
	if b == nil {
		return nil
	}
	return b.set
}

func (b *Browser) put(c Cookie) {
	if b != nil {
		b.set = append(b.set, c)
	}
}

// forgetSession clears the session cookie, if one was sent.
func (b *Browser) forgetSession() {
	if b != nil && b.Session != "" {
		b.put(Cookie{Name: SessionCookie})
	}
}

// forgetConfirm clears the cookie of a sign-up, if one was sent.
func (b *Browser) forgetConfirm() {
	if b.confirm() != "" {
		b.put(Cookie{Name: ConfirmCookie})
	}
}

func (b *Browser) confirm() string {
	if b == nil {
		return ""
	}
	return b.Confirm
}

func (b *Browser) session() string {
	if b == nil {
		return ""
	}
	return b.Session
}

func (b *Browser) device() string {
	if b == nil {
		return ""
	}
	return b.Device
}
