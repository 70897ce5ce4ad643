package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// No error in this file wraps one of url.Parse, which quotes the whole URL
// with its password.

// origin is a scheme, a host and a port, as browsers write it (RFC 6454
// section 6.2): lower case, no default port.
type origin struct {
	scheme, host, port string
}

// String is the origin as a browser sends it.
func (o origin) String() string {
	host := o.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if o.port != "" {
		host += ":" + o.port
	}
	return o.scheme + "://" + host
}

// safe reports whether nobody on the way can read or change what goes there.
func (o origin) safe() bool { return o.scheme != "http" || isLoopback(o.host) }

var (
	schemePattern = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)
	hostPattern   = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)
)

// parseOrigin reads scheme://host:port and refuses everything that an origin
// does not have: a path, a query, a user, patterns, and the null origin, which
// every sandboxed page has.
func parseOrigin(text string) (origin, error) {
	switch {
	case strings.Contains(text, "*"):
		return origin{}, errors.New("must be a single origin, not a pattern")
	case text == "null":
		return origin{}, errors.New("must not be null, which any page can claim to be")
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return origin{}, errors.New("must be scheme://host or scheme://host:port")
	}
	switch {
	case u.User != nil:
		return origin{}, errors.New("must not hold a user or password")
	case u.Path != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return origin{}, errors.New("must end after the host and port: no path, no query")
	case !schemePattern.MatchString(u.Scheme) || u.Scheme == "file":
		return origin{}, errors.New("has a scheme that no origin has")
	}
	o := origin{scheme: u.Scheme, host: strings.ToLower(u.Hostname()), port: u.Port()}
	if err := checkHost(u.Host, o.host, o.port); err != nil {
		return origin{}, err
	}
	if o.scheme == "https" && o.port == "443" || o.scheme == "http" && o.port == "80" {
		o.port = ""
	}
	return o, nil
}

// checkHost refuses hosts and ports that a browser would write differently.
func checkHost(written, host, port string) error {
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Zone() != "" || ip.String() != host {
			return fmt.Errorf("has an address that is written %s", ip.WithZone(""))
		}
	} else if !hostPattern.MatchString(host) || looksLikeIP(host) {
		return errors.New("has a host that is none; write names of other alphabets in the xn-- form")
	}
	if port == "" && strings.HasSuffix(written, ":") {
		return errors.New("has a colon without a port")
	}
	if port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
			return errors.New("has a port that is none")
		}
	}
	return nil
}

// looksLikeIP tells names that a browser reads as an IPv4 address: the last
// label is a number, be it decimal, octal or hexadecimal.
func looksLikeIP(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil || strings.Trim(last, "0123456789") == ""
}

// publicURL reads where the server is reached from outside: the origin in all
// links, in cookies and in tokens. Plain http is for this machine alone, as
// cookies without Secure would be.
func publicURL(production bool) kind[string] {
	return func(v *Value) (string, error) {
		if v.text == "" {
			return "", nil
		}
		o, err := parseOrigin(strings.TrimSuffix(v.text, "/"))
		switch {
		case err != nil:
			return "", err
		case o.scheme != "https" && o.scheme != "http":
			return "", errors.New("must begin with https://")
		case production && o.scheme != "https":
			return "", errors.New("must begin with https:// in production")
		case !o.safe():
			return "", errors.New("must begin with https://, as http is for this machine alone")
		}
		return o.String(), nil
	}
}

// origins reads a list of origins.
func origins(v *Value) ([]string, error) {
	list, err := each(v, func(item string) (string, error) {
		o, err := parseOrigin(item)
		if err != nil {
			return "", fmt.Errorf("%s %w", quote(v, item), err)
		}
		return o.String(), nil
	})
	var once []string
	for _, text := range list {
		if !slices.Contains(once, text) {
			once = append(once, text)
		}
	}
	return once, err
}

// page reads the URL of a page that links lead to. Its path and query are
// free; the fragment is where the token goes.
func page(production bool) kind[string] {
	return func(v *Value) (string, error) {
		if v.text == "" {
			return "", nil
		}
		u, err := url.Parse(v.text)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return "", errors.New("must be an absolute https URL")
		}
		host := strings.ToLower(u.Hostname())
		switch hostErr := checkHost(u.Host, host, u.Port()); {
		case u.User != nil:
			err = errors.New("must not hold a user or password")
		case strings.Contains(v.text, "#"):
			err = errors.New("must not have a fragment: the token goes there")
		case strings.ContainsFunc(v.text, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`"<>\`, c) }):
			err = errors.New("has characters that must be percent-encoded")
		case hostErr != nil:
			err = hostErr
		case production && u.Scheme != "https":
			err = errors.New("must begin with https:// in production")
		case u.Scheme != "https" && !isLoopback(host):
			err = errors.New("must begin with https://, as http is for this machine alone")
		}
		return v.text, err
	}
}

// issuer reads the iss of tokens, which others compare byte by byte.
func issuer(v *Value) (string, error) {
	if v.text == "" {
		return "", nil
	}
	u, err := url.Parse(v.text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil ||
		strings.ContainsAny(v.text, "?#") || strings.ContainsFunc(v.text, notToken) {
		return "", errors.New("must be an http or https URL without user, query and fragment")
	}
	return v.text, nil
}

// audience reads the aud of tokens.
func audience(v *Value) (string, error) {
	if len(v.text) > 255 || strings.ContainsFunc(v.text, notToken) {
		return "", errors.New("must be at most 255 visible ASCII characters")
	}
	return v.text, nil
}

func notToken(c rune) bool { return c <= ' ' || c > '~' }

// isLoopback reports whether the host, by name or address, is this machine.
func isLoopback(host string) bool {
	if host = strings.ToLower(host); host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
