package server

import (
	"log/slog"
	"net/http"
	"slices"

	"github.com/authgraph/authgraph/internal/origin"
)

// origins decides which scripts may call: those of our own pages and of the
// allowed origins, in development also those of any port of this machine.
type origins struct {
	allowed     origin.Set
	development bool
	headers     headerNames
	strangers   *notices // origins that were refused
	surprises   *notices // headers that were
}

func newOrigins(o Options, own origin.Origin) *origins {
	return &origins{
		allowed:     origin.NewSet(append([]origin.Origin{own}, o.AllowedOrigins...), o.OriginPatterns),
		development: o.Development,
		headers:     newHeaderNames(o.AllowedHeaders),
		strangers:   newNotices(o.Log), surprises: newNotices(o.Log),
	}
}

// protect refuses requests of other origins that could change something, lets
// pages of the allowed ones read the answers, and answers their preflights (CORS,
// Fetch standard section 3.3).
func (s *origins) protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, known := s.from(r)
		if r.Method == http.MethodOptions && from != "" && r.Header.Get("Access-Control-Request-Method") != "" {
			s.preflight(w, r, from, known)
			return
		}
		h := w.Header()
		h.Add("Vary", "Origin")
		switch {
		case known:
			share(h, from)
			h.Set("Access-Control-Expose-Headers", "Retry-After,WWW-Authenticate,X-Request-Id")
		case from != "":
			s.refused(r, from)
		}
		if !harmless(r) && !known && (from != "" || !isDirect(r)) {
			refuse(w, http.StatusForbidden, "BAD_REQUEST", "Requests of this origin are not allowed.", "")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// from is the origin of the page that sent a request, and whether it may. What is
// ours the settings say and not, as for http.CrossOriginProtection, the Host
// header: that is of evil.test, too, if the page of evil.test has its name lead
// here. Behind a proxy it may be any.
func (s *origins) from(r *http.Request) (from string, known bool) {
	values := r.Header["Origin"]
	if len(values) > 1 {
		return "null", false // a browser sends one
	}
	from = r.Header.Get("Origin")
	return from, s.allowed.Has(from) || s.development && isLocal(from)
}

// harmless reports that a request can change nothing.
func harmless(r *http.Request) bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, r.Method)
}

// isDirect reports that a request without Origin comes from no page, as programs'
// do, or from one of ours.
func isDirect(r *http.Request) bool {
	return slices.Contains([]string{"", "same-origin", "none"}, r.Header.Get("Sec-Fetch-Site"))
}

// share lets pages of an origin read the answer, cookies and all.
func share(h http.Header, from string) {
	h.Set("Access-Control-Allow-Origin", from)
	h.Set("Access-Control-Allow-Credentials", "true")
}

// refused logs an origin that is not allowed.
func (s *origins) refused(r *http.Request, from string) {
	shown := unknown
	if o, ok := origin.Sent(from); from == "null" || ok && (o.Web() || len(o.Host) <= maxAppHost) {
		shown = from
	}
	s.strangers.tell(r.Context(), shown, "a page of another origin was refused",
		slog.String("setting", "AUTHGRAPH_ALLOWED_ORIGINS"), slog.String("origin", shown))
}

// maxAppHost is the longest host of an extension or an app that is logged. Other
// than names on the web they have capitals, and a longer one could be a token.
const maxAppHost = 40

func isLocal(from string) bool {
	o, ok := origin.Sent(from)
	return ok && o.Scheme == "http" && (o.Host == "localhost" || o.Host == "127.0.0.1")
}
