package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

type healthCommand struct{}

// Run asks the server that these settings describe whether it is ready: for
// container health checks without a shell.
func (healthCommand) Run(p *program) (err error) {
	ctx, cancel := context.WithTimeout(p.ctx, 3*time.Second)
	defer cancel()
	transport := &http.Transport{} // a proxy of the environment is asked nothing: it would speak for itself
	at := "localhost"
	if path, isSocket := p.config.Socket(); isSocket {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}
	} else if at, err = reachable(p.config.Listen); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("ask for readiness: %w", err)
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return errors.New("the server does not answer")
	}
	defer res.Body.Close() //nolint:errcheck // only the status counts
	if res.StatusCode != http.StatusOK {
		return errors.New("the server is not ready")
	}
	_, err = fmt.Fprintln(p.out, "ready")
	return err
}

// reachable is an address at which this machine reaches a listener.
func reachable(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("AUTHGRAPH_LISTEN: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}
