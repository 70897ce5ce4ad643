package testschema

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Complexity is unknown here.
func (s *Schema) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

// Exec executes the operation of a context. Root fields of a query run in
// parallel. Errors and panics are those of graphql.ResolveField.
func (s *Schema) Exec(ctx context.Context) graphql.ResponseHandler {
	x := executor{graphql.GetOperationContext(ctx), s.schema}
	root := s.query()
	if x.oc.Operation.Operation == ast.Mutation {
		root = s.mutation()
	}
	return func(ctx context.Context) *graphql.Response {
		var data bytes.Buffer
		x.object(ctx, root, x.oc.Operation.SelectionSet).MarshalGQL(&data)
		return &graphql.Response{Data: data.Bytes()}
	}
}

type executor struct {
	oc     *graphql.OperationContext
	schema *ast.Schema
}

func (x executor) object(ctx context.Context, of object, set ast.SelectionSet) graphql.Marshaler {
	name := of["__typename"].(string)
	satisfies := []string{name}
	for _, abstract := range x.schema.GetImplements(x.schema.Types[name]) {
		satisfies = append(satisfies, abstract.Name)
	}
	fields := graphql.CollectFields(x.oc, set, satisfies)
	out := graphql.NewFieldSet(fields)
	for i, f := range fields {
		resolve := func(ctx context.Context) graphql.Marshaler { return x.field(ctx, name, of, f) }
		switch name {
		case "Query":
			out.Concurrently(i, func(ctx context.Context) graphql.Marshaler { return x.oc.RootResolverMiddleware(ctx, resolve) })
		case "Mutation":
			out.Values[i] = x.oc.RootResolverMiddleware(ctx, resolve)
		default:
			out.Values[i] = resolve(ctx)
		}
	}
	out.Dispatch(ctx)
	for i, f := range fields {
		if f.Definition.Type.NonNull && out.Values[i] == graphql.Null {
			return graphql.Null
		}
	}
	return out
}

func (x executor) field(ctx context.Context, on string, of object, f graphql.CollectedField) graphql.Marshaler {
	var args map[string]any
	return graphql.ResolveField(ctx, x.oc, f,
		func(ctx context.Context, f graphql.CollectedField) (*graphql.FieldContext, error) {
			fc := &graphql.FieldContext{Object: on, Field: f}
			ctx = graphql.WithFieldContext(ctx, fc)
			args = f.ArgumentMap(x.oc.Variables)
			for _, def := range f.Definition.Arguments {
				if err := x.read(ctx, def.Name, def.Type, args[def.Name]); err != nil {
					x.oc.Error(ctx, err)
					return fc, err
				}
			}
			fc.Args = args
			return fc, nil
		},
		func(context.Context) (any, error) {
			if r, ok := of[f.Name].(resolver); ok {
				return r(args)
			}
			return of[f.Name], nil
		}, nil,
		func(ctx context.Context, set ast.SelectionSet, v any) graphql.Marshaler { return x.value(ctx, v, set) },
		true, f.Definition.Type.NonNull)
}

func (x executor) value(ctx context.Context, v any, set ast.SelectionSet) graphql.Marshaler {
	switch v := v.(type) {
	case nil:
		return graphql.Null
	case object:
		return x.object(ctx, v, set)
	case []any:
		list := make(graphql.Array, len(v))
		for i := range v {
			list[i] = x.value(graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i}), v[i], set)
		}
		return list
	case int64:
		return graphql.MarshalInt64(v)
	}
	return graphql.MarshalString(v.(string))
}

// read refuses an invalid Stamp as generated code does: with the path of the
// argument, and with the scalar's message, which quotes the value.
func (x executor) read(ctx context.Context, name string, t *ast.Type, v any) error {
	ctx = graphql.WithPathContext(ctx, graphql.NewPathWithField(name))
	switch v := v.(type) {
	case string:
		if _, err := time.Parse(time.RFC3339, v); err != nil && t.NamedType == "Stamp" {
			return graphql.ErrorOnPath(ctx, fmt.Errorf("bad stamp: %w", err))
		}
	case map[string]any:
		for _, f := range x.schema.Types[t.Name()].Fields {
			if err := x.read(ctx, f.Name, f.Type, v[f.Name]); err != nil {
				return err
			}
		}
	}
	return nil
}
