package edge

import (
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

const (
	// maxBody is how many bytes the body of a POST, or the query string of a
	// GET, may have.
	maxBody = 64 << 10
	// Parsed and validated documents are kept, in about so much memory.
	cachedDocuments, cachedBytes = 1000, 16 << 20
	// Documents that clients registered are kept, in so many bytes of text.
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
	trusted       *trusted // nil where any document runs
}

// New makes a Handler. It refuses options that do not fit the schema:
// lists without an entry in Elements, trusted documents that are not valid or
// beyond the bounds.
//
// The schema's own directives are executed by gqlgen. CORS, which also answers
// OPTIONS, authentication, and time-outs for slow bodies stand in front.
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
