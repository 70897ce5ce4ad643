package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// clients tells who asks, as far as trusted proxies vouch for it.
type clients struct {
	trusted []netip.Prefix
	log     *slog.Logger
	warns   bool
	warned  sync.Once
}

// of is the peer's address, unless the peer is a trusted proxy: then the
// right-most address in X-Forwarded-For that is none. Whatever is further left
// was written by strangers.
func (c *clients) of(r *http.Request) netip.Addr {
	ip, trusted := c.peer(r)
	values := r.Header["X-Forwarded-For"]
	if !trusted && len(values) > 0 {
		c.warn(r.Context(), ip)
	}
	hops := strings.Split(strings.Join(values, ","), ",")
	for i := len(hops) - 1; i >= 0 && trusted; i-- {
		hop, err := parseHop(strings.Trim(hops[i], " \t"))
		if err != nil {
			break // the proxy's own address is the last that can be believed
		}
		ip = hop.Unmap().WithZone("")
		trusted = c.trusts(ip)
	}
	return ip
}

// peer is the other end of the connection, and whether it is a trusted proxy. At a
// unix socket it has no address, and is one: its file says who may connect.
func (c *clients) peer(r *http.Request) (ip netip.Addr, trusted bool) {
	if _, isSocket := r.Context().Value(http.LocalAddrContextKey).(*net.UnixAddr); isSocket {
		return netip.Addr{}, true
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	ip = peer.Addr().Unmap().WithZone("")
	return ip, c.trusts(ip)
}

func (c *clients) trusts(ip netip.Addr) bool {
	return slices.ContainsFunc(c.trusted, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// warn says once that a proxy, for all we know, is not trusted: all its clients
// share one count of every limit then, and nobody would hear of it.
func (c *clients) warn(ctx context.Context, peer netip.Addr) {
	if !c.warns {
		return
	}
	c.warned.Do(func() {
		c.log.WarnContext(ctx, "X-Forwarded-For comes from a peer that is not trusted; if it is a proxy of yours, all its clients count as one until you name it",
			"setting", "AUTHGRAPH_TRUSTED_PROXIES", "peer", peer.String())
	})
}

// parseHop reads an address in X-Forwarded-For. Some proxies add the port, and
// some put brackets around an address of IPv6 without one.
func parseHop(text string) (netip.Addr, error) {
	if inner, ok := strings.CutPrefix(text, "["); ok {
		if inner, ok := strings.CutSuffix(inner, "]"); ok {
			ip, err := netip.ParseAddr(inner)
			if err == nil && ip.Is4() {
				err = errors.New("brackets are for IPv6")
			}
			return ip, err
		}
	}
	if ip, err := netip.ParseAddr(text); err == nil {
		return ip, nil
	}
	withPort, err := netip.ParseAddrPort(text)
	return withPort.Addr(), err
}
