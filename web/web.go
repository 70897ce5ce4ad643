// Package web embeds and serves what people see of authgraph in a browser: the
// pages that letters link to, the playground, and the development mailbox.
//
// It knows no accounts, tokens or database: its pages call the public GraphQL
// endpoint like any other client, and a token from a letter reaches them in the
// fragment of the address, which browsers do not send. Nothing it serves loads
// from another host (but for the widget of a CAPTCHA, if the operator wants one),
// runs inline script, or keeps anything in the browser, but for the verifier of a login
// with a provider while the browser is there.
//
// Every answer, refusals included, carries its own Content-Security-Policy and
// Cache-Control, so that a middleware's defaults must be set before, not after.
package web

import (
	"net/http"
)

// Options says what the pages cannot know by themselves. The zero value is
// usable.
type Options struct {
	// ServiceName is what people know the service as; "authgraph" when empty.
	ServiceName string
	// Base is the path below which browsers reach the server, as /auth; mostly
	// it is empty.
	Base string
	// Endpoint is the path of the GraphQL endpoint on this origin; Base and
	// "/graphql" when empty. The pages' policy lets them call no other origin.
	Endpoint string
	// LoginURL is where people log in, for the pages to lead there; empty where
	// that is not known.
	LoginURL string
	// PasswordMinLength and PasswordMaxLength are the policy's limits, in
	// characters (code points). The pages state them and check them before they
	// ask the server, which decides; zero means unstated.
	PasswordMinLength, PasswordMaxLength int
	// Locales are the languages that people are offered, as BCP 47 tags, the default first.
	// Those that the pages are not written in do not count. None: English.
	Locales []string
	// Captcha is the widget of some forms.
	Captcha Captcha
	// Accounts says that /log-in, /sign-up and /account are served.
	Accounts bool
	// Apps are the pages of the application to which people may go on from there. The
	// first one is where they go if nothing else was asked for.
	Apps []string
	// ReturnURL is where a browser comes back to from a provider, if that is one of our
	// pages. Empty: /log-in and /account offer no providers.
	ReturnURL string
	// Registered says that the endpoint runs registered documents only.
	Registered bool
	// Brand is how the pages look.
	Brand Brand
	// Mailbox says that the development mailbox is served, so that the
	// playground may lead there.
	Mailbox bool
	// Playground says that the playground is served, so that the development
	// mailbox may lead there.
	Playground bool
}

func (o Options) withDefaults() Options {
	if o.ServiceName == "" {
		o.ServiceName = "authgraph"
	}
	if o.Endpoint == "" {
		o.Endpoint = o.Base + "/graphql"
	}
	return o
}

// site answers GET and HEAD for a fixed set of paths: 404 for any other path,
// 405 for any other method. It changes no state, whatever is asked.
type site map[string]http.Handler

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")

	content, ok := s[r.URL.Path]
	switch {
	case !ok:
		http.Error(w, "not found", http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	default:
		content.ServeHTTP(w, r)
	}
}
