-- Create "audit_events" table
CREATE TABLE "audit_events" (
  "id" uuid NOT NULL,
  "at" timestamptz NOT NULL,
  "event" character varying NOT NULL,
  "outcome" character varying NOT NULL,
  "actor" character varying NOT NULL,
  "user_id" uuid NULL,
  "session_id" uuid NULL,
  "token_id" uuid NULL,
  "ip_address" character varying NULL,
  "user_agent" character varying NULL,
  "request_id" character varying NULL,
  PRIMARY KEY ("id")
);
-- Create index "auditevent_at" to table: "audit_events"
CREATE INDEX "auditevent_at" ON "audit_events" ("at");
-- Create index "auditevent_user_id_at" to table: "audit_events"
CREATE INDEX "auditevent_user_id_at" ON "audit_events" ("user_id", "at");
-- Create "outbox_messages" table
CREATE TABLE "outbox_messages" (
  "id" uuid NOT NULL,
  "letter" character varying NOT NULL,
  "recipient" character varying NOT NULL,
  "content" bytea NOT NULL,
  "sealed_token" bytea NULL,
  "token_id" uuid NULL,
  "state" character varying NOT NULL DEFAULT 'waiting',
  "attempts" bigint NOT NULL DEFAULT 0,
  "due_at" timestamptz NOT NULL,
  "lease" uuid NULL,
  "last_error" character varying NULL,
  "created_at" timestamptz NOT NULL,
  "finished_at" timestamptz NULL,
  PRIMARY KEY ("id")
);
-- Create index "outboxmessage_state_due_at" to table: "outbox_messages"
CREATE INDEX "outboxmessage_state_due_at" ON "outbox_messages" ("state", "due_at");
-- Create index "outboxmessage_state_finished_at" to table: "outbox_messages"
CREATE INDEX "outboxmessage_state_finished_at" ON "outbox_messages" ("state", "finished_at");
-- Create index "outboxmessage_token_id" to table: "outbox_messages"
CREATE INDEX "outboxmessage_token_id" ON "outbox_messages" ("token_id");
-- Create "signing_keys" table
CREATE TABLE "signing_keys" (
  "id" character varying NOT NULL,
  "algorithm" character varying NOT NULL,
  "sealed" bytea NOT NULL,
  "created_at" timestamptz NOT NULL,
  "signs_from" timestamptz NOT NULL,
  "retires_at" timestamptz NULL,
  PRIMARY KEY ("id")
);
-- Create "hash_kinds" table
CREATE TABLE "hash_kinds" (
  "id" character varying NOT NULL,
  "seen_at" timestamptz NOT NULL,
  PRIMARY KEY ("id")
);
-- Create "throttles" table
CREATE TABLE "throttles" (
  "id" character varying NOT NULL,
  "attempts" bigint NOT NULL,
  "forgotten_at" timestamptz NOT NULL,
  PRIMARY KEY ("id")
);
-- Create index "throttle_forgotten_at" to table: "throttles"
CREATE INDEX "throttle_forgotten_at" ON "throttles" ("forgotten_at");
-- Create "users" table
CREATE TABLE "users" (
  "id" uuid NOT NULL,
  "email" character varying NULL,
  "email_key" character varying NULL,
  "username" character varying NULL,
  "username_key" character varying NULL,
  "password_hash" character varying NULL,
  "credentials_changed_at" timestamptz NOT NULL,
  "pending_email" character varying NULL,
  "pending_email_key" character varying NULL,
  "confirmed_at" timestamptz NULL,
  "disabled_at" timestamptz NULL,
  "created_at" timestamptz NOT NULL,
  "updated_at" timestamptz NOT NULL,
  PRIMARY KEY ("id")
);
-- Create index "user_email_key" to table: "users"
CREATE UNIQUE INDEX "user_email_key" ON "users" ("email_key" text_pattern_ops);
-- Create index "user_username_key" to table: "users"
CREATE UNIQUE INDEX "user_username_key" ON "users" ("username_key" text_pattern_ops);
-- Create "user_tokens" table
CREATE TABLE "user_tokens" (
  "id" uuid NOT NULL,
  "purpose" character varying NOT NULL,
  "digest" bytea NOT NULL,
  "sent_to" character varying NULL,
  "sent_to_typed" character varying NULL,
  "session_id" uuid NULL,
  "password_hash" character varying NULL,
  "key_digest" bytea NULL,
  "created_at" timestamptz NOT NULL,
  "expires_at" timestamptz NOT NULL,
  "ends_at" timestamptz NULL,
  "generation" bigint NOT NULL DEFAULT 0,
  "rotated_at" timestamptz NULL,
  "authenticated_at" timestamptz NULL,
  "methods" character varying NULL,
  "last_used_at" timestamptz NULL,
  "device_name" character varying NULL,
  "user_agent" character varying NULL,
  "ip_address" character varying NULL,
  "name" character varying NULL,
  "hint" character varying NULL,
  "scope" character varying NULL,
  "user_id" uuid NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "user_tokens_users_tokens" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE CASCADE
);
-- Leave room beside each row for its next version: a refresh then touches no index
ALTER TABLE "user_tokens" SET (fillfactor = 85);
-- Create index "user_tokens_digest_key" to table: "user_tokens"
CREATE UNIQUE INDEX "user_tokens_digest_key" ON "user_tokens" ("digest");
-- Create index "usertoken_expires_at" to table: "user_tokens"
CREATE INDEX "usertoken_expires_at" ON "user_tokens" ("expires_at");
-- Create index "usertoken_sent_to_purpose" to table: "user_tokens"
CREATE INDEX "usertoken_sent_to_purpose" ON "user_tokens" ("sent_to", "purpose");
-- Create index "usertoken_user_id_purpose" to table: "user_tokens"
CREATE INDEX "usertoken_user_id_purpose" ON "user_tokens" ("user_id", "purpose");
