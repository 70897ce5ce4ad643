package server

import (
	"context"
	"io"
	"net/http"
	"time"
)

// readyTime is how long the database may take to show that it is there.
const readyTime = 2 * time.Second

// healthz says that the process serves, and nothing else.
func healthz(w http.ResponseWriter, _ *http.Request) { word(w, http.StatusOK, "ok\n") }

// readyz says whether requests should come here.
func readyz(ready func(context.Context) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		if ready(ctx) != nil {
			word(w, http.StatusServiceUnavailable, "not ready\n")
			return
		}
		word(w, http.StatusOK, "ready\n")
	})
}

func word(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the client is gone: nobody to tell
}
