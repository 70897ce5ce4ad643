-- Create "audit_events" table
CREATE TABLE `audit_events` (
  `id` uuid NOT NULL,
  `at` datetime NOT NULL,
  `event` text NOT NULL,
  `outcome` text NOT NULL,
  `actor` text NOT NULL,
  `user_id` uuid NULL,
  `session_id` uuid NULL,
  `token_id` uuid NULL,
  `ip_address` text NULL,
  `user_agent` text NULL,
  `request_id` text NULL,
  PRIMARY KEY (`id`)
);
-- Create index "auditevent_user_id_at" to table: "audit_events"
CREATE INDEX `auditevent_user_id_at` ON `audit_events` (`user_id`, `at`);
-- Create index "auditevent_at" to table: "audit_events"
CREATE INDEX `auditevent_at` ON `audit_events` (`at`);
-- Create "outbox_messages" table
CREATE TABLE `outbox_messages` (
  `id` uuid NOT NULL,
  `letter` text NOT NULL,
  `recipient` text NOT NULL,
  `content` blob NOT NULL,
  `sealed_token` blob NULL,
  `token_id` uuid NULL,
  `state` text NOT NULL DEFAULT ('waiting'),
  `attempts` integer NOT NULL DEFAULT (0),
  `due_at` datetime NOT NULL,
  `lease` uuid NULL,
  `last_error` text NULL,
  `created_at` datetime NOT NULL,
  `finished_at` datetime NULL,
  PRIMARY KEY (`id`)
);
-- Create index "outboxmessage_state_due_at" to table: "outbox_messages"
CREATE INDEX `outboxmessage_state_due_at` ON `outbox_messages` (`state`, `due_at`);
-- Create index "outboxmessage_state_finished_at" to table: "outbox_messages"
CREATE INDEX `outboxmessage_state_finished_at` ON `outbox_messages` (`state`, `finished_at`);
-- Create index "outboxmessage_token_id" to table: "outbox_messages"
CREATE INDEX `outboxmessage_token_id` ON `outbox_messages` (`token_id`);
-- Create "signing_keys" table
CREATE TABLE `signing_keys` (
  `id` text NOT NULL,
  `algorithm` text NOT NULL,
  `sealed` blob NOT NULL,
  `created_at` datetime NOT NULL,
  `signs_from` datetime NOT NULL,
  `retires_at` datetime NULL,
  PRIMARY KEY (`id`)
);
-- Create "hash_kinds" table
CREATE TABLE `hash_kinds` (
  `id` text NOT NULL,
  `seen_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create "throttles" table
CREATE TABLE `throttles` (
  `id` text NOT NULL,
  `attempts` integer NOT NULL,
  `forgotten_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "throttle_forgotten_at" to table: "throttles"
CREATE INDEX `throttle_forgotten_at` ON `throttles` (`forgotten_at`);
-- Create "users" table
CREATE TABLE `users` (
  `id` uuid NOT NULL,
  `email` text NULL,
  `email_key` text NULL,
  `username` text NULL,
  `username_key` text NULL,
  `password_hash` text NULL,
  `credentials_changed_at` datetime NOT NULL,
  `pending_email` text NULL,
  `pending_email_key` text NULL,
  `confirmed_at` datetime NULL,
  `disabled_at` datetime NULL,
  `created_at` datetime NOT NULL,
  `updated_at` datetime NOT NULL,
  PRIMARY KEY (`id`)
);
-- Create index "user_email_key" to table: "users"
CREATE UNIQUE INDEX `user_email_key` ON `users` (`email_key`);
-- Create index "user_username_key" to table: "users"
CREATE UNIQUE INDEX `user_username_key` ON `users` (`username_key`);
-- Create "user_tokens" table
CREATE TABLE `user_tokens` (
  `id` uuid NOT NULL,
  `purpose` text NOT NULL,
  `digest` blob NOT NULL,
  `sent_to` text NULL,
  `sent_to_typed` text NULL,
  `session_id` uuid NULL,
  `password_hash` text NULL,
  `key_digest` blob NULL,
  `created_at` datetime NOT NULL,
  `expires_at` datetime NOT NULL,
  `ends_at` datetime NULL,
  `generation` integer NOT NULL DEFAULT (0),
  `rotated_at` datetime NULL,
  `authenticated_at` datetime NULL,
  `methods` text NULL,
  `last_used_at` datetime NULL,
  `device_name` text NULL,
  `user_agent` text NULL,
  `ip_address` text NULL,
  `name` text NULL,
  `hint` text NULL,
  `scope` text NULL,
  `user_id` uuid NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `user_tokens_users_tokens` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE CASCADE
);
-- Create index "user_tokens_digest_key" to table: "user_tokens"
CREATE UNIQUE INDEX `user_tokens_digest_key` ON `user_tokens` (`digest`);
-- Create index "usertoken_user_id_purpose" to table: "user_tokens"
CREATE INDEX `usertoken_user_id_purpose` ON `user_tokens` (`user_id`, `purpose`);
-- Create index "usertoken_sent_to_purpose" to table: "user_tokens"
CREATE INDEX `usertoken_sent_to_purpose` ON `user_tokens` (`sent_to`, `purpose`);
-- Create index "usertoken_expires_at" to table: "user_tokens"
CREATE INDEX `usertoken_expires_at` ON `user_tokens` (`expires_at`);
