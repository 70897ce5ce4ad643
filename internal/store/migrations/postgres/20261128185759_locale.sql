-- Modify "user_tokens" table
ALTER TABLE "user_tokens" ADD COLUMN "locale" character varying NULL;
-- Modify "users" table
ALTER TABLE "users" ADD COLUMN "locale" character varying NULL;
