-- Modify "user_tokens" table
ALTER TABLE "user_tokens" ADD COLUMN "sealed" bytea NULL;
-- Create "identities" table
CREATE TABLE "identities" (
  "id" uuid NOT NULL,
  "provider" character varying NOT NULL,
  "issuer" character varying NOT NULL,
  "subject" character varying NOT NULL,
  "email" character varying NULL,
  "email_verified" boolean NOT NULL DEFAULT false,
  "name" character varying NULL,
  "created_at" timestamptz NOT NULL,
  "last_used_at" timestamptz NULL,
  "suspended_at" timestamptz NULL,
  "user_id" uuid NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "identities_users_identities" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE CASCADE
);
-- Create index "identity_issuer_subject" to table: "identities"
CREATE UNIQUE INDEX "identity_issuer_subject" ON "identities" ("issuer", "subject");
-- Create index "identity_user_id" to table: "identities"
CREATE INDEX "identity_user_id" ON "identities" ("user_id");
