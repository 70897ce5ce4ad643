package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
)

// SigningKey is a key for access tokens, sealed under the secret.
type SigningKey struct{ ent.Schema }

// Fields of the SigningKey.
func (SigningKey) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").Immutable().
			Comment("The `kid`: the RFC 7638 thumbprint; for a symmetric key, random."),
		field.String("algorithm").Immutable(),
		field.Bytes("sealed").Sensitive().
			Comment("The private key, sealed under a key derived from the secret."),
		field.Time("created_at").Immutable(),
		field.Time("signs_from").
			Comment("Published before; signs from now on."),
		field.Time("retires_at").Optional().Nillable().
			Comment("No longer published or accepted from then on."),
	}
}
