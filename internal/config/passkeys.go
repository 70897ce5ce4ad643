package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/authgraph/authgraph/internal/origin"
	"github.com/authgraph/authgraph/internal/passkey"
)

// passkeys is what the settings say about passkeys; the rest follows from
// PUBLIC_URL.
type passkeys struct {
	on      bool
	id      string
	origins []string
}

// wellKnown is where browsers look for origins that are not below the RP ID.
const wellKnown = "/.well-known/webauthn"

func readPasskeys(r *reader, c *Config, s *Settings) {
	c.passkeys = passkeys{
		on: read(r, &s.Passkeys.Value, toggle(true)), id: read(r, &s.PasskeyRPID, rpID), origins: read(r, &s.PasskeyOrigins, passkeyOrigins),
	}
}

// rpID reads a domain name for which passkeys can be made.
func rpID(v *Value) (string, error) {
	id := strings.ToLower(v.text)
	_, notIP := netip.ParseAddr(id)
	switch {
	case id == "":
		return "", nil
	case notIP == nil:
		return "", errors.New("is an IP address; passkeys need a domain name")
	case !origin.IsName(id):
		return "", errors.New("is not a domain name, such as example.com: without scheme, port and path")
	case origin.IsRegistry(id) && id != "localhost":
		return "", errors.New("is a name below which anybody can have one; browsers make no passkey for it")
	}
	return id, nil
}

// appKey is how an app on Android calls itself: by the hash of its key.
var appKey = regexp.MustCompile(`^android:apk-key-hash(-sha256)?:[A-Za-z0-9_-]{20,64}$`)

// passkeyOrigins reads the origins whose pages may ask for passkeys.
func passkeyOrigins(v *Value) ([]string, error) {
	return each(v, func(item string) (string, error) {
		if appKey.MatchString(item) {
			return item, nil
		}
		o, err := origin.Parse(item)
		switch {
		case err != nil:
			return "", fmt.Errorf("%s: %w", quote(v, item), err)
		case !o.Web() || !o.Safe():
			return "", fmt.Errorf("%s: must begin with https:// (http is for localhost only), or be an app as in android:apk-key-hash:…", quote(v, item))
		}
		return o.String(), nil
	})
}

// below reports that a host is a domain, or a name below it.
func below(host, domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }

// checkPasskeys tells an RP ID that browsers would refuse on our own pages.
func (c *Config) checkPasskeys(r *reader, s *Settings) {
	if c.passkeys.id == "" || s.PasskeyRPID.bad || s.PublicURL.bad || s.Listen.bad {
		return
	}
	if public, err := origin.ParseURL(c.PublicURL); err == nil && !below(public.Origin.Host, c.passkeys.id) {
		r.wrong(&s.PasskeyRPID, "is neither the host of PUBLIC_URL, %s, nor a domain above it", public.Origin.Host)
	}
}

// derivePasskeys fills in who passkeys are made for, once it is known where the
// server is. There can be none where that is an IP address.
func (c *Config) derivePasskeys() {
	public, err := origin.ParseURL(c.PublicURL)
	id := c.passkeys.id
	if id == "" && err == nil {
		id = public.Origin.Host
	}
	if _, notIP := netip.ParseAddr(id); err != nil || notIP == nil {
		c.Auth.Party, c.Auth.Settings.Passkeys = nil, false
		return
	}
	list := c.passkeys.origins
	if len(list) == 0 {
		list = []string{public.Origin.String()}
		for _, o := range c.AllowedOrigins {
			if o.Web() && o.Safe() && below(o.Host, id) {
				list = append(list, o.String())
			}
		}
	}
	c.PasskeyOrigins, c.RelatedOrigins = list, related(list, id)
	local := !c.Production && id == "localhost"
	c.Auth.Settings.Passkeys = c.passkeys.on
	c.Auth.Party = &passkey.Party{ID: id, Name: c.Letters.Service, Allowed: func(from string) bool {
		return slices.Contains(list, from) || local && isLocal(from)
	}}
}

// isLocal reports that a page is on some port of localhost: development takes any.
func isLocal(from string) bool {
	o, ok := origin.Sent(from)
	return ok && o.Scheme == "http" && o.Host == "localhost"
}

// related are the web's origins that are not below the RP ID.
func related(list []string, id string) (others []string) {
	for _, text := range list {
		if o, err := origin.Parse(text); err == nil && o.Web() && !below(o.Host, id) {
			others = append(others, text)
		}
	}
	return others
}

// ServesRelatedOrigins reports that browsers look for the document about related
// origins at this server. Elsewhere somebody else must serve it.
func (c *Config) ServesRelatedOrigins() bool {
	public, err := origin.ParseURL(c.PublicURL)
	return err == nil && c.Auth.Party != nil && public.Path == "" && public.Origin.Host == c.Auth.Party.ID
}

// RelatedOriginsDocument is what browsers ask for at /.well-known/webauthn; nil if
// there are no related origins.
func (c *Config) RelatedOriginsDocument() []byte {
	if len(c.RelatedOrigins) == 0 {
		return nil
	}
	document, _ := json.Marshal(map[string][]string{"origins": c.RelatedOrigins}) // texts alone
	return document
}

// printRelatedOrigins says what somebody else must serve.
func (c *Config) printRelatedOrigins(w io.Writer) error {
	document := c.RelatedOriginsDocument()
	if document == nil || c.ServesRelatedOrigins() {
		return nil
	}
	_, err := fmt.Fprintf(w, "# %sPASSKEY_ORIGINS: serve this as application/json at https://%s%s\n# %s\n", prefix, c.Auth.Party.ID, wellKnown, document)
	return err
}
