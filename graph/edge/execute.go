package edge

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// answer is the result of a request.
type answer struct {
	outcome   outcome
	errors    gqlerror.List
	data      []byte // nil if there is no data entry
	allow     string
	operation *operation // nil if none was found
	name      string     // operationName as it was sent
}

// serve answers a request. A panic outside of the resolvers ends here.
func (h *Handler) serve(r *http.Request) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			if p == any(http.ErrAbortHandler) {
				panic(p)
			}
			a.fail(h.present(r.Context(), h.recovered(r.Context(), p)))
		}
	}()
	p, ref := h.read(r)
	a.name = p.operationName
	if ref == nil {
		ref = h.answer(r, p, &a)
	}
	if ref != nil {
		a.outcome, a.errors, a.allow = ref.outcome, ref.errors, ref.allow
	}
	return a
}

func (a *answer) fail(e *gqlerror.Error) {
	a.outcome, a.errors, a.data = fault, gqlerror.List{e}, nil
}

// answer finds the operation and its variables, and executes it.
func (h *Handler) answer(r *http.Request, p *params, a *answer) *refusal {
	text, register, ref := h.text(p)
	if ref != nil {
		return ref
	}
	op, ref := h.prepare(text, p.operationName)
	if ref != nil {
		return ref
	}
	a.operation = op
	if register != nil {
		register(op)
	}
	if r.Method == http.MethodGet && op.def.Operation != ast.Query {
		ref := refuse(notAllowed, CodeBadRequest, "Use POST for mutations.")
		ref.allow = "POST"
		return ref
	}
	vars, ref := h.coercer.variables(op, p.variables, h.bounds.errors)
	if ref != nil {
		return ref
	}
	h.execute(r, op, vars, a)
	return nil
}

func (h *Handler) execute(r *http.Request, op *operation, vars map[string]any, a *answer) {
	ctx := graphql.WithOperationContext(r.Context(), &graphql.OperationContext{
		RawQuery:               op.text,
		Variables:              vars,
		OperationName:          op.def.Name,
		Doc:                    op.doc,
		Operation:              op.def,
		DisableIntrospection:   !h.o.Introspection,
		RecoverFunc:            h.recovered,
		ResolverMiddleware:     h.o.Field,
		RootResolverMiddleware: asIs,
	})
	ctx = graphql.WithResponseContext(ctx, h.present, h.recovered)
	h.take(ctx, a, h.es.Exec(ctx)(ctx))
}

// asIs resolves a root field. gqlgen calls it outside of its own recover: a
// panic here would end the process.
func asIs(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) }

func admitAll(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) }

var (
	errNoResponse = errors.New("the operation gave no response")
	errTooLarge   = errors.New("the answer is larger than the bound")
)

// take turns a response into an answer.
func (h *Handler) take(ctx context.Context, a *answer, response *graphql.Response) {
	if response == nil || response.Data == nil {
		a.fail(h.present(ctx, errNoResponse))
		return
	}
	errs := append(response.Errors, graphql.GetErrors(ctx)...)
	a.errors, a.data = errs[:min(len(errs), h.bounds.errors)], response.Data
	switch {
	case len(a.data) > h.bounds.answerBytes:
		// It was executed, so the answer has a data entry.
		a.errors, a.data = gqlerror.List{h.present(ctx, errTooLarge)}, []byte("null")
	case !utf8.Valid(a.data): // the text of a resolver was not
		a.data = bytes.ToValidUTF8(a.data, []byte("\uFFFD"))
	}
}
