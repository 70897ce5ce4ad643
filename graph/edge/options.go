package edge

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Options say how a Handler serves a schema. The zero value is safe: no
// introspection, no suggestions, and the bounds of Bounds.
type Options struct {
	// Introspection allows __schema and __type. Where it is false they are
	// refused as any unknown field is; __typename works always.
	Introspection bool
	// Suggestions puts names of the schema, and "Did you mean", into the
	// messages of refused documents. For development: without it a message is
	// a fixed sentence and a location, the same for every name.
	Suggestions bool

	// MaxBody is how many bytes the body of a POST, or the query string of a
	// GET, may have. 0 means 64 KiB.
	MaxBody int
	// Bounds are what a document and its answer may be.
	Bounds Bounds
	// Elements says how many elements a list of the schema can have at most,
	// by the name of its field, for Bounds.Resolved. Where lists of several
	// types share a name, the longest decides; what a list in a list holds
	// counts together. Every list needs an entry, of 1 to 1,048,576.
	Elements map[string]int

	// CachedDocuments is how many parsed and validated documents are kept. 0 means 1,000.
	CachedDocuments int
	// CachedBytes is about how much memory they may use. 0 means 16 MiB.
	CachedBytes int

	// PersistedQueries is how many documents clients may register by hash
	// (Apollo's automatic persisted queries). 0 means 1,000; below 0 there are none.
	PersistedQueries int
	// PersistedBytes is how many bytes of text they may have together. 0 means 4 MiB.
	PersistedBytes int
	// Trusted, if not nil, are the only documents that run, by their ids; see
	// ReadTrusted. Clients register nothing then.
	Trusted map[string]string

	// Field runs around the resolver of every field, to admit or refuse it. It
	// must call next, or return an error. Nil admits all.
	Field graphql.FieldMiddleware

	// Present renders an error of a resolver or of Field, and faults of this
	// package (an answer beyond its bound, a recovered panic). It returns
	// a fresh error each time: gqlgen writes path and locations into it. Nil
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

// Bounds are the most that a document or its answer may hold; what is more is
// refused with COMPLEXITY_LIMIT_EXCEEDED. 0 means the default named at each
// field. All but the answer's, Errors and AnswerBytes, are checked before the
// document is validated.
type Bounds struct {
	// Tokens of the document, comments included. Default 1,000.
	Tokens int
	// NameBytes is the length of a name in the document. Default 256.
	NameBytes int
	// Operations in the document. Default 1; GraphiQL's tabs want more.
	Operations int
	// Fragments defined in the document. Default 50.
	Fragments int
	// Nodes are selections, argument values and directives, those of a
	// fragment counted wherever it is spread and once more by itself: the work
	// of validating. Default 2,000.
	Nodes int
	// Depth is how many fields may nest, fragments expanded. Default 10.
	Depth int
	// Aliases in the document. Default 15.
	Aliases int
	// Directives in the document. Default 50.
	Directives int
	// DirectivesPerNode is how many may stand at one place. Default 4.
	DirectivesPerNode int
	// ValueDepth is how many lists and objects may nest in a literal, or in
	// the value of a variable. Default 10.
	ValueDepth int
	// MutationFields is how many root fields a mutation may have, fragments
	// expanded and __typename not counted: one, so that limits on attempts
	// cannot be outrun with aliases. Default 1.
	MutationFields int
	// IntrospectionDepth is how many fields may nest below __schema or __type.
	// Default 16; graphql-js, GraphiQL, Apollo and urql need 14.
	IntrospectionDepth int
	// IntrospectionFactor is how many times the work of the customary full
	// introspection query a document may ask for. Default 2.
	IntrospectionFactor int
	// Resolved is how much executing an operation may resolve: each field, also
	// __typename, once for every element that the lists above it can have by
	// Options.Elements, and each such element itself; of scalars and enum
	// values in a list, eight count as one. Fragments are expanded; fields that
	// merge, or that @skip leaves out, count all the same; introspection counts
	// by its own bounds. Default 2,500.
	Resolved int
	// Errors in an answer; what is more is left out. Default 20.
	Errors int
	// AnswerBytes is the size of the data in an answer; a larger one is
	// answered as a fault, and if a mutation has run by then, it stands. It is
	// the net below Resolved, which refuses before anything is executed: let
	// it be at least Resolved times the longest field, name included. Default
	// 2 MiB, for 2,500 fields of 838 bytes.
	AnswerBytes int
}

func (o Options) withDefaults() Options {
	if o.Field == nil {
		o.Field = admitAll
	}
	or(&o.MaxBody, 64<<10)
	or(&o.CachedDocuments, 1000)
	or(&o.CachedBytes, 16<<20)
	or(&o.PersistedQueries, 1000)
	or(&o.PersistedBytes, 4<<20)
	b := &o.Bounds
	or(&b.Tokens, 1000)
	or(&b.NameBytes, 256)
	or(&b.Operations, 1)
	or(&b.Fragments, 50)
	or(&b.Nodes, 2000)
	or(&b.Depth, 10)
	or(&b.Aliases, 15)
	or(&b.Directives, 50)
	or(&b.DirectivesPerNode, 4)
	or(&b.ValueDepth, 10)
	or(&b.MutationFields, 1)
	or(&b.IntrospectionDepth, 16)
	or(&b.IntrospectionFactor, 2)
	or(&b.Resolved, 2500)
	or(&b.Errors, 20)
	or(&b.AnswerBytes, 2<<20)
	return o
}

func or(n *int, def int) {
	if *n == 0 {
		*n = def
	}
}
