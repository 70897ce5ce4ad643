package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Identity is an account at a provider that opens an account here. Issuer and
// subject name it; everything else is what the provider said last.
type Identity struct{ ent.Schema }

// Fields of the Identity.
func (Identity) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("user_id", uuid.UUID{}).Immutable(),
		field.String("provider").
			Comment("Id of the provider in the settings, through which it was last used."),
		field.String("issuer").
			Comment("Who says that it is so."),
		field.String("subject").Immutable().
			Comment("What the issuer calls the person; it never changes."),
		field.String("email").Optional().Nillable().
			Comment("Address as the provider wrote it. Not the account's."),
		field.Bool("email_verified").Default(false).
			Comment("Whether the provider said that the address was verified."),
		field.String("name").Optional().Nillable(),
		field.Time("created_at").Immutable(),
		field.Time("last_used_at").Optional().Nillable(),
		field.Time("suspended_at").Optional().Nillable().
			Comment("When a password reset took it out of use, until it is linked again."),
	}
}

// Edges of the Identity.
func (Identity) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("identities").Field("user_id").Unique().Required().Immutable(),
	}
}

// Indexes of the Identity.
func (Identity) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("issuer", "subject").Unique(),
		index.Fields("user_id"),
	}
}
