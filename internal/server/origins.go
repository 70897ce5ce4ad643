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
	cross       *http.CrossOriginProtection
	development bool
}

// clientHeaders are those that GraphQL clients send.
var clientHeaders = []string{
	"Authorization", "Content-Type",
	"Apollo-Require-Preflight", "Apollographql-Client-Name", "Apollographql-Client-Version",
	"X-Apollo-Operation-Name", "X-Apollo-Operation-Id", "X-Graphql-Operation-Name",
}

func newOrigins(o Options) (*origins, error) {
	allowed := append([]string{o.PublicURL}, o.AllowedOrigins...)
	cross := http.NewCrossOriginProtection()
	for _, origin := range allowed {
		if err := cross.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("allow an origin: %w", err)
		}
	}
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
	return &origins{cors: middleware, cross: cross, development: o.Development}, nil
}

// protect refuses requests of other origins that could change something, and
// answers preflights. A request without Origin and Sec-Fetch-Site does not come
// from a browser's script.
func (s *origins) protect(next http.Handler) http.Handler {
	checked := s.cors.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.cross.Check(r); err != nil && !(s.development && isLocal(r.Header.Get("Origin"))) {
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

func plain(origin string) bool { return strings.HasPrefix(origin, "http:") }

func isLocal(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1")
}
