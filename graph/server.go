package graph

import (
	"context"
	"log/slog"
	"net/http"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"github.com/authgraph/authgraph/graph/edge"
	"github.com/authgraph/authgraph/graph/model"
	"github.com/authgraph/authgraph/graph/profile"
	"github.com/authgraph/authgraph/internal/auth"
)

// Options say how the schema is served.
type Options struct {
	// Introspection allows __schema and __type.
	Introspection bool
	// Suggestions allows names of the schema in the messages of refused
	// documents.
	Suggestions bool
	// Profile is the operator's fields; nil if there are none.
	Profile *profile.Definition
	// Trusted, if not nil, are the only documents that run, by their ids.
	Trusted map[string]string
	// Log gets the causes of faults.
	Log *slog.Logger
	// Observe is called once for each request.
	Observe func(context.Context, edge.Observation)
}

// New assembles the GraphQL endpoint on a Service.
func New(s *auth.Service, o Options) (http.Handler, error) {
	schema, err := executable(s, o.Profile)
	if err != nil {
		return nil, err
	}
	errs := presenter{log: o.Log}
	served := o.bounded(s.APITokenScopes())
	served.Field = newGuard(s, schema.Schema()).field
	served.Present, served.Recover = errs.present, errs.recovered
	served.Header, served.Observe = challenge, o.Observe
	return edge.New(schema, served)
}

// CheckDocuments checks Options.Trusted against the schema, as New does, but
// without a Service. scopes are those that API tokens can be given. Errors name
// what is wrong if Options.Suggestions allows it.
func CheckDocuments(o Options, scopes []string) error {
	schema, err := executable(nil, o.Profile)
	if err != nil {
		return err
	}
	_, err = edge.New(schema, o.bounded(scopes))
	return err
}

// executable runs the schema that is served: the generated code takes Profile
// and ProfileInput for scalars, whatever they are in it.
func executable(s *auth.Service, p *profile.Definition) (graphql.ExecutableSchema, error) {
	schema, err := loadSchema(p)
	if err != nil {
		return nil, err
	}
	return NewExecutableSchema(Config{Resolvers: &Resolver{auth: s}, Schema: edge.WithoutDefer(schema)}), nil
}

// bounded are the options on which it depends which documents may run.
func (o Options) bounded(scopes []string) edge.Options {
	return edge.Options{
		Introspection: o.Introspection, Suggestions: o.Suggestions, Trusted: o.Trusted,
		Operations: operations(o), Elements: withProfile(elements(len(scopes)), o.Profile),
	}
}

// elements is how many entries each list of the schema can have: what the
// domain allows an account.
func elements(scopes int) map[string]int {
	return map[string]int{
		"sessions": auth.MaxSessions, "apiTokens": auth.MaxAPITokens,
		"apiTokenScopes": scopes, "scopes": scopes, "roles": auth.MaxRoles, "on": len(auth.CaptchaOperations),
		"factors": auth.MaxTotps + auth.MaxPasskeys, "identities": auth.MaxIdentities, "providers": auth.MaxProviders, "locales": auth.MaxLocales, "methods": len(allProofKinds), "recoveryCodes": auth.RecoveryCodes,
		"errors":     30, // inputs have fewer fields, and each gives one error; a profile gives 20 at most
		"field":      2,  // inputs nest no deeper
		"errorCodes": len(model.AllRequestErrorCode),
	}
}

// operations is how many operations a document may have. In development there
// may be several, because people keep them together in one GraphiQL tab.
func operations(o Options) int {
	if o.Introspection {
		return 20
	}
	return 1
}

// challenge answers a missing or bad credential with the header of RFC 6750
// section 3, even if the status of the executed operation is 200.
func challenge(ctx context.Context, h http.Header, codes []string) {
	if !slices.Contains(codes, string(auth.Unauthenticated)) {
		return
	}
	if auth.CallerFrom(ctx).Refused == "" {
		h.Set("WWW-Authenticate", "Bearer")
		return
	}
	h.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
}
