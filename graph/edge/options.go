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
	// Introspection allows __schema and __type. If it is false, they are
	// refused as unknown fields are. __typename always works.
	Introspection bool
	// Suggestions puts names of the schema, and "Did you mean", into the
	// messages of refused documents. It is for development. Without it a
	// message is a fixed sentence and a location, the same for every name.
	Suggestions bool

	// Operations is how many operations a document may have. 0 means 1.
	// GraphiQL's tabs need more.
	Operations int
	// Elements says how many elements a list of the schema can have at most, by
	// the name of its field. It is needed for the limit on what an operation
	// resolves. If lists of several types have the same name, the longest one
	// counts. For a list of lists, the number is that of all inner elements
	// together. Every list needs an entry from 1 to 1,048,576.
	Elements map[string]int

	// Trusted, if not nil, has the only documents that may run, by their ids;
	// see ReadTrusted. Clients can then register nothing.
	Trusted map[string]string

	// Field runs around the resolver of every field, to admit or refuse it. It
	// must call next, or return an error. Nil admits every field.
	Field graphql.FieldMiddleware

	// Present makes the client's error of an error from a resolver or from
	// Field, and of faults of this package (a too large answer, a recovered
	// panic). It must return a new error each time, because gqlgen writes path
	// and locations into it. Nil answers INTERNAL_SERVER_ERROR for every error.
	Present func(ctx context.Context, err error) *gqlerror.Error
	// Recover turns the value of a panic into the error that Present gets. It
	// should also log it. If it is nil, the value is lost.
	Recover func(ctx context.Context, value any) error
	// Header may add headers. It is called before the first byte of every
	// answer, with the different codes of its errors.
	Header func(ctx context.Context, h http.Header, codes []string)
	// Observe is called once for each request, when the answer is complete and
	// before it is sent.
	Observe func(ctx context.Context, o Observation)
}

// Observation is what a request log may contain about a request.
type Observation struct {
	// OperationName is a GraphQL name of at most 100 bytes, or empty. It
	// contains only letters, digits and underscores, so it cannot forge a log
	// line.
	OperationName string
	// OperationType is query or mutation. It is empty if none was recognised.
	OperationType string
	// RootField is the operation's field of the root type, if there is just one: a
	// name of the schema, and not of the client's. It is empty for none or several.
	RootField string
	// Codes are the different values of extensions.code, in the order of the
	// errors.
	Codes []string
	// ErrorCount is how many errors the answer has.
	ErrorCount int
	// Status is the HTTP status.
	Status int
}
