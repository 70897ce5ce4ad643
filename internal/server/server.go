package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/origin"
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
	// PublicURL is the origin that browsers know this server by.
	PublicURL string
	// AllowedOrigins are other origins whose scripts may call it, and
	// OriginPatterns many at once.
	AllowedOrigins []origin.Origin
	OriginPatterns []origin.Pattern
	// AllowedHeaders are request headers that those scripts may send besides
	// the usual ones.
	AllowedHeaders []string
	// Development allows scripts of any port of this machine.
	Development bool
	// TrustedProxies are those whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Ready says why the server cannot serve; nil if it can.
	Ready func(context.Context) error
	Log   *slog.Logger
}

// New is the public listener's handler.
func New(o Options) (http.Handler, error) {
	own, err := origin.Parse(o.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("public URL: %w", err)
	}
	origins := newOrigins(o, own)
	mux := http.NewServeMux()
	mux.Handle("/graphql", origins.protect(callers{o}.resolve(o.GraphQL)))
	mux.Handle("/token", origins.protect(callers{o}.resolve(exchange{o})))
	mux.Handle("GET /.well-known/jwks.json", http.HandlerFunc(wellKnown{o}.jwks))
	mux.Handle("GET /.well-known/openid-configuration", http.HandlerFunc(wellKnown{o}.configuration))
	mux.HandleFunc("GET /healthz", healthz)
	mux.Handle("GET /readyz", readyz(o.Ready))
	mount(mux, o.Pages, "/confirm", "/reset", "/pages/")
	mount(mux, o.Mailbox, "/dev/mailbox", "/dev/mailbox.json", "/dev/mailbox/")
	mount(mux, o.Playground, "/{$}", "/playground/")
	secured := secured(strings.HasPrefix(o.PublicURL, "https:"), contained(o.Log, named(o, mux)))
	return logged(o.Log, o.TrustedProxies, secured), nil
}

// mount routes the patterns to a handler, unless it is off.
func mount(mux *http.ServeMux, h http.Handler, patterns ...string) {
	if h == nil {
		return
	}
	for _, pattern := range patterns {
		mux.Handle(pattern, h)
	}
}
