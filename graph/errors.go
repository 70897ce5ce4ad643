package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/authgraph/authgraph/graph/edge"
	"github.com/authgraph/authgraph/internal/auth"
)

// presenter makes every top-level error. An error of the domain gets its code.
// Everything else is a fault, which tells the client only where to look in the
// log.
type presenter struct{ log *slog.Logger }

func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	id := auth.CallerFrom(ctx).RequestID
	if told := auth.Told(ctx, p.log, err, "request", id, "path", graphql.GetPath(ctx).String()); told != nil {
		return tell(ctx, told)
	}
	return &gqlerror.Error{
		Message: "Something went wrong on our side.", Path: graphql.GetPath(ctx),
		Extensions: map[string]any{"code": edge.CodeInternal, "requestId": id},
	}
}

func tell(ctx context.Context, err *auth.Error) *gqlerror.Error {
	extensions := map[string]any{"code": string(err.Code)}
	if err.Reason != "" {
		extensions["reason"] = string(err.Reason)
	}
	if err.Scope != "" {
		extensions["scope"] = err.Scope
	}
	if wait := err.WaitSeconds(); wait != nil {
		extensions["retryAfter"] = *wait
	}
	return &gqlerror.Error{Message: err.Message(), Path: graphql.GetPath(ctx), Extensions: extensions}
}

// recovered turns a panic into a fault. The stack goes to the log.
func (p presenter) recovered(ctx context.Context, value any) error {
	p.log.ErrorContext(ctx, "panic", "request", auth.CallerFrom(ctx).RequestID,
		"value", fmt.Sprint(value), "stack", string(debug.Stack()))
	return errors.New("panic")
}
