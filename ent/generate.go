// Package ent stores users, tokens, letters, events, keys and throttles. Everything but schema/ is generated.
package ent

//go:generate go tool ent generate --feature sql/upsert,sql/lock,sql/modifier,sql/execquery,sql/versioned-migration --target . ./schema
