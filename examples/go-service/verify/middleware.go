package verify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// A Caller is who sent a request.
type Caller struct {
	*Claims
	Token string // to ask authgraph in the caller's name; never log it
}

type callerKey struct{}

// CallerFrom is the caller of a request that Require let in. It panics elsewhere:
// a handler that forgot Require must not go on as nobody.
func CallerFrom(ctx context.Context) Caller {
	return ctx.Value(callerKey{}).(Caller)
}

// Require lets requests in whose bearer is a good access token with the scope,
// and puts the caller into the context. It answers others as RFC 6750 says.
func (v *Verifier) Require(scope string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, sent := bearer(r)
		if !sent {
			refuse(w, http.StatusUnauthorized, "Bearer")
			return
		}
		claims, err := v.Verify(r.Context(), token, scope)
		switch {
		case errors.Is(err, ErrScope):
			refuse(w, http.StatusForbidden, fmt.Sprintf(`Bearer error="insufficient_scope", scope=%q`, scope))
		case err != nil: // why, is nothing to tell a stranger
			refuse(w, http.StatusUnauthorized, `Bearer error="invalid_token"`)
		default:
			// What depends on who asks is in no shared cache.
			w.Header().Set("Cache-Control", "private, no-store")
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, Caller{claims, token})))
		}
	})
}

// bearer is the token of a request. Two headers are none: another reader might
// take the other one.
func bearer(r *http.Request) (token string, sent bool) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return "", false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

func refuse(w http.ResponseWriter, status int, challenge string) {
	w.Header().Set("WWW-Authenticate", challenge)
	http.Error(w, http.StatusText(status), status)
}
