package server

import (
	"net/http"

	"github.com/authgraph/authgraph/internal/origin"
)

// always are the headers of every answer, errors included. Pages that need more
// than nothing loosen the policy for themselves. The values are shared: they
// are replaced, never changed.
var always = http.Header{
	"Cache-Control":                {"no-store"},
	"X-Content-Type-Options":       {"nosniff"},
	"Referrer-Policy":              {"no-referrer"},
	"Content-Security-Policy":      {"default-src 'none'; frame-ancestors 'none'"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
}

// transportSecurity is the value of Strict-Transport-Security, if any. Below a
// path the host is shared: its other names are not ours to decide about.
func transportSecurity(public origin.URL) []string {
	switch {
	case public.Origin.Scheme != "https":
		return nil
	case public.Path != "":
		return []string{"max-age=63072000"}
	}
	return []string{"max-age=63072000; includeSubDomains"}
}

// secured sets them.
func secured(strictTransport []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, value := range always {
			h[name] = value
		}
		if strictTransport != nil {
			h["Strict-Transport-Security"] = strictTransport
		}
		next.ServeHTTP(w, r)
	})
}
