-- Modify "factors" table
ALTER TABLE "factors" ALTER COLUMN "sealed" DROP NOT NULL, ADD COLUMN "credential_id" bytea NULL, ADD COLUMN "public_key" bytea NULL, ADD COLUMN "sign_count" bigint NOT NULL DEFAULT 0, ADD COLUMN "rp_id" character varying NULL, ADD COLUMN "transports" character varying NULL, ADD COLUMN "model" uuid NULL, ADD COLUMN "verifies_user" boolean NOT NULL DEFAULT false, ADD COLUMN "discoverable" boolean NULL, ADD COLUMN "backup_eligible" boolean NOT NULL DEFAULT false, ADD COLUMN "backup_state" boolean NOT NULL DEFAULT false;
-- Create index "factor_rp_id" to table: "factors"
CREATE INDEX "factor_rp_id" ON "factors" ("rp_id");
-- Create index "factors_credential_id_key" to table: "factors"
CREATE UNIQUE INDEX "factors_credential_id_key" ON "factors" ("credential_id");
-- Modify "user_tokens" table
ALTER TABLE "user_tokens" ADD COLUMN "passkey" bytea NULL, ADD COLUMN "code_mac" bytea NULL;
