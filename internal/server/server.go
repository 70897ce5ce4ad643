package server

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/origin"
	"github.com/authgraph/authgraph/internal/trace"
)

// requestTime is how long a request may take in all, before the database and
// everything else it waits for is told to stop: clients hear of it within ten
// seconds.
const requestTime = 9500 * time.Millisecond

// Options are what the public listener serves. Handlers that are nil are off.
type Options struct {
	Auth *auth.Service
	// GraphQL is the endpoint on /graphql.
	GraphQL http.Handler
	// Playground serves / and /playground/, Pages the links of letters,
	// Mailbox the development mailbox.
	Playground, Pages, Mailbox http.Handler
	// PublicURL is where browsers reach this server: an origin, and a path below
	// it where a proxy in front gives it one.
	PublicURL origin.URL
	// AllowedOrigins are other origins whose scripts may call it, and
	// OriginPatterns many at once.
	AllowedOrigins []origin.Origin
	OriginPatterns []origin.Pattern
	// AllowedHeaders are request headers that those scripts may send besides
	// the usual ones.
	AllowedHeaders []string
	// RelatedOrigins is the document about origins of other domains that may ask for
	// passkeys; nil if there are none, or if browsers do not look for it here.
	RelatedOrigins []byte
	// Development allows scripts of any port of this machine.
	Development bool
	// TrustedProxies are those whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Ready says why the server cannot serve; nil if it can.
	Ready func(context.Context) error
	// RequestTime is how long a request may take in all; 0 is 9.5 s.
	RequestTime time.Duration
	Log         *slog.Logger
	// AccessLog takes a line of JSON for each request, in the form of Log's; nil
	// if there is to be none. It must not keep the bytes.
	AccessLog io.Writer
	// Observe, if not nil, is told of each answer: the first part of the path, or
	// other, and the status.
	Observe func(route string, status int)
	// Tracer begins a trace with each request; nil if there are none.
	Tracer *trace.Tracer
}

// New is the public listener's handler.
func New(o Options) http.Handler {
	o.RequestTime = cmp.Or(o.RequestTime, requestTime)
	public := o.PublicURL
	origins := newOrigins(o, public.Origin)
	asking := callers{o, newCookieStyle(public)}
	keys := wellKnown{o}
	mux := routes{http.NewServeMux(), public.Path, map[string]bool{}}
	mux.at(origins.protect(asking.resolve(o.GraphQL)), "/graphql")
	mux.at(origins.protect(asking.resolve(exchange{o, public.Origin.String()})), "/token")
	visits := provider{o}
	mux.at(asking.resolve(http.HandlerFunc(visits.start)), "GET /oidc/start")
	mux.at(asking.resolve(http.HandlerFunc(visits.came)), "GET /oidc/{provider}/callback")
	mux.at(asking.resolve(http.HandlerFunc(visits.posted)), "POST /oidc/{provider}/callback")
	mux.at(http.HandlerFunc(keys.jwks), "GET /.well-known/jwks.json")
	mux.at(http.HandlerFunc(keys.configuration), "GET /.well-known/openid-configuration")
	if o.RelatedOrigins != nil {
		mux.HandleFunc("GET /.well-known/webauthn", keys.relatedOrigins)
	}
	if public.Path != "" { // verifiers also look between the host and the issuer's path (RFC 8414 section 3.1)
		mux.HandleFunc("GET /.well-known/openid-configuration"+public.Path, keys.configuration)
	}
	mux.at(http.HandlerFunc(healthz), "GET /healthz")
	mux.at(readyz(o.Ready), "GET /readyz")
	mux.at(o.Pages, "/confirm", "/reset", "/code", "/signed-in", "/log-in", "/sign-up", "/account", "/pages/")
	mux.at(o.Mailbox, "/dev/mailbox", "/dev/mailbox.json", "/dev/mailbox/")
	mux.at(o.Playground, "/{$}", "/playground/")
	secured := secured(transportSecurity(public), contained(o.Log, named(o, mux)))
	asks := &clients{trusted: o.TrustedProxies, log: o.Log, warns: !o.Development}
	return logged(o.AccessLog, o.observer(mux), asks, traced(o.Tracer, mux, asks, secured))
}

func (o Options) observer(t routes) func(path string, status int) {
	if o.Observe == nil {
		return nil
	}
	return func(path string, status int) { o.Observe(t.name(path), status) }
}
