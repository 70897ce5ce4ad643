package server

import (
	"net/http"

	"github.com/authgraph/authgraph/internal/auth"
)

// cookieNames are without prefix; see cookieName.
var cookieNames = map[auth.CookieName]string{
	auth.SessionCookie: "authgraph",
	auth.DeviceCookie:  "authgraph-device",
	auth.ConfirmCookie: "authgraph-confirm",
}

// cookieName has the prefix that keeps other hosts and plain HTTP from setting
// the cookie, which browsers allow with Secure only.
func cookieName(name auth.CookieName, secure bool) string {
	if secure {
		return "__Host-" + cookieNames[name]
	}
	return cookieNames[name]
}

func browserOf(r *http.Request, secure bool) *auth.Browser {
	return &auth.Browser{
		Session: cookieOf(r, auth.SessionCookie, secure),
		Device:  cookieOf(r, auth.DeviceCookie, secure),
		Confirm: cookieOf(r, auth.ConfirmCookie, secure),
	}
}

func cookieOf(r *http.Request, name auth.CookieName, secure bool) string {
	cookie, err := r.Cookie(cookieName(name, secure))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// cookieWriter sets the cookies before the first byte of the answer.
type cookieWriter struct {
	http.ResponseWriter
	browser *auth.Browser
	secure  bool
	done    bool
}

// WriteHeader adds the cookies.
func (w *cookieWriter) WriteHeader(status int) {
	w.setCookies()
	w.ResponseWriter.WriteHeader(status)
}

// Write adds the cookies, if the header was not written.
func (w *cookieWriter) Write(p []byte) (int, error) {
	w.setCookies()
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *cookieWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *cookieWriter) setCookies() {
	if w.done {
		return
	}
	w.done = true
	for _, change := range w.browser.Changes() {
		cookie := &http.Cookie{ //nolint:gosec // without Secure on http://localhost only
			Name: cookieName(change.Name, w.secure), Value: change.Value,
			Path: "/", HttpOnly: true, Secure: w.secure, SameSite: http.SameSiteLaxMode,
			Expires: change.Expires,
		}
		if change.Value == "" {
			cookie.MaxAge = -1
		}
		http.SetCookie(w.ResponseWriter, cookie)
	}
}
