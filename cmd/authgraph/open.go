package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/config"
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

func openStore(ctx context.Context, c *config.Config) (*store.Store, error) {
	s, err := store.Open(ctx, c.Store)
	if err != nil {
		return nil, fmt.Errorf("AUTHGRAPH_DATABASE_URL: %w", err)
	}
	return s, nil
}

// open opens the database, brings its schema up to date and makes the domain
// on it.
func open(ctx context.Context, c *config.Config, log *slog.Logger) (o *opened, err error) {
	if err := c.EnsureDevelopmentSecret(); err != nil {
		return nil, err
	}
	root, err := secret.New(c.Secret, c.SecretPrevious...)
	if err != nil {
		return nil, fmt.Errorf("AUTHGRAPH_SECRET: %w", err)
	}
	o = new(opened)
	if o.store, err = openStore(ctx, c); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = o.store.Close() // err says what went wrong
		}
	}()
	if err := o.store.Migrate(ctx); err != nil {
		return nil, fmt.Errorf("migrate the database: %w", err)
	}
	if o.passwords, err = password.New(c.Passwords); err != nil {
		return nil, err
	}
	now := time.Now
	o.outbox = outbox.New(o.store, root, func() time.Time { return now().UTC().Truncate(time.Microsecond) })
	options := c.Auth
	options.Store, options.Secret, options.Passwords, options.Outbox = o.store, root, o.passwords, o.outbox
	options.Log, options.Now = log, now
	o.auth, err = auth.New(ctx, options)
	return o, err
}
