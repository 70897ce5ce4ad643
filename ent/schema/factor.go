package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Factor is something that its owner has, and that proves it besides the
// password: an authenticator app.
type Factor struct{ ent.Schema }

// Fields of the Factor.
func (Factor) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("user_id", uuid.UUID{}).Immutable(),
		field.Enum("kind").NamedValues("TOTP", "totp").Immutable(),
		field.String("name").
			Comment("The owner's name for it."),
		field.Bytes("sealed").Sensitive().
			Comment("The key that the app has, sealed for this row."),
		field.Int64("last_step").Default(0).
			Comment("The latest step whose code was used: no code works twice."),
		field.Time("created_at").Immutable(),
		field.Time("confirmed_at").Optional().Nillable().
			Comment("When a first code was seen. Before that it is no factor, and soon forgotten."),
		field.Time("last_used_at").Optional().Nillable(),
	}
}

// Edges of the Factor.
func (Factor) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("factors").Field("user_id").Unique().Required().Immutable(),
	}
}

// Indexes of the Factor.
func (Factor) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("user_id"),
		index.Fields("confirmed_at", "created_at"), // beginnings that nobody finished
	}
}
