package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// User is a person's account. It exists only once confirmed: a sign-up that
// waits for its letter is a UserToken.
type User struct{ ent.Schema }

// Fields of the User.
func (User) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("email").Optional().Nillable().
			Comment("Address as it was typed, for showing. It is proved to us once confirmed_at is set."),
		field.String("email_key").Optional().Nillable().
			Comment("Canonical address: decides equality, and is where letters go."),
		field.String("username").Optional().Nillable().
			Comment("Name to log in with, as it was typed."),
		field.String("username_key").Optional().Nillable().
			Comment("Username in lower case: decides equality."),
		field.String("password_hash").Optional().Nillable().Sensitive().
			Comment("PHC string; names its parameters and, where there is one, the pepper's key id. None: no password opens the account."),
		field.Time("credentials_changed_at").
			Comment("When the password was last set, changed or reset; without one, when the account was made. Devices known from before are forgotten, and what was proved before counts no more."),
		field.String("pending_email").Optional().Nillable().
			Comment("New address as typed; takes effect when confirmed."),
		field.String("pending_email_key").Optional().Nillable().
			Comment("Canonical new address. Not unique: whether it is taken is not told."),
		field.Time("confirmed_at").Optional().Nillable().
			Comment("When an address was last proved to us, or an account without one made. None: only a provider vouches for the address."),
		field.Time("disabled_at").Optional().Nillable().
			Comment("Set by the operator: no session, letter or API token works."),
		field.Bool("second_factor").Default(false).
			Comment("Whether the password alone logs in no more."),
		field.Time("factors_changed_at").Optional().Nillable().
			Comment("When a factor was last added or removed, or asking for one switched: browsers trusted or known from before count no more as such."),
		field.String("roles").Default("").
			Comment("What the account is in the application: names apart by spaces, without the default role."),
		field.Text("profile").Default("{}").
			Comment("What the application keeps of the person: a JSON object of at most 4 KiB, by the fields of the operator's file."),
		field.String("locale").Optional().Nillable().
			Comment("Language of the person, a BCP 47 tag. None: e-mails are in the operator's default."),
		field.Time("created_at").Immutable(),
		field.Time("updated_at"),
	}
}

// Edges of the User.
func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("tokens", UserToken.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("factors", Factor.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("identities", Identity.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes of the User. PostgreSQL's compare bytes, whatever the language of the
// database is, so that what begins alike lies together: see package store.
func (User) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("email_key").Unique().Annotations(entsql.OpClass("text_pattern_ops")),
		index.Fields("username_key").Unique().Annotations(entsql.OpClass("text_pattern_ops")),
		index.Fields("id").Annotations(entsql.IndexWhere("roles <> ''")).StorageKey("user_with_roles"),
	}
}
