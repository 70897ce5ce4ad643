package origin

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Origin is a scheme, a host and a port, as browsers write it in the header
// Origin: of the web in lower case and without the default port. Extensions and
// apps have schemes of their own, and hosts that are as they are.
type Origin struct{ Scheme, Host, Port string }

// String is the origin as a browser sends it.
func (o Origin) String() string {
	host := o.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if o.Port != "" {
		host += ":" + o.Port
	}
	return o.Scheme + "://" + host
}

// Web reports that the origin is of the web, not of an extension or an app.
func (o Origin) Web() bool { return o.Scheme == "https" || o.Scheme == "http" }

// Safe reports that nobody on the way can read or change what goes there.
func (o Origin) Safe() bool { return o.Scheme != "http" || IsLoopback(o.Host) }

// none are schemes that no origin has: pages there have the null origin, or
// there are no pages.
var none = []string{"file", "data", "blob", "about", "javascript", "filesystem", "mailto", "ws", "wss", "ftp"}

// appHost is the host of an extension or an app: an id, localhost, or as
// Electron has it a hyphen or a dot.
var appHost = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

// Parse reads scheme://host:port. It refuses everything that an origin does not
// have: a path, a query, a user, patterns, and the null origin, which every
// sandboxed page has.
func Parse(text string) (Origin, error) {
	switch {
	case strings.Contains(text, "*"):
		return Origin{}, errors.New("must be a single origin, not a pattern")
	case text == "null":
		return Origin{}, errors.New("must not be null; any page can have this origin")
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" || u.Opaque != "" {
		return Origin{}, errors.New("must be scheme://host or scheme://host:port")
	}
	o := Origin{Scheme: u.Scheme, Host: u.Hostname(), Port: u.Port()}
	switch {
	case u.User != nil:
		return Origin{}, errors.New("must not contain a user or password")
	case u.Path != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(text, "#"):
		return Origin{}, errors.New("must end after the host and port: no path, no query")
	case slices.Contains(none, o.Scheme):
		return Origin{}, errors.New("pages of this scheme have no origin")
	case o.Web():
		o.Host = strings.ToLower(o.Host)
		err = CheckHost(u.Host)
	case !appHost.MatchString(o.Host):
		err = errNoHost
	default:
		err = checkPort(u.Host, o.Port)
	}
	if o.Scheme == "https" && o.Port == "443" || o.Scheme == "http" && o.Port == "80" {
		o.Port = ""
	}
	return o, err
}
