package server

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/authgraph/authgraph/internal/auth"
)

// contained turns a panic into a fault under the request's id. An answer that
// has begun is cut off instead, so that nobody takes half of it for the whole.
func contained(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if value == any(http.ErrAbortHandler) {
				panic(value) // meant to cut the answer off
			}
			id := requestID(r.Context())
			log.ErrorContext(r.Context(), "panic", "request", id, "value", fmt.Sprint(value), "stack", string(debug.Stack()))
			if begun(r.Context()) {
				panic(http.ErrAbortHandler)
			}
			fault(w, id)
		}()
		next.ServeHTTP(w, r)
	})
}

// unserved answers a request that the server could not get to: 503 with the wait
// where it was too busy, and a fault without anything to tell.
func unserved(w http.ResponseWriter, told *auth.Error, id string) {
	wait := (*int)(nil)
	if told != nil {
		wait = told.WaitSeconds()
	}
	if wait == nil {
		fault(w, id)
		return
	}
	w.Header().Set("Retry-After", strconv.Itoa(*wait))
	answer(w, http.StatusServiceUnavailable, told.Message(), map[string]any{"code": told.Code, "retryAfter": *wait})
}

// fault answers a request that could not even begin, in GraphQL's form.
func fault(w http.ResponseWriter, id string) {
	refuse(w, http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Something went wrong on our side.", id)
}

func refuse(w http.ResponseWriter, status int, code, message, id string) {
	extensions := map[string]any{"code": code}
	if id != "" {
		extensions["requestId"] = id
	}
	answer(w, status, message, extensions)
}

func answer(w http.ResponseWriter, status int, message string, extensions map[string]any) {
	body, err := json.Marshal(map[string]any{"errors": []any{map[string]any{"message": message, "extensions": extensions}}})
	if err != nil {
		body = []byte(`{"errors":[{"message":"fault"}]}`) // strings always encode
	}
	w.Header().Del("Content-Length") // of what was to be said instead
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: nobody to tell
}
