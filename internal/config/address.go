package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/authgraph/authgraph/internal/origin"
)

// listen reads the address of a listener. Development is local, for this
// machine alone: its mailbox is open to every visitor.
func listen(local bool) kind[string] {
	return func(v *Value) (string, error) {
		if strings.HasPrefix(v.text, socketPrefix) {
			return v.text, checkSocket(v, local)
		}
		host, port, err := net.SplitHostPort(v.text)
		n, portErr := strconv.ParseUint(port, 10, 16)
		ip, ipErr := netip.ParseAddr(host)
		switch {
		case err != nil || portErr != nil || strconv.FormatUint(n, 10) != port:
			return "", fmt.Errorf("%s is not host:port", quote(v, v.text))
		case ipErr == nil && ip.Zone() != "" || ipErr != nil && host != "" && !origin.IsName(host):
			return "", fmt.Errorf("%s: the host is not a name or an IP address", quote(v, v.text))
		case local && !origin.IsLoopback(host):
			return "", fmt.Errorf("%s can be reached from other machines; development takes localhost only, unless DEVELOPMENT_OPEN is on", quote(v, v.text))
		}
		return v.text, nil
	}
}

// socketPrefix begins the address of a unix socket, and longestSocket is the longest
// path that every system takes, in bytes.
const (
	socketPrefix  = "unix:"
	longestSocket = 103
)

func checkSocket(v *Value, local bool) error {
	path := strings.TrimPrefix(v.text, socketPrefix)
	switch {
	case local:
		return errors.New("is a unix socket, which no browser reaches; development takes host:port")
	case !filepath.IsAbs(path) || filepath.Clean(path) != path:
		return errors.New("is not unix: and an absolute path, such as unix:/run/authgraph/http.sock")
	case len(path) > longestSocket:
		return fmt.Errorf("has a path of more than %d bytes, the most that a unix socket can have", longestSocket)
	}
	return nil
}

// Socket is the path of the unix socket that the server listens on, if it does.
func (c *Config) Socket() (path string, isSocket bool) {
	return strings.CutPrefix(c.Listen, socketPrefix)
}

// adminListen reads the address of the second listener; empty is off.
func adminListen(local bool) kind[string] {
	return func(v *Value) (string, error) {
		if v.text == "off" {
			return "", nil
		}
		if strings.HasPrefix(v.text, socketPrefix) {
			return "", errors.New("takes host:port, or off")
		}
		return listen(local)(v)
	}
}

// overlap reports whether two listeners cannot both be had.
func overlap(a, b string) bool {
	hostA, portA, _ := net.SplitHostPort(a)
	hostB, portB, _ := net.SplitHostPort(b)
	if portA != portB || portA == "0" {
		return false
	}
	return hostA == hostB || wildcard(hostA) || wildcard(hostB) || origin.IsLoopback(hostA) && origin.IsLoopback(hostB)
}

func wildcard(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "" || err == nil && ip.IsUnspecified()
}

// The shortest network that proxies can be trusted in: a larger one can only
// mean everybody, who could then claim any address and evade every limit.
const (
	shortestIPv4 = 8 // 10.0.0.0/8
	shortestIPv6 = 7 // fc00::/7
)

// networks reads addresses and networks.
func networks(v *Value) ([]netip.Prefix, error) {
	return each(v, func(item string) (netip.Prefix, error) {
		p, problem := parseNetwork(item)
		if problem != "" {
			return p, fmt.Errorf("%s %s", quote(v, item), problem)
		}
		return p, nil
	})
}

func parseNetwork(text string) (p netip.Prefix, problem string) {
	if ip, err := netip.ParseAddr(text); err == nil && ip.Zone() == "" && !ip.IsUnspecified() {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), ""
	}
	p, err := netip.ParsePrefix(text)
	switch {
	case text == "*":
		return p, "would trust everybody"
	case err != nil || p.Addr().Is4In6():
		return p, "is not an IP address or a network such as 10.0.0.0/8"
	case p.Addr().Is4() && p.Bits() < shortestIPv4, p.Addr().Is6() && p.Bits() < shortestIPv6:
		return p, "would trust everybody"
	case p.Masked() != p:
		return p, "is not the first IP address of its network, which is written " + p.Masked().String()
	}
	return p, ""
}
