-- Add column "method" to table: "audit_events"
ALTER TABLE `audit_events` ADD COLUMN `method` text NULL;
-- Add column "second_factor" to table: "users"
ALTER TABLE `users` ADD COLUMN `second_factor` bool NOT NULL DEFAULT false;
-- Add column "factors_changed_at" to table: "users"
ALTER TABLE `users` ADD COLUMN `factors_changed_at` datetime NULL;
-- Add column "strong_at" to table: "user_tokens"
ALTER TABLE `user_tokens` ADD COLUMN `strong_at` datetime NULL;
-- Add column "trusted" to table: "user_tokens"
ALTER TABLE `user_tokens` ADD COLUMN `trusted` bool NULL;
-- Add column "in_cookie" to table: "user_tokens"
ALTER TABLE `user_tokens` ADD COLUMN `in_cookie` bool NULL;
-- Add column "token_id" to table: "user_tokens"
ALTER TABLE `user_tokens` ADD COLUMN `token_id` uuid NULL;
-- Create "factors" table
CREATE TABLE `factors` (
  `id` uuid NOT NULL,
  `kind` text NOT NULL,
  `name` text NOT NULL,
  `sealed` blob NOT NULL,
  `last_step` integer NOT NULL DEFAULT (0),
  `created_at` datetime NOT NULL,
  `confirmed_at` datetime NULL,
  `last_used_at` datetime NULL,
  `user_id` uuid NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `factors_users_factors` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE CASCADE
);
-- Create index "factor_user_id" to table: "factors"
CREATE INDEX `factor_user_id` ON `factors` (`user_id`);
-- Create index "factor_confirmed_at_created_at" to table: "factors"
CREATE INDEX `factor_confirmed_at_created_at` ON `factors` (`confirmed_at`, `created_at`);
