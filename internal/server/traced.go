package server

import (
	"net/http"

	"github.com/authgraph/authgraph/internal/trace"
)

// traced begins a trace with each request, or continues that of a trusted proxy.
// It stands inside logged, whose record says how the request ended.
func traced(tracer *trace.Tracer, routes routes, clients *clients, next http.Handler) http.Handler {
	if tracer == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec, _ := r.Context().Value(recordKey{}).(*record)
		_, trusted := clients.peer(r)
		ctx, span := tracer.Request(r.Context(), r, trusted)
		defer func() { // also of an answer that was cut off
			span.Answered(trace.Answer{Method: r.Method, Route: routes.name(r.URL.Path), RequestID: rec.id, Status: rec.answered(), Named: rec.kind != ""})
		}()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
