package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Factor is something that its owner has, and that proves it: an authenticator
// app besides the password, or a passkey, which may do without one.
type Factor struct{ ent.Schema }

// Fields of the Factor.
func (Factor) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("user_id", uuid.UUID{}).Immutable(),
		field.Enum("kind").NamedValues("TOTP", "totp", "Passkey", "passkey").Immutable(),
		field.String("name").
			Comment("The owner's name for it."),
		field.Bytes("sealed").Optional().Sensitive().
			Comment("App: the key that it has, sealed for this row."),
		field.Int64("last_step").Default(0).
			Comment("App: the latest step whose code was used: no code works twice."),
		field.Bytes("credential_id").Optional().Nillable().Unique().Immutable().
			Comment("Passkey: its id, which is its alone among all accounts."),
		field.Bytes("public_key").Optional().Nillable().Immutable().
			Comment("Passkey: the key that verifies its answers, as COSE writes it."),
		field.Int64("sign_count").Default(0).
			Comment("Passkey: how often it has answered, as it says itself; one that is copied says 0."),
		field.String("rp_id").Optional().Nillable().Immutable().
			Comment("Passkey: the domain that it was made for; it works for no other."),
		field.String("transports").Optional().Nillable().Immutable().
			Comment("Passkey: how a browser reaches it, words apart by spaces."),
		field.UUID("model", uuid.UUID{}).Optional().Nillable().Immutable().
			Comment("Passkey: the AAGUID of its authenticator, not proved."),
		field.Bool("verifies_user").Default(false).Immutable().
			Comment("Passkey: whether it verified its user when it was made. Only such a one logs in by itself."),
		field.Bool("discoverable").Optional().Nillable().
			Comment("Passkey: whether it is found without its id, as a login needs; none: not known yet."),
		field.Bool("backup_eligible").Default(false).
			Comment("Passkey: whether it may be copied to other devices of its owner."),
		field.Bool("backup_state").Default(false).
			Comment("Passkey: whether it was."),
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
		index.Fields("rp_id"),                      // passkeys of another domain
		index.Fields("confirmed_at", "created_at"), // beginnings that nobody finished
	}
}
