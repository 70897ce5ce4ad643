package server

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
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

// fault answers a request that could not even begin, in GraphQL's form.
func fault(w http.ResponseWriter, id string) {
	refuse(w, http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Something went wrong on our side.", id)
}

func refuse(w http.ResponseWriter, status int, code, message, id string) {
	extensions := map[string]string{"code": code}
	if id != "" {
		extensions["requestId"] = id
	}
	body, err := json.Marshal(map[string]any{"errors": []any{map[string]any{"message": message, "extensions": extensions}}})
	if err != nil {
		body = []byte(`{"errors":[{"message":"fault"}]}`) // strings always encode
	}
	w.Header().Del("Content-Length") // of what was to be said instead
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: nobody to tell
}
