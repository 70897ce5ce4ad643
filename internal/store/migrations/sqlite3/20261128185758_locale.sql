-- Add column "locale" to table: "users"
ALTER TABLE `users` ADD COLUMN `locale` text NULL;
-- Add column "locale" to table: "user_tokens"
ALTER TABLE `user_tokens` ADD COLUMN `locale` text NULL;
