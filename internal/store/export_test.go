package store

import (
	"context"
	"io/fs"
	"time"
)

// MigrateFrom is Migrate with other files.
func (s *Store) MigrateFrom(ctx context.Context, from fs.FS) error { return s.migrate(ctx, from) }

// Doubt has Ready believe that a disk has so many bytes left, and try a write
// every so often.
func (s *Store) Doubt(room uint64, every time.Duration) {
	s.writes.room, s.writes.every = func() uint64 { return room }, every
}
