package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/authgraph/authgraph/internal/config"
)

// errProvider says that a provider cannot be used, after the list has said why.
var errProvider = errors.New("a provider cannot be used; the list says why")

type providersCommand struct{}

// Run prints what to register at each provider, and asks each how it describes
// itself.
func (providersCommand) Run(p *program) error {
	now := p.config.Auth.Now
	if now == nil {
		now = time.Now
	}
	rows := [][]string{{"ID", "REGISTER THIS REDIRECT URI", "ISSUER", "STATE"}}
	failed := false
	for _, one := range providers(p.config, now, nil).All() {
		state := "ok"
		if err := ask(p.ctx, one.Ready); err != nil {
			state, failed = err.Error(), true
		} else if !one.OpenID() {
			state = "not asked: it does not describe itself"
		}
		rows = append(rows, []string{one.ID, redirectURL(p.config, one.ID), one.Issuer, state})
	}
	if err := table(p.out, rows); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(p.out, "\nBrowsers may come back to:\n"); err != nil {
		return err
	}
	for _, to := range p.config.ReturnURLs.List {
		if _, err := fmt.Fprintf(p.out, "  %s\n", to); err != nil {
			return err
		}
	}
	if failed {
		return errProvider
	}
	return nil
}

func ask(ctx context.Context, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 6*time.Second)
	defer cancel()
	return ready(ctx)
}

// registered is what must be registered at each provider.
func registered(c *config.Config) (lines [][2]string) {
	for _, one := range c.Providers {
		lines = append(lines, [2]string{one.ID, redirectURL(c, one.ID)})
	}
	return lines
}
