package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// OutboxMessage is a letter that waits to be sent, or was. It is written in
// the transaction of the flow that wants it sent.
type OutboxMessage struct{ ent.Schema }

// Fields of the OutboxMessage.
func (OutboxMessage) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("letter").Immutable().
			Comment("Name of the letter's template."),
		field.String("recipient").Immutable().
			Comment("Canonical address; empty for a row that sends nothing and is there so that the work is the same."),
		field.Bytes("content").Immutable().Sensitive().
			Comment("JSON of what the template shows; holds no secret."),
		field.Bytes("sealed_token").Optional().Nillable().Sensitive().
			Comment("The plain token, sealed; erased once the letter is sent or dropped, and kept while an operator may have it tried again."),
		field.UUID("token_id", uuid.UUID{}).Optional().Nillable().Immutable().
			Comment("The letter is dropped when this UserToken is gone."),
		field.Enum("state").Values("waiting", "sent", "dropped", "failed").Default("waiting"),
		field.Int("attempts").Default(0),
		field.Time("due_at").
			Comment("While waiting: not before this; a worker that takes the letter moves it ahead, which is its lease."),
		field.UUID("lease", uuid.UUID{}).Optional().Nillable().
			Comment("Of the worker that holds the letter; a result is recorded only under it."),
		field.String("last_error").Optional().Nillable(),
		field.Time("created_at").Immutable(),
		field.Time("finished_at").Optional().Nillable(),
	}
}

// Indexes of the OutboxMessage.
func (OutboxMessage) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("state", "due_at"),
		index.Fields("state", "finished_at"),
		index.Fields("token_id"),
	}
}
