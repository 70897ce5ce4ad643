// Package schema declares what the database holds. The migrations in
// internal/store/migrations are generated from it, and a test proves that the
// two agree. Secrets are stored as digests or sealed, and are Sensitive.
// Times are UTC in microseconds.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"
)

// id is the primary key of most tables: a UUIDv7, so that rows sort by age.
func id() ent.Field {
	return field.UUID("id", uuid.UUID{}).
		Default(func() uuid.UUID { return uuid.Must(uuid.NewV7()) }).
		Immutable()
}
