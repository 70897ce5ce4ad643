package server

import (
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// clientHeaders are what GraphQL clients send, and what tools that trace requests
// add by themselves. None of them means anything to us but the first two.
var clientHeaders = []string{
	"authorization", "content-type", "accept", "accept-language", "content-language", "cache-control", "x-requested-with", "x-request-id",
	"apollo-require-preflight", "graphql-require-preflight", "apollographql-client-name", "apollographql-client-version",
	"x-apollo-operation-name", "x-apollo-operation-id", "x-apollo-operation-type", "x-apollo-cache-control",
	"x-graphql-operation-name", "x-graphql-client-name", "x-graphql-client-version",
	"traceparent", "tracestate", "baggage", "sentry-trace", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags",
	"newrelic", "elastic-apm-traceparent", "uber-trace-id",
	"x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-origin", "x-datadog-sampling-priority", "x-datadog-tags",
}

// headerNames are the request headers that pages of other origins may send.
type headerNames struct {
	allowed map[string]bool
	list    string
}

func newHeaderNames(more []string) headerNames {
	n := headerNames{allowed: map[string]bool{}}
	for _, name := range slices.Concat(clientHeaders, more) {
		n.allowed[strings.ToLower(name)] = true
	}
	n.list = strings.Join(slices.Sorted(maps.Keys(n.allowed)), ",")
	return n
}

// maxAsked is how many headers a preflight may ask for.
const maxAsked = 100

// unknown stands in the log for what a stranger wrote: it may be a token.
const unknown = "…"

// refused returns the headers that are asked for and not allowed, as the log may
// show them. Browsers ask for a sorted list in lower case; others, such as
// proxies that join lines and people who test by hand, do not.
func (n headerNames) refused(lines []string) []string {
	names, asked := map[string]bool{}, 0
	for item := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		if asked++; asked > maxAsked {
			names[unknown] = true
			break
		}
		name := strings.ToLower(strings.Trim(item, " \t"))
		switch {
		case name == "" || n.allowed[name]:
		case len(name) <= maxSegment && !strings.ContainsFunc(name, func(c rune) bool { return c > '~' || !isTokenByte(byte(c)) }):
			names[name] = true
		default:
			names[unknown] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// preflight answers the question of a browser whether a page may send a request.
func (s *origins) preflight(w http.ResponseWriter, r *http.Request, from string, known bool) {
	h := w.Header()
	// Some caches keep the answers, although none should.
	h.Set("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
	method := r.Header.Values("Access-Control-Request-Method")
	names := s.headers.refused(r.Header.Values("Access-Control-Request-Headers"))
	switch {
	case !known:
		s.refused(r, from)
		refuse(w, http.StatusForbidden, "BAD_REQUEST", "Requests of this origin are not allowed.", "")
	case len(method) != 1 || method[0] != http.MethodGet && method[0] != http.MethodPost:
		refuse(w, http.StatusForbidden, "BAD_REQUEST", "Only GET and POST are allowed.", "")
	case len(names) > 0:
		shown := strings.Join(names[:min(len(names), maxShown)], ", ")
		if len(names) > maxShown {
			shown += ", " + unknown
		}
		s.surprises.tell(r.Context(), shown, "a page asked to send request headers that are not allowed",
			slog.String("setting", "AUTHGRAPH_ALLOWED_HEADERS"), slog.String("origin", from), slog.String("headers", shown))
		refuse(w, http.StatusForbidden, "BAD_REQUEST", "A request header is not allowed.", "")
	default:
		share(h, from)
		h.Set("Access-Control-Allow-Methods", "GET,POST")
		h.Set("Access-Control-Allow-Headers", s.headers.list)
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
	}
}

// maxShown is how many headers a line of the log names.
const maxShown = 10
