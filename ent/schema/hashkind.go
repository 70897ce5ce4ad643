package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// HashKind is a way in which stored passwords were hashed. A wrong password costs
// one hash of each kind, so that its time tells nothing of an account.
type HashKind struct{ ent.Schema }

// Fields of the HashKind.
func (HashKind) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").Immutable().
			Comment("The kind, written as the setting is."),
		field.Time("seen_at").
			Comment("When an account with such a hash was last known to be there."),
	}
}
