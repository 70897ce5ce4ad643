package server

import (
	"encoding/json"
	"net/http"

	"github.com/authgraph/authgraph/internal/auth"
)

// exchange serves POST /token: an access token for other services, from an API
// token as bearer or from the session cookie of a page of the same origin.
type exchange struct {
	o   Options
	own string // origin
}

// ServeHTTP answers 201 with the token, or 401, or 503 when it must be
// asked again.
func (e exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, "BAD_REQUEST", "Only POST is allowed here.", "")
		return
	}
	c := auth.CallerFrom(r.Context())
	bearer, sent := bearerOf(r)
	if !sent && !e.sameOrigin(r) {
		refuse(w, http.StatusForbidden, "BAD_REQUEST", "Requests of this origin are not allowed.", "")
		return
	}
	token, err := e.o.Auth.Exchange(r.Context(), c, bearer)
	if err != nil {
		told := auth.Told(r.Context(), e.o.Log, err, "request", c.RequestID)
		if told == nil || told.Code == auth.Overloaded {
			unserved(w, told, c.RequestID)
			return
		}
		challenge := "Bearer"
		if c.Refused != "" || sent {
			challenge = `Bearer error="invalid_token"`
		}
		if told.Code == auth.SecondFactorNeeded { // RFC 9470
			challenge = `Bearer error="insufficient_user_authentication", acr_values="aal2"`
		}
		w.Header().Set("WWW-Authenticate", challenge)
		refuse(w, http.StatusUnauthorized, string(told.Code), told.Message(), "")
		return
	}
	body, err := json.Marshal(map[string]any{"accessToken": token.Token, "expiresIn": token.ExpiresIn})
	if err != nil {
		fault(w, c.RequestID)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(body) // the client is gone: nobody to tell
}

// sameOrigin reports that a browser says the page is ours, or that no browser
// sent the request. Allowed origins are not enough here.
func (e exchange) sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none"
	}
	origin := r.Header.Get("Origin")
	return origin == "" || origin == e.own
}
