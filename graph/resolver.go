// Package graph is the GraphQL edge of authgraph: it translates between the
// schema and the domain, and decides nothing.
//
//	schema.resolvers.go  asks the domain once a field; gqlgen.go writes the plain ones
//	payload.go           from what the domain returns to payloads, where that takes a decision
//	guard.go             who may use a field, read from the directives
//	errors.go            what a client is told of a failure
//	server.go            the assembly
package graph

import "github.com/authgraph/authgraph/internal/auth"

//go:generate go run gqlgen.go

// Resolver holds what resolvers work with.
type Resolver struct {
	auth *auth.Service
}
