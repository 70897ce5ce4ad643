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

// answer is what a request comes to.
type answer struct {
	outcome    outcome
	errors     gqlerror.List
	data       []byte // nil where there is no data entry
	extensions map[string]any
	allow      string
	operation  *operation // nil if none was found
	name       string     // operationName as it was sent
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
		ref = h.mutateParams(r.Context(), p, r.Header)
	}
	if ref == nil {
		ref = h.answer(r, p, &a)
	}
	if ref != nil {
		a.outcome, a.errors, a.allow = ref.outcome, ref.errors, ref.allow
	}
	return a
}

func (a *answer) fail(e *gqlerror.Error) {
	a.outcome, a.errors, a.data, a.extensions = fault, gqlerror.List{e}, nil, nil
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
	vars, ref := h.coercer.variables(op, p.variables, h.o.Bounds.Errors)
	if ref != nil {
		return ref
	}
	return h.execute(r, op, p, vars, a)
}

// mutateParams lets extensions change the parameters.
func (h *Handler) mutateParams(ctx context.Context, p *params, header http.Header) *refusal {
	if len(h.chain.params) == 0 {
		return nil
	}
	raw := graphql.RawParams{
		Query: p.query, OperationName: p.operationName,
		Variables: p.variables, Extensions: p.extensions, Headers: header,
	}
	for _, x := range h.chain.params {
		if err := x.MutateOperationParameters(ctx, &raw); err != nil {
			return &refusal{outcome: refused, errors: gqlerror.List{h.present(ctx, err)}}
		}
	}
	p.query, p.operationName = raw.Query, raw.OperationName
	p.variables, p.extensions = raw.Variables, raw.Extensions
	return nil
}

func (h *Handler) execute(r *http.Request, op *operation, p *params, vars map[string]any, a *answer) *refusal {
	now := graphql.Now()
	oc := &graphql.OperationContext{
		RawQuery:               op.text,
		Variables:              vars,
		OperationName:          op.def.Name,
		Doc:                    op.doc,
		Extensions:             p.extensions,
		Headers:                r.Header,
		Operation:              op.def,
		DisableIntrospection:   !h.o.Introspection,
		RecoverFunc:            h.recovered,
		ResolverMiddleware:     h.chain.field,
		RootResolverMiddleware: h.root,
		Stats:                  graphql.Stats{OperationStart: now},
	}
	ctx := graphql.WithResponseContext(graphql.WithOperationContext(r.Context(), oc), h.present, h.recovered)
	for _, x := range h.chain.contexts {
		if err := x.MutateOperationContext(ctx, oc); err != nil {
			return &refusal{outcome: refused, errors: gqlerror.List{h.present(ctx, err)}}
		}
	}
	h.take(ctx, a, h.run(ctx))
	return nil
}

// run executes the operation of a context through the chain of extensions.
func (h *Handler) run(ctx context.Context) *graphql.Response {
	inner := ctx
	respond := h.chain.operation(ctx, func(ctx context.Context) graphql.ResponseHandler {
		inner = ctx
		exec := h.es.Exec(ctx)
		return func(ctx context.Context) *graphql.Response {
			return h.chain.response(ctx, func(ctx context.Context) *graphql.Response {
				response := exec(ctx)
				if response != nil {
					response.Errors = append(response.Errors, graphql.GetErrors(ctx)...)
					response.Extensions = graphql.GetExtensions(ctx)
				}
				return response
			})
		}
	})
	return respond(inner)
}

var (
	errNoResponse = errors.New("the operation gave no response")
	errTooLarge   = errors.New("the answer is larger than the bound")
)

// take makes an answer of a response.
func (h *Handler) take(ctx context.Context, a *answer, response *graphql.Response) {
	if response == nil {
		a.fail(h.present(ctx, errNoResponse))
		return
	}
	a.errors, a.data, a.extensions = response.Errors, response.Data, response.Extensions
	if len(a.errors) > h.o.Bounds.Errors {
		a.errors = a.errors[:h.o.Bounds.Errors]
	}
	switch {
	case a.data == nil:
		a.outcome = refused // by an interceptor
	case len(a.data) > h.o.Bounds.AnswerBytes:
		// It was executed, so there is a data entry.
		a.errors, a.data = gqlerror.List{h.present(ctx, errTooLarge)}, []byte("null")
	case !utf8.Valid(a.data): // a resolver's string was not
		a.data = bytes.ToValidUTF8(a.data, []byte("\uFFFD"))
	}
}
