// Package edge serves a GraphQL schema over HTTP: the transport that stands
// between net/http and an executable schema made by gqlgen. It follows the
// GraphQL over HTTP draft (every audit of the npm package graphql-http passes)
// and the GraphQL specification of September 2025.
//
// A request passes these stages, a file each, and every stage may refuse it:
//
//	negotiate.go   which media type the client takes; media.go reads one
//	request.go     method, content type, parameters of GET and POST
//	body.go        the bounded body; json.go reads it strictly
//	persisted.go   the text behind a hash; trusted.go where only known text runs
//	prepare.go     text to operation, through the cache of documents (cache.go)
//	  scan.go      tokens and escapes, before anything parses
//	  bounds.go    size as written, and measure.go with fragments expanded
//	  elements.go  how much of the lists executing it resolves
//	  validate.go  the rules of the specification; values.go and merge.go are ours
//	variables.go   variables to the types of the schema (coerce.go)
//	execute.go     the resolvers, through gqlgen
//	respond.go     the answer; status.go is the one table of status codes
//
// No message quotes a value that was sent, so neither a password in a broken
// body nor one in a literal of the wrong type comes back or reaches a log.
//
// The package knows no account, session or scope, no resolver and no database.
// What an error means and who may call a field is decided by its consumer,
// package graph, in Options.Present and Options.Field. It takes any schema, so
// that its tests have one with every kind of type; ExampleNew serves that. What
// the one consumer does not choose, bounds above all, is no option.
package edge
