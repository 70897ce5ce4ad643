-- Add column "profile" to table: "users"
ALTER TABLE `users` ADD COLUMN `profile` text NOT NULL DEFAULT '{}';
-- Add column "profile" to table: "user_tokens"
ALTER TABLE `user_tokens` ADD COLUMN `profile` text NULL;
