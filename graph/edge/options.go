package edge

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Options say how a Handler serves a schema. The zero value is safe: no
// introspection, no suggestions.
type Options struct {
	// Introspection allows __schema and __type. Where it is false they are
	// refused as any unknown field is; __typename works always.
	Introspection bool
	// Suggestions puts names of the schema, and "Did you mean", into the
	// messages of refused documents. For development: without it a message is
	// a fixed sentence and a location, the same for every name.
	Suggestions bool

	// Operations is how many a document may hold. 0 means 1; GraphiQL's tabs
	// want more.
	Operations int
	// Elements says how many elements a list of the schema can have at most,
	// by the name of its field, for the bound on what an operation resolves.
	// Where lists of several types share a name, the longest decides; what a
	// list in a list holds counts together. Every list needs an entry, of 1 to
	// 1,048,576.
	Elements map[string]int

	// Trusted, if not nil, are the only documents that run, by their ids; see
	// ReadTrusted. Clients register nothing then.
	Trusted map[string]string

	// Field runs around the resolver of every field, to admit or refuse it. It
	// must call next, or return an error. Nil admits all.
	Field graphql.FieldMiddleware

	// Present renders an error of a resolver or of Field, and faults of this
	// package (an answer beyond its bound, a recovered panic). It returns a
	// fresh error each time: gqlgen writes path and locations into it. Nil
	// answers INTERNAL_SERVER_ERROR whatever the error.
	Present func(ctx context.Context, err error) *gqlerror.Error
	// Recover turns the value of a panic into the error that Present gets, and
	// is where it is logged. Nil keeps only that there was one.
	Recover func(ctx context.Context, value any) error
	// Header may add headers; it is called before the first byte of every
	// answer with the distinct codes of its errors.
	Header func(ctx context.Context, h http.Header, codes []string)
	// Observe is called once for each request, after it was answered in full
	// and before that is sent.
	Observe func(ctx context.Context, o Observation)
}

// Observation is what a request log may say of a request.
type Observation struct {
	// OperationName is a GraphQL name of at most 100 bytes, or empty: letters,
	// digits and underscores, so that a log line cannot be forged with it.
	OperationName string
	// OperationType is query, mutation, or empty when none was recognised.
	OperationType string
	// Codes are the distinct extensions.code of the errors, in their order.
	Codes []string
	// ErrorCount is how many errors the answer holds.
	ErrorCount int
	// Status is the HTTP status.
	Status int
}
