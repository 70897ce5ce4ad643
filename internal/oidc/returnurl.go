package oidc

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// maxReturnURL is the longest URL to come back to: it is in a cookie.
const maxReturnURL = 512

// ReturnURLs are the places to which a browser may come back. They are compared
// byte by byte, with two exceptions: an entry http://127.0.0.1/path or
// http://[::1]/path without a port stands for any port (RFC 8252 section 7.3), and
// in development any page of http://localhost is one.
type ReturnURLs struct {
	List        []string
	Development bool
}

// Has reports that a URL is one of them.
func (r ReturnURLs) Has(text string) bool {
	if slices.Contains(r.List, text) {
		return true
	}
	u, ok := plain(text)
	if !ok || u.Scheme != "http" || u.Port() == "" {
		return false
	}
	if r.Development && u.Hostname() == "localhost" {
		return true
	}
	bare := *u
	bare.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
	return isLoopbackIP(u.Hostname()) && slices.Contains(r.List, bare.String())
}

// plain reads a URL that can be read in one way only: written again it is the same
// text.
func plain(text string) (*url.URL, bool) {
	if len(text) > maxReturnURL || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`"<>\^{}|#`+"`", c) }) {
		return nil, false
	}
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.String() != text {
		return nil, false
	}
	return u, true
}

// ParseReturnURL checks an entry of the operator's list.
func ParseReturnURL(text string) error {
	u, ok := plain(text)
	switch {
	case len(text) > maxReturnURL:
		return errors.New("is longer than 512 characters")
	case strings.Contains(text, "#"):
		return errors.New("must not have a fragment: that is where the answer goes")
	case !ok || u.Scheme == "":
		return errors.New("is not a URL, or one with a user, or with characters that must be percent-encoded")
	case slices.Contains([]string{"javascript", "data", "blob", "file", "about", "vbscript"}, u.Scheme):
		return errors.New("a page of this scheme cannot be trusted")
	case u.Scheme != "https" && u.Scheme != "http":
		if !strings.Contains(u.Scheme, ".") {
			return errors.New("an app's own scheme must be a domain name in reverse, such as com.example.app (RFC 8252 section 7.1)")
		}
		return nil
	case u.Hostname() == "" || u.Opaque != "":
		return errors.New("has no host")
	case u.Host != strings.ToLower(u.Host):
		return errors.New("the host must be in lower case")
	case strings.HasSuffix(u.Hostname(), ".") || strings.HasSuffix(u.Host, ":"):
		return errors.New("the host must not end with a dot or a colon")
	case u.Scheme == "http" && u.Hostname() != "localhost" && !isLoopbackIP(u.Hostname()):
		return errors.New("must begin with https://; http is for this machine only")
	}
	return nil
}

func isLoopbackIP(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
