package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/callout"
	"github.com/authgraph/authgraph/internal/config"
	"github.com/authgraph/authgraph/internal/oidc"
	"github.com/authgraph/authgraph/internal/outbox"
	"github.com/authgraph/authgraph/internal/password"
	"github.com/authgraph/authgraph/internal/secret"
	"github.com/authgraph/authgraph/internal/store"
)

// opened is the domain on its database, as the server and the operator's
// commands use it.
type opened struct {
	store     *store.Store
	passwords *password.Hasher
	outbox    *outbox.Outbox
	auth      *auth.Service
}

// openStore opens the database. One that is not there yet is waited for.
func openStore(ctx context.Context, c *config.Config, log *slog.Logger) (*store.Store, error) {
	over := time.NewTimer(c.DatabaseWait)
	defer over.Stop()
	for told, pause := false, 100*time.Millisecond; ; pause = min(2*pause, time.Second) {
		s, err := store.Open(ctx, c.Store)
		if err == nil {
			return s, nil
		}
		err = fmt.Errorf("AUTHGRAPH_DATABASE_URL: %w", err)
		if c.DatabaseWait == 0 || !store.NotThereYet(err) {
			return nil, err
		}
		if !told {
			told = true
			log.WarnContext(ctx, "waiting for the database, which is not there yet", "wait", c.DatabaseWait.String(), "err", err)
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-over.C:
			again.Stop()
			return nil, err
		case <-ctx.Done():
			again.Stop()
			return nil, err
		}
	}
}

// open opens the database, brings its schema up to date and makes the domain
// on it.
func open(ctx context.Context, c *config.Config, log *slog.Logger) (*opened, error) {
	s, root, err := openWithSecret(ctx, c, log)
	if err != nil {
		return nil, err
	}
	o, err := build(ctx, c, s, root, log)
	if err != nil {
		_ = s.Close() // err says what went wrong
		return nil, err
	}
	return o, nil
}

func openWithSecret(ctx context.Context, c *config.Config, log *slog.Logger) (*store.Store, *secret.Root, error) {
	if err := c.EnsureDevelopmentSecret(); err != nil {
		return nil, nil, err
	}
	root, err := secret.New(c.Secret, c.SecretPrevious...)
	if err != nil {
		return nil, nil, fmt.Errorf("AUTHGRAPH_SECRET: %w", err)
	}
	s, err := openStore(ctx, c, log)
	return s, root, err
}

// build makes the domain on an open database, which stays the caller's to close.
func build(ctx context.Context, c *config.Config, s *store.Store, root *secret.Root, log *slog.Logger) (*opened, error) {
	options, err := prepare(ctx, c, s, root, log)
	if err != nil {
		return nil, err
	}
	service, err := auth.New(ctx, options)
	if err != nil {
		return nil, err
	}
	return &opened{store: s, passwords: options.Passwords, outbox: options.Outbox, auth: service}, nil
}

// askedHook is a hook of the settings, for the domain; nil if there is none.
func askedHook(h *config.Hook) *auth.AskedHook {
	if h == nil {
		return nil
	}
	return &auth.AskedHook{Hook: callout.NewHook(h.HookOptions), Lenient: h.Lenient}
}

// providers are those with which people log in; nil if there are none. Nobody is
// asked anything yet.
func providers(c *config.Config, now func() time.Time, observe func(provider, result string)) *oidc.Set {
	if len(c.Providers) == 0 {
		return nil
	}
	return oidc.NewSet(c.Providers, c.ReturnURLs, oidc.Surroundings{
		RedirectURL: func(id string) string { return redirectURL(c, id) },
		StartURL:    func(flow string) string { return c.PublicURL + "/oidc/start?flow=" + flow },
		Now:         now, Observe: observe,
	})
}

// redirectURL is where a provider sends browsers. It comes from settings alone, and
// must be registered there.
func redirectURL(c *config.Config, id string) string {
	return c.PublicURL + "/oidc/" + id + "/callback"
}

// prepare brings the schema up to date and gathers what the domain works with.
func prepare(ctx context.Context, c *config.Config, s *store.Store, root *secret.Root, log *slog.Logger) (auth.Options, error) {
	options := c.Auth
	if err := migrate(ctx, s); err != nil {
		return options, err
	}
	passwords, err := password.New(c.Passwords)
	if err != nil {
		return options, err
	}
	now := c.Auth.Now
	if now == nil {
		now = time.Now
	}
	letters := outbox.New(s, root, func() time.Time { return now().UTC().Truncate(time.Microsecond) })
	options.Store, options.Secret, options.Passwords, options.Outbox = s, root, passwords, letters
	options.Log, options.Now = log, now
	if c.Captcha.Provider != "" {
		options.Captcha = callout.NewCaptcha(c.Captcha.URL, c.Captcha.Secret)
	}
	options.Providers = providers(c, now, options.Observe.Provider)
	options.Hooks = auth.Hooks{Validate: askedHook(c.Hooks.Validate), Claims: askedHook(c.Hooks.Claims)}
	return options, nil
}
