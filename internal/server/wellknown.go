package server

import (
	"encoding/json"
	"net/http"
)

// wellKnown serves what other services need to verify access tokens, and what
// browsers need to know about passkeys.
type wellKnown struct{ o Options }

// keysAge is how long verifiers may keep the keys: less than a new key is
// published before it signs.
const keysAge = "public, max-age=300"

// jwks is the JWK Set of RFC 7517 section 5.
func (k wellKnown) jwks(w http.ResponseWriter, r *http.Request) {
	keys, err := k.o.Auth.JWKS(r.Context())
	k.answer(w, r, "application/jwk-set+json", keys, err)
}

// configuration is as much of OpenID Connect Discovery as verifiers ask for.
// There is no authorization endpoint.
func (k wellKnown) configuration(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(map[string]any{
		"issuer":                                k.o.Auth.Issuer(),
		"jwks_uri":                              k.o.PublicURL.String() + "/.well-known/jwks.json",
		"id_token_signing_alg_values_supported": []string{k.o.Auth.Algorithm()},
		"subject_types_supported":               []string{"public"},
		"response_types_supported":              []string{},
	})
	k.answer(w, r, "application/json", body, err)
}

// relatedOrigins are origins of other domains that may ask for passkeys (Web
// Authentication level 3, section 5.11).
func (k wellKnown) relatedOrigins(w http.ResponseWriter, r *http.Request) {
	k.answer(w, r, "application/json", k.o.RelatedOrigins, nil)
}

func (k wellKnown) answer(w http.ResponseWriter, r *http.Request, contentType string, body []byte, err error) {
	if err != nil {
		k.o.Log.ErrorContext(r.Context(), "keys cannot be published", "request", requestID(r.Context()), "err", err)
		fault(w, requestID(r.Context()))
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", keysAge)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Allow-Origin", "*") // public, and without credentials
	_, _ = w.Write(body)                      // the client is gone: nobody to tell
}
