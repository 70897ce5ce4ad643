-- Add column "detail" to table: "audit_events"
ALTER TABLE `audit_events` ADD COLUMN `detail` text NULL;
-- Add column "roles" to table: "users"
ALTER TABLE `users` ADD COLUMN `roles` text NOT NULL DEFAULT '';
-- Create index "user_with_roles" to table: "users"
CREATE INDEX `user_with_roles` ON `users` (`id`) WHERE roles <> '';
