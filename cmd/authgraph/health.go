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
func (healthCommand) Run(p *program) error {
	ctx, cancel := context.WithTimeout(p.ctx, 3*time.Second)
	defer cancel()
	host, port, err := net.SplitHostPort(p.config.Listen)
	if err != nil {
		return fmt.Errorf("AUTHGRAPH_LISTEN: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("ask for readiness: %w", err)
	}
	res, err := (&http.Transport{}).RoundTrip(req) // a proxy of the environment is asked nothing: it would speak for itself
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
