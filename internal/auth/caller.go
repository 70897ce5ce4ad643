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

// The reasons of an Unauthenticated error. Every forged token is Invalid.
// Expired and Revoked are said only about tokens that we signed ourselves.
const (
	ReasonMissing Reason = "MISSING"
	ReasonInvalid Reason = "INVALID"
	ReasonExpired Reason = "EXPIRED"
	ReasonRevoked Reason = "REVOKED"
)

// Caller is who asks, and from where. It comes from the credential only: no
// argument of an operation can name another account to act on.
type Caller struct {
	// User is nil for an anonymous caller.
	User *ent.User
	// SessionID names the session. It is zero for an anonymous caller and for
	// an API token.
	SessionID uuid.UUID
	// TokenID names the API token. It is zero for every other caller.
	TokenID uuid.UUID
	// AuthenticatedAt is when the session's owner last proved to be present.
	AuthenticatedAt time.Time
	// StrongAt is when they last proved it by a second factor; zero if never.
	StrongAt time.Time
	// Limited says that the session may only set up or prove a second factor.
	Limited bool
	// Scopes of the API token.
	Scopes []string
	// Refused says why the credential that was sent is not usable. The caller
	// is then anonymous.
	Refused Reason
	// IP is the client's IP address, as far as trusted proxies report it.
	IP netip.Addr
	// UserAgent is the header as sent, cleaned and cut.
	UserAgent string
	// Languages is the Accept-Language header as sent; package locale bounds what it reads.
	Languages string
	// RequestID finds the request in the log.
	RequestID string
	// Browser holds the cookies. It is nil if the caller cannot have any.
	Browser *Browser
	// kept is User's profile, once it was read.
	kept *lazyProfile
	// role is "operator" or "system" for a caller that owns no account.
	role string
}

// systemCaller is the caller of everything that the program does by itself.
var systemCaller = Caller{role: "system"}

// AsOperator returns the caller with the rights of the operator. The code that
// calls it must have checked the right to that. Today only the commands call
// it: their user can read the database anyway.
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

// Has reports that the caller may use a scope. A session may use everything of
// its account. An API token may use the scopes that it was given.
func (c Caller) Has(scope string) bool {
	return !c.IsAPIToken() || slices.Contains(c.Scopes, scope)
}

// actor is the caller's name in the audit log.
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

// WithCaller puts the caller into the context. It is only for the way from the
// middleware to the resolver.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, &c)
}

// CallerFrom returns the caller from the context, or an anonymous one.
func CallerFrom(ctx context.Context) Caller {
	if c, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return *c
	}
	return Caller{}
}

// Browser is what the client keeps for us in cookies, and what it must keep
// from now on. Only mutations set it, and a request runs only one.
type Browser struct {
	// Session is the refresh token that was sent as cookie.
	Session string
	// Device is the cookie that proves an earlier login in this browser.
	Device string
	// Confirm is the cookie with the key of a sign-up.
	Confirm string
	// Trust is the token of a trusted browser that was sent as cookie.
	Trust string
	// Flows are the cookies of visits to providers, by the end of their names.
	Flows map[string]string
	set   []Cookie
}

// CookieName tells the cookies apart. Their names in HTTP are the server's
// matter.
type CookieName int

// The cookies.
const (
	SessionCookie CookieName = iota
	DeviceCookie
	ConfirmCookie
	TrustCookie
	// FlowCookie is one of several; Cookie.Suffix tells them apart.
	FlowCookie
)

// Cookie is a cookie to set. An empty value clears it.
type Cookie struct {
	Name    CookieName
	Suffix  string // of a FlowCookie
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

// forgetSession clears the session cookie, if the browser sent one.
func (b *Browser) forgetSession() {
	if b != nil && b.Session != "" {
		b.put(Cookie{Name: SessionCookie})
	}
}

// forgetConfirm clears the sign-up cookie, if the browser sent one.
func (b *Browser) forgetConfirm() {
	if b.confirm() != "" {
		b.put(Cookie{Name: ConfirmCookie})
	}
}

// forgetTrust clears the cookie of a trusted browser, if one was sent.
func (b *Browser) forgetTrust() {
	if b.trust() != "" {
		b.put(Cookie{Name: TrustCookie})
	}
}

func (b *Browser) flows() map[string]string {
	if b == nil {
		return nil
	}
	return b.Flows
}

func (b *Browser) trust() string {
	if b == nil {
		return ""
	}
	return b.Trust
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
