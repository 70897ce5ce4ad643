package server

import (
	"cmp"
	"net/http"
	"regexp"
	"strings"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/origin"
)

// cookieNames are without prefix; see cookieStyle.
var cookieNames = map[auth.CookieName]string{
	auth.SessionCookie: "authgraph",
	auth.DeviceCookie:  "authgraph-device",
	auth.ConfirmCookie: "authgraph-confirm",
	auth.TrustCookie:   "authgraph-trust",
	auth.FlowCookie:    "authgraph-flow-",
}

// cookieStyle is how all cookies are set. The prefix of a name keeps plain HTTP,
// and __Host- also other hosts, from setting the cookie. Browsers take the one
// with Secure only, the other with the path of the whole host only: below a path
// it would go to the host's other applications as well.
type cookieStyle struct {
	prefix, path string
	secure       bool
}

func newCookieStyle(public origin.URL) cookieStyle {
	switch {
	case public.Origin.Scheme != "https": // http is for localhost
		return cookieStyle{path: cmp.Or(public.Path, "/")}
	case public.Path == "":
		return cookieStyle{prefix: "__Host-", path: "/", secure: true}
	}
	return cookieStyle{prefix: "__Secure-", path: public.Path, secure: true}
}

func (s cookieStyle) browserOf(r *http.Request) *auth.Browser {
	return &auth.Browser{
		Session: s.cookieOf(r, auth.SessionCookie),
		Device:  s.cookieOf(r, auth.DeviceCookie),
		Confirm: s.cookieOf(r, auth.ConfirmCookie),
		Trust:   s.cookieOf(r, auth.TrustCookie),
		Flows:   s.flowsOf(r),
	}
}

// flowsOf are the cookies of visits to providers, by the end of their names. As
// cookieOf, it takes none that comes twice.
func (s cookieStyle) flowsOf(r *http.Request) map[string]string {
	var flows map[string]string
	times := map[string]int{}
	for _, line := range r.Header["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, _ := strings.Cut(pair, "=")
			suffix, found := strings.CutPrefix(strings.Trim(name, " \t"), s.prefix+cookieNames[auth.FlowCookie])
			if !found || !flowSuffix.MatchString(suffix) {
				continue
			}
			if flows == nil {
				flows = map[string]string{}
			}
			if times[suffix]++; times[suffix] > 1 {
				value = ""
			}
			flows[suffix] = strings.Trim(value, " \t")
		}
	}
	return flows
}

// flowSuffix is how the name of such a cookie ends: nothing else is ours to clear.
var flowSuffix = regexp.MustCompile(`^[A-Za-z0-9_-]{8}$`)

// cookieOf is the value of a cookie. One that comes twice is none: whoever else
// can set cookies for the host, or the domain, has planted one beside ours, and
// which comes first says nothing.
func (s cookieStyle) cookieOf(r *http.Request, name auth.CookieName) string {
	times, value := 0, ""
	for _, line := range r.Header["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			if n, v, _ := strings.Cut(pair, "="); strings.Trim(n, " \t") == s.prefix+cookieNames[name] {
				times, value = times+1, strings.Trim(v, " \t")
			}
		}
	}
	if times != 1 {
		return ""
	}
	return value
}

// cookieWriter sets the cookies before the first byte of the answer.
type cookieWriter struct {
	http.ResponseWriter
	browser *auth.Browser
	style   cookieStyle
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
			Name: w.style.prefix + cookieNames[change.Name] + change.Suffix, Value: change.Value,
			Path: w.style.path, HttpOnly: true, Secure: w.style.secure, SameSite: http.SameSiteLaxMode,
			Expires: change.Expires,
		}
		if change.Value == "" {
			cookie.MaxAge = -1
		}
		http.SetCookie(w.ResponseWriter, cookie)
	}
}
