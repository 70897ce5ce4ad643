// An example of a service behind authgraph, to copy: people and programs call it
// with access tokens.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"time"

	"example.org/service/authgraph"
	"example.org/service/verify"
)

func main() {
	url := cmp.Or(os.Getenv("AUTHGRAPH_URL"), "http://localhost:8080")
	verifier, err := newVerifier(context.Background(), url)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: "localhost:8090", Handler: routes(url, verifier), ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

// newVerifier checks tokens of the server at a URL. Issuer and Audience are its public URL, unless
// AUTHGRAPH_ISSUER and AUTHGRAPH_AUDIENCE say else.
func newVerifier(ctx context.Context, url string) (*verify.Verifier, error) {
	return verify.New(ctx, verify.Options{Issuer: url, Audience: url, Algorithm: "ES256", KeysURL: url + "/.well-known/jwks.json"})
}

// routes has what needs the token alone, what asks authgraph, and what is for programs.
func routes(url string, v *verify.Verifier) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /hello", v.Require("session", http.HandlerFunc(hello)))
	mux.Handle("GET /me", v.Require("session", me(url)))
	mux.Handle("POST /orders", v.Require("orders:write", http.HandlerFunc(order)))
	return mux
}

// hello knows the caller by the token. It costs no request, but a session that has
// ended is believed until the token expires.
func hello(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, map[string]string{"id": verify.CallerFrom(r.Context()).Subject})
}

// me asks authgraph in the caller's name: what the token does not say, and whether
// the session still is.
func me(url string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, err := authgraph.Me(r.Context(), authgraph.New(url, verify.CallerFrom(r.Context()).Token))
		switch {
		case authgraph.Code(err) == "UNAUTHENTICATED":
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			http.Error(w, "The session has ended.", http.StatusUnauthorized)
		case err != nil || got.Me == nil:
			log.Printf("ask authgraph: %v", err)
			http.Error(w, "Try again later.", http.StatusServiceUnavailable)
		default:
			answer(w, http.StatusOK, got.Me)
		}
	})
}

// order is for programs: their tokens were made from API tokens.
func order(w http.ResponseWriter, r *http.Request) {
	caller := verify.CallerFrom(r.Context())
	answer(w, http.StatusCreated, map[string]string{"for": caller.Subject, "by": caller.TokenID})
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the client is gone: nobody to tell
}
