-- Disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- Add column "passkey" to table: "user_tokens"
ALTER TABLE `user_tokens` ADD COLUMN `passkey` blob NULL;
-- Add column "code_mac" to table: "user_tokens"
ALTER TABLE `user_tokens` ADD COLUMN `code_mac` blob NULL;
-- Create "new_factors" table
CREATE TABLE `new_factors` (
  `id` uuid NOT NULL,
  `kind` text NOT NULL,
  `name` text NOT NULL,
  `sealed` blob NULL,
  `last_step` integer NOT NULL DEFAULT (0),
  `credential_id` blob NULL,
  `public_key` blob NULL,
  `sign_count` integer NOT NULL DEFAULT (0),
  `rp_id` text NULL,
  `transports` text NULL,
  `model` uuid NULL,
  `verifies_user` bool NOT NULL DEFAULT (false),
  `discoverable` bool NULL,
  `backup_eligible` bool NOT NULL DEFAULT (false),
  `backup_state` bool NOT NULL DEFAULT (false),
  `created_at` datetime NOT NULL,
  `confirmed_at` datetime NULL,
  `last_used_at` datetime NULL,
  `user_id` uuid NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `factors_users_factors` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE CASCADE
);
-- Copy rows from old table "factors" to new temporary table "new_factors"
INSERT INTO `new_factors` (`id`, `kind`, `name`, `sealed`, `last_step`, `created_at`, `confirmed_at`, `last_used_at`, `user_id`) SELECT `id`, `kind`, `name`, `sealed`, `last_step`, `created_at`, `confirmed_at`, `last_used_at`, `user_id` FROM `factors`;
-- Drop "factors" table after copying rows
DROP TABLE `factors`;
-- Rename temporary table "new_factors" to "factors"
ALTER TABLE `new_factors` RENAME TO `factors`;
-- Create index "factors_credential_id_key" to table: "factors"
CREATE UNIQUE INDEX `factors_credential_id_key` ON `factors` (`credential_id`);
-- Create index "factor_user_id" to table: "factors"
CREATE INDEX `factor_user_id` ON `factors` (`user_id`);
-- Create index "factor_rp_id" to table: "factors"
CREATE INDEX `factor_rp_id` ON `factors` (`rp_id`);
-- Create index "factor_confirmed_at_created_at" to table: "factors"
CREATE INDEX `factor_confirmed_at_created_at` ON `factors` (`confirmed_at`, `created_at`);
-- Enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
