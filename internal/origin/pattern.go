package origin

import (
	"errors"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Pattern stands for all origins whose host has one label more than a name, as
// previews of a site have. It is for who may call, and for nothing that names
// one place: no link, no cookie and no key is made for a pattern.
type Pattern struct{ below Origin }

// String is the pattern as it is written.
func (p Pattern) String() string {
	o := p.below
	o.Host = "*." + o.Host
	return o.String()
}

// IsPattern reports that a text is meant as a pattern.
func IsPattern(text string) bool { return strings.Contains(text, "*") }

// ParsePattern reads https://*.name:port. The asterisk is the whole leftmost
// label. It refuses a name below which anybody can have one, be it a registry's,
// as co.uk, or a provider's, as vercel.app.
func ParsePattern(text string) (Pattern, error) {
	scheme, rest, found := strings.Cut(text, "://*.")
	if !found || strings.Contains(rest, "*") {
		return Pattern{}, errors.New("the asterisk must stand for the whole first label and nowhere else, as in https://*.preview.example.com")
	}
	below, err := Parse(scheme + "://" + rest)
	switch {
	case err != nil:
		return Pattern{}, err
	case below.Scheme != "https":
		return Pattern{}, errors.New("a pattern must begin with https://")
	case IsLoopback(below.Host) || strings.Contains(below.Host, ":") || looksLikeIP(below.Host):
		return Pattern{}, errors.New("the part after the asterisk must be a domain name")
	case IsRegistry(below.Host) || IsRegistry("any."+below.Host):
		return Pattern{}, errors.New("the name after the asterisk must be your own; anybody can have a page below this one")
	}
	return Pattern{below}, nil
}

// IsRegistry reports that anybody can have a name below this one. It asks the list
// at publicsuffix.org, with its private section. A rule of the list may have an
// asterisk itself: then all names of one more label are suffixes.
func IsRegistry(host string) bool {
	suffix, _ := publicsuffix.PublicSuffix(host)
	return suffix == host
}

// matches reports that the pattern stands for the origin.
func (p Pattern) matches(o Origin) bool {
	label, rest, _ := strings.Cut(o.Host, ".")
	return label != "" && Origin{o.Scheme, rest, o.Port} == p.below
}
