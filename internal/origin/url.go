package origin

import (
	"errors"
	"regexp"
	"strings"
)

// URL is where browsers reach a server: an origin of the web, and the path below
// which a proxy in front has it, if any.
type URL struct {
	Origin Origin
	Path   string // as /auth, or empty
}

// String is the URL without a slash at its end.
func (u URL) String() string { return u.Origin.String() + u.Path }

// pathPattern has no segment that begins with a dot, such as .. and .well-known,
// and nothing that is written in two ways or means something in a cookie.
var pathPattern = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$`)

// maxPath is the longest path: it is in every link and cookie.
const maxPath = 100

// ParseURL reads scheme://host:port/path. One slash at the end does not count.
func ParseURL(text string) (URL, error) {
	scheme, rest, _ := strings.Cut(text, "://")
	if s := strings.ToLower(scheme); s != "https" && s != "http" {
		return URL{}, errors.New("must begin with https://")
	}
	host, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, path = rest[:i], strings.TrimSuffix(rest[i:], "/")
	}
	o, err := Parse(scheme + "://" + host)
	switch {
	case err != nil:
		return URL{}, err
	case len(path) > maxPath || !pathPattern.MatchString(path):
		return URL{}, errors.New("the path is not one such as /auth: it may have letters, digits, hyphens, underscores, tildes and dots, and no part may begin with a dot")
	}
	return URL{o, path}, nil
}
