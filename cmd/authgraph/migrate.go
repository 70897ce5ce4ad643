package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/authgraph/authgraph/internal/store"
)

type migrateCommand struct{}

// Run brings the schema up to date. `serve` does so too; this is for operators
// who want it done before, or by another database user.
func (migrateCommand) Run(p *program) (err error) {
	s, err := openStore(p.ctx, p.config, slog.New(slog.NewTextHandler(p.logTo, nil)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := migrate(p.ctx, s); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.out, "The schema is up to date.")
	return err
}

// migrate says the same whichever command finds that it cannot be done.
func migrate(ctx context.Context, s *store.Store) error {
	if err := s.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}
