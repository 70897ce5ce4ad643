-- Add column "sealed" to table: "user_tokens"
ALTER TABLE `user_tokens` ADD COLUMN `sealed` blob NULL;
-- Create "identities" table
CREATE TABLE `identities` (
  `id` uuid NOT NULL,
  `provider` text NOT NULL,
  `issuer` text NOT NULL,
  `subject` text NOT NULL,
  `email` text NULL,
  `email_verified` bool NOT NULL DEFAULT (false),
  `name` text NULL,
  `created_at` datetime NOT NULL,
  `last_used_at` datetime NULL,
  `suspended_at` datetime NULL,
  `user_id` uuid NOT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `identities_users_identities` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE CASCADE
);
-- Create index "identity_issuer_subject" to table: "identities"
CREATE UNIQUE INDEX `identity_issuer_subject` ON `identities` (`issuer`, `subject`);
-- Create index "identity_user_id" to table: "identities"
CREATE INDEX `identity_user_id` ON `identities` (`user_id`);
