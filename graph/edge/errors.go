package edge

import (
	"context"
	"errors"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The codes that this package itself puts into extensions.code.
const (
	CodeBadRequest             = "BAD_REQUEST"
	CodeParseFailed            = "GRAPHQL_PARSE_FAILED"
	CodeValidationFailed       = "GRAPHQL_VALIDATION_FAILED"
	CodeBadUserInput           = "BAD_USER_INPUT"
	CodeComplexityLimit        = "COMPLEXITY_LIMIT_EXCEEDED"
	CodePersistedQueryNotFound = "PERSISTED_QUERY_NOT_FOUND"
	CodeDocumentNotTrusted     = "DOCUMENT_NOT_TRUSTED"
	CodeInternal               = "INTERNAL_SERVER_ERROR"
)

// refusal ends a request before it is executed.
type refusal struct {
	outcome outcome
	errors  gqlerror.List
	allow   string // the Allow header of a 405
}

// refuse makes a refusal with one error. Each call makes a new error, because
// gqlgen writes into the errors that it is given.
func refuse(o outcome, code, message string, at ...*ast.Position) *refusal {
	return &refusal{outcome: o, errors: gqlerror.List{newError(code, message, at...)}}
}

func tooComplex(message string, at ...*ast.Position) *refusal {
	return refuse(refused, CodeComplexityLimit, message, at...)
}

func newError(code, message string, at ...*ast.Position) *gqlerror.Error {
	e := &gqlerror.Error{Message: message, Extensions: map[string]any{"code": code}}
	for _, p := range at {
		if p != nil {
			e.Locations = append(e.Locations, gqlerror.Location{Line: p.Line, Column: p.Column})
		}
	}
	return e
}

// recovered is the error of a panic. The type distinguishes it from other
// errors on the same path.
type recovered struct{ cause error }

func (r *recovered) Error() string { return r.cause.Error() }
func (r *recovered) Unwrap() error { return r.cause }

func (h *Handler) recovered(ctx context.Context, value any) error {
	cause := errors.New("panic")
	if h.o.Recover != nil {
		if err := h.o.Recover(ctx, value); err != nil {
			cause = err
		}
	}
	return &recovered{cause}
}

// present makes the client's error of what gqlgen reports during execution.
func (h *Handler) present(ctx context.Context, err error) *gqlerror.Error {
	if e := argumentError(ctx, err); e != nil {
		return e
	}
	if h.o.Present != nil {
		if e := h.o.Present(ctx, err); e != nil {
			return e
		}
	}
	e := newError(CodeInternal, "Internal server error.")
	e.Path = graphql.GetPath(ctx)
	return e
}

// argumentError recognises the error of a scalar that could not read an
// argument: there are no arguments then. Such an error often quotes the value,
// so its text is dropped. It is the client's mistake, not a fault.
func argumentError(ctx context.Context, err error) *gqlerror.Error {
	field := graphql.GetFieldContext(ctx)
	if field == nil || field.Args != nil || field.Field.Field == nil || field.Field.Definition == nil ||
		len(field.Field.Definition.Arguments) == 0 {
		return nil
	}
	if _, ok := errors.AsType[*recovered](err); ok {
		return nil
	}
	path := field.Path()
	message := "An argument does not fit its type."
	if cause, ok := errors.AsType[*gqlerror.Error](err); ok && len(cause.Path) > len(path) {
		message = `The argument "` + cause.Path[len(path):].String() + `" does not fit its type.`
	}
	e := newError(CodeBadUserInput, message, field.Field.Position)
	e.Path = path
	return e
}

// codes are the different codes in a list of errors.
func codes(errs gqlerror.List) []string {
	var list []string
	for _, e := range errs {
		if code, _ := e.Extensions["code"].(string); code != "" && !slices.Contains(list, code) {
			list = append(list, code)
		}
	}
	return list
}
