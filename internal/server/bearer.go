package server

import (
	"net/http"
	"strings"
)

// bearerOf returns the one bearer token of a request (RFC 6750 section 2.1),
// and whether a credential for us was sent. A blank value is none, and neither
// is another scheme: that one is for a proxy in front. An empty token stands
// for whatever is no single bearer token, and is refused as any bad one.
func bearerOf(r *http.Request) (token string, sent bool) {
	values := r.Header["Authorization"]
	for _, value := range values {
		if !isForOthers(value) {
			sent = true
		}
	}
	if !sent || len(values) > 1 {
		return "", sent
	}
	if scheme, token, _ := strings.Cut(values[0], " "); strings.EqualFold(scheme, "Bearer") {
		return token, true
	}
	return "", true
}

// isForOthers reports that a value of Authorization is blank, or of a scheme
// other than Bearer. A token whose scheme was forgotten is neither: its sender
// is told, where an anonymous answer would puzzle.
func isForOthers(value string) bool {
	scheme, rest := cutScheme(value)
	switch {
	case scheme == "":
		return strings.Trim(value, " \t") == ""
	case strings.EqualFold(scheme, "Bearer"):
		return false
	case rest == "": // no scheme has these, our tokens do
		return !strings.ContainsAny(scheme, "._")
	}
	return true
}

// cutScheme cuts a value behind the name of its scheme, which is a token of
// RFC 9110 section 5.6.2: a scheme's name may end at a tab or a comma as well.
func cutScheme(value string) (scheme, rest string) {
	for i := range len(value) {
		if !isTokenByte(value[i]) {
			return value[:i], value[i:]
		}
	}
	return value, ""
}

func isTokenByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}
