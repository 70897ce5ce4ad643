package edge

import (
	"context"
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/graphql"
)

// chain holds the extensions by what they do, as gqlgen's executor does: the
// first of Options.Use is the outermost.
type chain struct {
	params    []graphql.OperationParameterMutator
	contexts  []graphql.OperationContextMutator
	operation graphql.OperationMiddleware
	response  graphql.ResponseMiddleware
	root      graphql.RootFieldMiddleware
	field     graphql.FieldMiddleware
}

func newChain(es graphql.ExecutableSchema, extensions []graphql.HandlerExtension) (*chain, error) {
	c := &chain{
		operation: func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler { return next(ctx) },
		response:  func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response { return next(ctx) },
		root:      func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
		field:     func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
	}
	for _, x := range extensions {
		if err := x.Validate(es); err != nil {
			return nil, fmt.Errorf("extension %s: %w", x.ExtensionName(), err)
		}
		if p, ok := x.(graphql.OperationParameterMutator); ok {
			c.params = append(c.params, p)
		}
		if p, ok := x.(graphql.OperationContextMutator); ok {
			c.contexts = append(c.contexts, p)
		}
	}
	for _, x := range slices.Backward(extensions) {
		c.wrap(x)
	}
	return c, nil
}

// wrap puts an extension around those that were wrapped before.
func (c *chain) wrap(x graphql.HandlerExtension) {
	if p, ok := x.(graphql.OperationInterceptor); ok {
		inner := c.operation
		c.operation = func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
			return p.InterceptOperation(ctx, func(ctx context.Context) graphql.ResponseHandler { return inner(ctx, next) })
		}
	}
	if p, ok := x.(graphql.ResponseInterceptor); ok {
		inner := c.response
		c.response = func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
			return p.InterceptResponse(ctx, func(ctx context.Context) *graphql.Response { return inner(ctx, next) })
		}
	}
	if p, ok := x.(graphql.RootFieldInterceptor); ok {
		inner := c.root
		c.root = func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
			return p.InterceptRootField(ctx, func(ctx context.Context) graphql.Marshaler { return inner(ctx, next) })
		}
	}
	if p, ok := x.(graphql.FieldInterceptor); ok {
		inner := c.field
		c.field = func(ctx context.Context, next graphql.Resolver) (any, error) {
			return p.InterceptField(ctx, func(ctx context.Context) (any, error) { return inner(ctx, next) })
		}
	}
}

// contained keeps a panic of an interceptor from ending the process: gqlgen
// calls it in a goroutine, outside of what it recovers.
func contained(root graphql.RootFieldMiddleware) graphql.RootFieldMiddleware {
	return func(ctx context.Context, next graphql.RootResolver) (m graphql.Marshaler) {
		defer func() {
			if p := recover(); p != nil {
				oc := graphql.GetOperationContext(ctx)
				oc.Error(ctx, oc.Recover(ctx, p))
				m = graphql.Null
			}
		}()
		return root(ctx, next)
	}
}
