package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// AuditEvent says who did what, when, from where and with what outcome. It
// refers to accounts by id and outlives them; it holds no secret.
type AuditEvent struct{ ent.Schema }

// Fields of the AuditEvent.
func (AuditEvent) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.Time("at").Immutable(),
		field.String("event").Immutable().
			Comment("What happened, e.g. `login`."),
		field.String("outcome").Immutable().
			Comment("`ok`, or the code of the refusal."),
		field.String("actor").Immutable().
			Comment("`anonymous`, `session`, `api_token`, `operator` or `system`."),
		field.UUID("user_id", uuid.UUID{}).Optional().Nillable().Immutable().
			Comment("Whose account it was about, if that is known."),
		field.UUID("session_id", uuid.UUID{}).Optional().Nillable().Immutable(),
		field.UUID("token_id", uuid.UUID{}).Optional().Nillable().Immutable(),
		field.String("method").Optional().Nillable().Immutable().
			Comment("Which proof or factor it was about, e.g. `TOTP`."),
		field.String("detail").Optional().Nillable().Immutable().
			Comment("What it became, e.g. the new roles. Never a value that a person typed."),
		field.String("ip_address").Optional().Nillable().Immutable(),
		field.String("user_agent").Optional().Nillable().Immutable(),
		field.String("request_id").Optional().Nillable().Immutable(),
	}
}

// Indexes of the AuditEvent.
func (AuditEvent) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("user_id", "at"),
		index.Fields("at"),
	}
}
