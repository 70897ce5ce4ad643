-- Modify "user_tokens" table
ALTER TABLE "user_tokens" ADD COLUMN "profile" text NULL;
-- Modify "users" table
ALTER TABLE "users" ADD COLUMN "profile" text NOT NULL DEFAULT '{}';
