-- Modify "audit_events" table
ALTER TABLE "audit_events" ADD COLUMN "method" character varying NULL;
-- Modify "user_tokens" table
ALTER TABLE "user_tokens" ADD COLUMN "strong_at" timestamptz NULL, ADD COLUMN "trusted" boolean NULL, ADD COLUMN "in_cookie" boolean NULL, ADD COLUMN "token_id" uuid NULL;
-- Modify "users" table
ALTER TABLE "users" ADD COLUMN "second_factor" boolean NOT NULL DEFAULT false, ADD COLUMN "factors_changed_at" timestamptz NULL;
-- Create "factors" table
CREATE TABLE "factors" (
  "id" uuid NOT NULL,
  "kind" character varying NOT NULL,
  "name" character varying NOT NULL,
  "sealed" bytea NOT NULL,
  "last_step" bigint NOT NULL DEFAULT 0,
  "created_at" timestamptz NOT NULL,
  "confirmed_at" timestamptz NULL,
  "last_used_at" timestamptz NULL,
  "user_id" uuid NOT NULL,
  PRIMARY KEY ("id"),
  CONSTRAINT "factors_users_factors" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE CASCADE
);
-- Create index "factor_user_id" to table: "factors"
CREATE INDEX "factor_user_id" ON "factors" ("user_id");
-- Create index "factor_confirmed_at_created_at" to table: "factors"
CREATE INDEX "factor_confirmed_at_created_at" ON "factors" ("confirmed_at", "created_at");
