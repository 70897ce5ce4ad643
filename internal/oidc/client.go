package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"
)

const (
	// maxAnswer is the longest answer that is read, in bytes.
	maxAnswer = 512 << 10
	// askTime is how long one request may take, and dialTime its connection.
	askTime, dialTime = 5 * time.Second, 3 * time.Second
	// maxAtOnce is how many requests to one provider may be under way. Others wait
	// for askTime at most.
	maxAtOnce = 16
)

// reason is why a request failed, in our own words. It holds nothing of a URL or an
// answer.
type reason string

// Error is the reason.
func (r reason) Error() string { return string(r) }

const (
	errTooLong   reason = "the answer is longer than 512 KiB"
	errNotPublic reason = "the address is not public, and is not that of the issuer"
	errPlain     reason = "the URL is not https"
	errNotJSON   reason = "the answer is not the JSON that was expected"
	errSlow      reason = "there was no answer in time"
	errNoAnswer  reason = "there was no answer"
)

// newClient makes the client of one provider. It connects to public addresses, and
// to the issuer's own host and port, which the operator has named. It follows no
// redirect. The environment may name a proxy, which then is what it connects to.
func newClient(issuer string) *http.Client {
	g := &guard{own: hostPort(issuer), slots: make(chan struct{}, maxAtOnce)}
	env := httpproxy.FromEnvironment()
	for _, proxy := range []string{env.HTTPSProxy, env.HTTPProxy} {
		if at := hostPort(proxy); at != "" {
			g.proxies = append(g.proxies, at)
		}
	}
	choose := env.ProxyFunc()
	g.next = &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return choose(r.URL) },
		DialContext:            g.dial,
		TLSHandshakeTimeout:    dialTime,
		ResponseHeaderTimeout:  askTime,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        time.Minute,
		DisableCompression:     true, // a small answer may unpack to a large one
		ForceAttemptHTTP2:      true,
	}
	return &http.Client{
		Transport:     g,
		Timeout:       askTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// hostPort is where a URL leads, with the port; empty if it leads nowhere.
func hostPort(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// guard bounds what a request may reach, and how much it may bring back.
type guard struct {
	own     string
	proxies []string
	slots   chan struct{}
	next    http.RoundTripper
}

// RoundTrip asks, when there is room.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	to := hostPort(r.URL.String())
	if r.URL.Scheme != "https" && to != g.own {
		return nil, errPlain
	}
	if ip, err := netip.ParseAddr(r.URL.Hostname()); err == nil && !isPublic(ip) && to != g.own { // a proxy would not ask
		return nil, errNotPublic
	}
	wait := time.NewTimer(askTime)
	defer wait.Stop()
	select {
	case g.slots <- struct{}{}:
	case <-wait.C:
		return nil, ErrBusy
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	response, err := g.next.RoundTrip(r)
	if err != nil {
		<-g.slots
		return nil, err
	}
	response.Body = &boundedBody{ReadCloser: response.Body, left: maxAnswer, done: func() { <-g.slots }}
	return response, nil
}

// dial connects. Where a name leads is checked once it is known: it may lead
// elsewhere the next time.
func (g *guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialTime}
	at := strings.ToLower(address)
	free := at == g.own
	for _, proxy := range g.proxies {
		free = free || at == proxy
	}
	if !free {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !isPublic(to.Addr()) {
				return errNotPublic
			}
			return nil
		}
	}
	return dialer.DialContext(ctx, network, address)
}

// special are networks that net/netip does not tell, and that lead to private
// addresses or nowhere.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10", "::/96",
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// isPublic reports that an address is one of the Internet.
func isPublic(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, network := range special {
		if network.Contains(ip) {
			return false
		}
	}
	return true
}

// boundedBody fails when an answer is too long.
type boundedBody struct {
	io.ReadCloser
	left int
	done func()
}

// Read reads, as long as the answer is not too long.
func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// Close makes room for another request.
func (b *boundedBody) Close() error {
	if b.done != nil {
		b.done()
		b.done = nil
	}
	return b.ReadCloser.Close()
}

// get reads a document in JSON. bearer may be empty. The error is in our own words
// and quotes no answer and no URL.
func get(ctx context.Context, client *http.Client, address, bearer string, to any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return reason("the URL cannot be read")
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "authgraph")
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := client.Do(request)
	if err != nil {
		return bare(err)
	}
	defer response.Body.Close() //nolint:errcheck // it was read as far as it counts
	if response.StatusCode != http.StatusOK {
		return reason("the answer has the status " + strconv.Itoa(response.StatusCode))
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return bare(err)
	}
	if json.Unmarshal(body, to) != nil {
		return errNotJSON
	}
	return nil
}

// bare is an error of net/http without the URL, which may hold a code.
func bare(err error) error {
	if quoting, ok := errors.AsType[*url.Error](err); ok {
		err = quoting.Err
	}
	if ours, ok := errors.AsType[reason](err); ok {
		return ours
	}
	timeout := net.Error(nil)
	switch {
	case errors.Is(err, ErrBusy):
		return ErrBusy
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &timeout) && timeout.Timeout():
		return errSlow
	}
	return errNoAnswer
}
