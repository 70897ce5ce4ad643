package edge

import (
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
)

// Handler serves a schema over HTTP: queries by GET and POST, mutations by
// POST. It is safe for use by many requests at once.
type Handler struct {
	o             Options
	es            graphql.ExecutableSchema
	validator     *validator
	coercer       coercer
	introspection *introspectionCost
	documents     *cache[documentKey, *operation]
	registry      *registry // nil where clients register nothing
	trusted       *trusted  // nil where any document runs
}

// New makes a Handler. It refuses options that do not fit the schema:
// lists without an entry in Elements, trusted documents that are not valid or
// beyond the bounds.
//
// The schema's own directives are executed by gqlgen. CORS, which also answers
// OPTIONS, authentication, and time-outs for slow bodies stand in front.
func New(es graphql.ExecutableSchema, o Options) (*Handler, error) {
	o = o.withDefaults()
	schema := WithoutDefer(es.Schema())
	if !o.Introspection {
		schema = withoutIntrospection(schema)
	}
	if err := elements(o.Elements).verify(schema); err != nil {
		return nil, err
	}
	h := &Handler{o: o, es: es, validator: newValidator(schema, &o), coercer: coercer{schema}}
	var err error
	if h.introspection, err = newIntrospectionCost(schema); err != nil {
		return nil, fmt.Errorf("measure the introspection: %w", err)
	}
	if h.documents, err = newCache[documentKey, *operation](o.CachedDocuments, o.CachedBytes); err != nil {
		return nil, fmt.Errorf("cache of documents: %w", err)
	}
	if o.Trusted != nil {
		h.trusted, err = h.newTrusted(o.Trusted)
		return h, err
	}
	if o.PersistedQueries > 0 {
		h.registry, err = newRegistry(o.PersistedQueries, o.PersistedBytes)
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
