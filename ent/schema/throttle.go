package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Throttle counts attempts. internal/limit writes it by one statement each.
type Throttle struct{ ent.Schema }

// Fields of the Throttle.
func (Throttle) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").Immutable().
			Comment("Name of the limit and whom it counts; identifiers are keyed hashes."),
		field.Int("attempts"),
		field.Time("forgotten_at").
			Comment("The counter starts anew after this."),
	}
}

// Indexes of the Throttle.
func (Throttle) Indexes() []ent.Index {
	return []ent.Index{index.Fields("forgotten_at")}
}
