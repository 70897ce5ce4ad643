package store

import (
	"context"
	"io/fs"
	"time"
)

// MigrateFrom is Migrate with other files.
func (s *Store) MigrateFrom(ctx context.Context, from fs.FS) error { return s.migrate(ctx, from) }

// Doubt makes Ready assume this many free bytes, and test writing this often.
func (s *Store) Doubt(room uint64, every time.Duration) {
	s.writes.room, s.writes.every = func() uint64 { return room }, every
}
