package origin

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

var hostPattern = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)

var errNoHost = errors.New("the host is not a name or an IP address; write names in other alphabets in the xn-- form")

// CheckHost refuses the host, with a port or without, that a browser would write
// differently, letter case aside.
func CheckHost(written string) error {
	host, port := split(written)
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Zone() != "" || ip.String() != host {
			return fmt.Errorf("the IP address must be written as %s", ip.WithZone(""))
		}
	} else if !IsName(host) || looksLikeIP(host) {
		return errNoHost
	}
	return checkPort(written, port)
}

// split cuts the port off, as net/url does.
func split(written string) (host, port string) {
	host = strings.ToLower(written)
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host, port = host[:i], host[i+1:]
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), port
}

func checkPort(written, port string) error {
	if port == "" && strings.HasSuffix(written, ":") {
		return errors.New("there is no port after the colon")
	}
	if port == "" {
		return nil
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return errors.New("the port is not a number from 1 to 65535 without leading zeros")
	}
	return nil
}

// IsName reports that a text can be the name of a host.
func IsName(host string) bool { return hostPattern.MatchString(strings.ToLower(host)) }

// looksLikeIP tells names that a browser reads as an IPv4 address: the last
// label is a number, be it decimal, octal or hexadecimal.
func looksLikeIP(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil || strings.Trim(last, "0123456789") == ""
}

// IsLoopback reports that the host, by name or address, is this machine.
func IsLoopback(host string) bool {
	if host = strings.ToLower(host); host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
