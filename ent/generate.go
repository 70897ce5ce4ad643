// Package ent stores users, tokens, letters, events, keys and throttles. Everything but schema/ is generated.
package ent

//go:generate go run entc.go
