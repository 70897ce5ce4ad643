package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// UserToken is everything a person can hold: a mailed token, a session, an API
// token. The purpose says which; a token is good for its purpose only.
type UserToken struct{ ent.Schema }

// Fields of the UserToken.
func (UserToken) Fields() []ent.Field {
	return append([]ent.Field{
		id(),
		field.Enum("purpose").
			NamedValues("Confirm", "confirm", "ChangeEmail", "change_email", "ResetPassword", "reset_password", "Session", "session", "API", "api",
				"Challenge", "challenge", "RecoveryCode", "recovery_code", "TrustedDevice", "trusted_device",
				"EmailLogin", "email_login", "Spent", "spent", "Provider", "provider", "Link", "link").
			Immutable(),
		field.UUID("user_id", uuid.UUID{}).Optional().Nillable().Immutable().
			Comment("Owner; none for a sign-up that waits for its letter, and for what nobody gets."),
		field.Bytes("digest").Sensitive().Immutable().Unique().
			Comment("SHA-256 of the token; for a session, of its random; of a passkey's challenge that was used, of the challenge."),
		field.String("sent_to").Optional().Nillable().Immutable().
			Comment("Canonical address a mailed token went to; it is good only while that is still the account's."),
		field.String("sent_to_typed").Optional().Nillable().Immutable().
			Comment("The same address as it was typed."),
		field.UUID("session_id", uuid.UUID{}).Optional().Nillable().Immutable().
			Comment("Change of address, code to prove presence, or answer of a provider to link or to prove presence: the session that asked."),
		field.String("password_hash").Optional().Nillable().Sensitive().
			Comment("Of a pending sign-up: the password chosen at that very sign-up. Challenge after a reset letter: the new password, in effect with the answer."),
		field.Bytes("key_digest").Optional().Nillable().Sensitive().Immutable().
			Comment("Of a pending sign-up: SHA-256 of the key that its browser was given."),
		field.Text("profile").Optional().Nillable().Immutable().
			Comment("Of a pending sign-up: what was said at that very sign-up, for the account's profile."),
		field.String("locale").Optional().Nillable().Immutable().
			Comment("Of a pending sign-up: the language of who signed up, for the account."),
		field.Bytes("passkey").Optional().Nillable().Immutable().
			Comment("Of a pending sign-up with a passkey: the passkey, and the id of the account to be, as JSON."),
		field.Bytes("code_mac").Optional().Nillable().Sensitive().Immutable().
			Comment("Code from an e-mail: a MAC of it, under a key that is not in the database."),
		field.Bytes("sealed").Optional().Nillable().Sensitive().Immutable().
			Comment("Answer of a provider, or offer to link it: who the provider says it is, sealed for this row."),
		field.Time("created_at").Immutable(),
		field.Time("expires_at").
			Comment("For a session: when it ends unless it is refreshed."),
		field.Time("ends_at").Optional().Nillable().Immutable().
			Comment("Session: when it ends at the latest."),
		field.Uint32("generation").Default(0).
			Comment("Session: which refresh token is current."),
		field.Time("rotated_at").Optional().Nillable().
			Comment("Session: when the current generation began; the grace time counts from it."),
		field.Time("authenticated_at").Optional().Nillable().
			Comment("Session: last proof of presence."),
		field.String("methods").Optional().Nillable().
			Comment("Session: how its owner proved to be entitled to it, words apart by spaces; those in lower case say more of a passkey. Challenge: what is proved already."),
		field.Time("strong_at").Optional().Nillable().
			Comment("Session: last proof by a second factor, or by a passkey that verifies its user."),
		field.Bool("trusted").Optional().Nillable().
			Comment("Session: it began in a browser that needs no second factor. Challenge: it is for a browser that has logged in before."),
		field.Bool("in_cookie").Optional().Nillable().Immutable().
			Comment("Challenge, or code from an e-mail: where the refresh token goes, as it was asked for."),
		field.UUID("token_id", uuid.UUID{}).Optional().Nillable().Immutable().
			Comment("Challenge after a reset letter: the letter's token, redeemed with the answer."),
		field.Time("last_used_at").Optional().Nillable(),
		field.String("device_name").Optional().Nillable().Immutable(),
		field.String("user_agent").Optional().Nillable().Immutable(),
		field.String("ip_address").Optional().Nillable().
			Comment("Session: where it was last used from. Mailed token: where it was asked for."),
	}, apiTokenFields()...)
}

// apiTokenFields are those that only API tokens have.
func apiTokenFields() []ent.Field {
	return []ent.Field{
		field.String("name").Optional().Nillable().Immutable().
			Comment("API token: the owner's name for it."),
		field.String("hint").Optional().Nillable().Immutable().
			Comment("API token: how the secret begins."),
		field.String("scope").Optional().Nillable().Immutable().
			Comment("API token: what it may do, names apart by spaces as in RFC 6749 section 3.3."),
	}
}

// Edges of the UserToken.
func (UserToken) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("tokens").Field("user_id").Unique().Immutable(),
	}
}

// Indexes of the UserToken.
func (UserToken) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("user_id", "purpose"),
		index.Fields("sent_to", "purpose"),
		index.Fields("expires_at"),
	}
}
