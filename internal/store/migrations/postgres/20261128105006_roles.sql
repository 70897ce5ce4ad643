-- Modify "audit_events" table
ALTER TABLE "audit_events" ADD COLUMN "detail" character varying NULL;
-- Modify "users" table
ALTER TABLE "users" ADD COLUMN "roles" character varying NOT NULL DEFAULT '';
-- Create index "user_with_roles" to table: "users"
CREATE INDEX "user_with_roles" ON "users" ("id") WHERE ((roles)::text <> ''::text);
