// Package edge serves a GraphQL schema over HTTP. It stands between net/http
// and an executable schema made by gqlgen. It follows the GraphQL over HTTP
// draft (every audit of the npm package graphql-http passes) and the GraphQL
// specification of September 2025.
//
// A request passes these stages, one file each. Every stage may refuse it:
//
//	negotiate.go   which media type the client accepts; media.go parses one
//	request.go     method, content type, parameters of GET and POST
//	body.go        the body, with a limit; json.go reads it strictly
//	persisted.go   the text of a hash; trusted.go if only known documents may run
//	prepare.go     text to operation, through the cache of documents (cache.go)
//	  scan.go      tokens and escapes, before anything is parsed
//	  bounds.go    size as written; measure.go with fragments expanded
//	  elements.go  how many list elements the operation resolves
//	  validate.go  the rules of the specification; values.go and merge.go are ours
//	variables.go   variables to the types of the schema (coerce.go)
//	execute.go     the resolvers, through gqlgen
//	respond.go     the answer; status.go is the only table of status codes
//
// No message quotes a value that was sent. So a password in a broken body, or
// in a literal of the wrong type, is neither sent back nor logged.
//
// The package knows no account, session, scope, resolver or database. Package
// graph uses it, and decides in Options.Present and Options.Field what an error
// means and who may use a field. It accepts any schema: its tests use one with
// every kind of type, and ExampleNew serves that one. It has options only for
// what package graph chooses; the limits are constants.
package edge
