package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/jub0bs/cors"
)

// origins decides which scripts may call: those of PublicURL and of the
// allowed origins, in development also those of any port of this machine.
type origins struct {
	cors        *cors.Middleware
	trusted     []string
	development bool
}

// clientHeaders are those that GraphQL clients send.
var clientHeaders = []string{
	"Authorization", "Content-Type",
	"Apollo-Require-Preflight", "Apollographql-Client-Name", "Apollographql-Client-Version",
	"X-Apollo-Operation-Name", "X-Apollo-Operation-Id", "X-Graphql-Operation-Name",
}

func newOrigins(o Options) (*origins, error) {
	trusted := append([]string{o.PublicURL}, o.AllowedOrigins...)
	allowed := slices.Clone(trusted)
	if o.Development {
		allowed = append(allowed, "http://localhost:*", "http://127.0.0.1:*")
	}
	middleware, err := cors.NewMiddleware(cors.Config{
		Origins: allowed, Credentialed: true,
		Methods: []string{http.MethodGet, http.MethodPost}, RequestHeaders: clientHeaders,
		ResponseHeaders: []string{"WWW-Authenticate", "Retry-After", "X-Request-Id"},
		MaxAgeInSeconds: 600,
		// The settings have warned of an origin over plain HTTP.
		DangerouslyTolerateInsecureOrigins: slices.ContainsFunc(allowed, plain),
	})
	if err != nil {
		return nil, fmt.Errorf("allow origins: %w", err)
	}
	return &origins{cors: middleware, trusted: trusted, development: o.Development}, nil
}

// protect refuses requests of other origins that could change something, and
// answers preflights. A request without Origin and Sec-Fetch-Site does not come
// from a browser's script.
func (s *origins) protect(next http.Handler) http.Handler {
	checked := s.cors.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.allows(r) {
			refuse(w, http.StatusForbidden, "BAD_REQUEST", "Requests of this origin are not allowed.", "")
			return
		}
		next.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			w.Header().Set("Vary", "Origin") // some caches keep preflights, and the middleware relies on none doing so
		}
		checked.ServeHTTP(w, r)
	})
}

// allows reports that a request changes nothing, or comes from a page of ours, of
// an allowed origin, or from no page. What is ours the settings say and not, as
// for http.CrossOriginProtection, the Host header: that is of evil.test, too, if
// the page of evil.test has its name lead here. Behind a proxy it may be any.
func (s *origins) allows(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	site, origin := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
	if origin == "" {
		return site == "" || site == "same-origin" || site == "none"
	}
	return slices.Contains(s.trusted, origin) || s.development && isLocal(origin)
}

func plain(origin string) bool { return strings.HasPrefix(origin, "http:") }

func isLocal(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1")
}
