package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/authgraph/authgraph/internal/accesstoken"
	"github.com/authgraph/authgraph/internal/auth"
	"github.com/authgraph/authgraph/internal/config"
	"github.com/authgraph/authgraph/internal/limit"
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
	s, err := store.Open(ctx, store.Options{URL: c.DatabaseURL, MaxConns: c.DatabasePool, Unprepared: !c.DatabasePrepare})
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
	root, err := secret.New(c.Secret, previous(c)...)
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
	o.passwords, err = password.New(password.Options{Scheme: c.PasswordHash, Peppers: c.PasswordPeppers, Slots: c.HashConcurrency})
	if err != nil {
		return nil, err
	}
	now := time.Now
	o.outbox = outbox.New(o.store, root, func() time.Time { return now().UTC().Truncate(time.Microsecond) })
	o.auth, err = auth.New(ctx, auth.Options{
		Settings: settings(c), Store: o.store, Secret: root,
		Passwords: o.passwords, Policy: c.PasswordPolicy,
		Tokens: accesstoken.Options{Issuer: c.Issuer, Audience: c.Audience, Algorithm: c.JWTAlgorithm},
		Outbox: o.outbox, CacheCallers: c.CallerCache, ListenURL: c.ListenURL, KeyAge: c.KeyRotation, Log: log, Now: now,
	})
	return o, err
}

func previous(c *config.Config) []string {
	if c.SecretPrevious == "" {
		return nil
	}
	return []string{c.SecretPrevious}
}

func settings(c *config.Config) auth.Settings {
	limitOf := func(l config.Limit) limit.Limit { return limit.Limit{Count: l.Count, Per: l.Per} }
	return auth.Settings{
		ServiceName: c.ServiceName,
		AccessTTL:   c.AccessTTL, RefreshTTL: c.RefreshTTL, SessionTTL: c.SessionTTL, RefreshGrace: c.RefreshGrace,
		ConfirmTTL: c.ConfirmTTL, ResetTTL: c.ResetTTL, RecentTTL: c.RecentTTL, APITokenTTL: c.APITokenTTL,
		Scopes: c.APITokenScopes, Usernames: c.Usernames, SignInNotice: c.SignInNotice,
		Limits: auth.Limits{Login: limitOf(c.LimitLogin), SignUp: limitOf(c.LimitSignUp), Mail: limitOf(c.LimitMail)},
	}
}
