package edge

import (
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

const (
	// maxBody is the limit in bytes for the body of a POST and for the query
	// string of a GET.
	maxBody = 64 << 10
	// How many parsed and validated documents are kept, and in about how much
	// memory.
	cachedDocuments, cachedBytes = 1000, 16 << 20
	// How many registered documents are kept, and in how many bytes of text.
	registeredDocuments, registeredBytes = 1000, 4 << 20
)

// Handler serves a schema over HTTP: queries by GET and POST, mutations by
// POST. It is safe for use by many requests at once.
type Handler struct {
	o             Options
	es            graphql.ExecutableSchema
	bounds        bounds
	validator     *validator
	coercer       coercer
	introspection *introspectionCost
	documents     *cache[documentKey, *operation]
	registry      *registry
	trusted       *trusted // nil if any document may run
}

// New makes a Handler. It refuses options that do not fit the schema: lists
// without an entry in Elements, and trusted documents that are invalid or over
// a limit.
//
// gqlgen executes the schema's own directives. CORS (which also answers
// OPTIONS), authentication, and time-outs for slow bodies must be in front of
// this Handler.
func New(es graphql.ExecutableSchema, o Options) (*Handler, error) {
	if o.Field == nil {
		o.Field = admitAll
	}
	schema := WithoutDefer(es.Schema())
	if !o.Introspection {
		schema = withoutIntrospection(schema)
	}
	if err := elements(o.Elements).verify(schema); err != nil {
		return nil, err
	}
	bounds := newBounds(o.Operations)
	introspection, err := newIntrospectionCost(schema)
	if err != nil {
		return nil, fmt.Errorf("measure the introspection: %w", err)
	}
	h := &Handler{
		o: o, es: es, bounds: bounds, validator: newValidator(schema, bounds.errors, o.Suggestions),
		coercer: coercer{schema}, introspection: introspection,
		documents: newCache[documentKey, *operation](cachedDocuments, cachedBytes),
		registry:  newRegistry(registeredDocuments, registeredBytes),
	}
	if o.Trusted != nil {
		h.trusted, err = h.newTrusted(o.Trusted)
	}
	return h, err
}

// ServeHTTP answers a request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	media, ok := negotiate(r.Header["Accept"])
	var a answer
	if ok {
		a = h.serve(r)
	} else {
		ref := refuse(notAcceptable, CodeBadRequest,
			"The answer is application/graphql-response+json or application/json.")
		a = answer{outcome: ref.outcome, errors: ref.errors}
	}
	h.respond(w, r, media, &a)
}
