package scalar

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/internal/profile"
)

// Profile is a stored profile and the fields that can be shown of it. The
// generated code takes it for a scalar. In the schema that is served it is a type
// with the operator's fields, see package graph/profile. So it writes the fields
// that were asked for by itself.
type Profile struct {
	Fields *profile.Schema
	Values profile.Values
}

// MarshalProfile writes the fields that were asked for. A value that does not
// fit its field any more is null.
func MarshalProfile(p Profile) graphql.ContextMarshaler {
	return graphql.ContextWriterFunc(func(ctx context.Context, w io.Writer) error {
		text := append(make([]byte, 0, 512), '{')
		for i, f := range asked(ctx) {
			if i > 0 {
				text = append(text, ',')
			}
			text = append(text, '"')
			text = append(text, f.Alias...) // a name of GraphQL needs no escapes
			text = append(text, `":`...)
			text = append(text, p.value(f.Name)...)
		}
		_, err := w.Write(append(text, '}'))
		return err
	})
}

// asked are the fields that a client asks for. Mostly they are a plain list, which
// gqlgen would copy field by field.
func asked(ctx context.Context) []*ast.Field {
	selected := graphql.GetFieldContext(ctx).Field.Selections
	fields := make([]*ast.Field, 0, len(selected))
	for _, s := range selected {
		f, plain := s.(*ast.Field)
		if !plain || len(f.Directives) > 0 || has(fields, f.Alias) {
			return collected(ctx, selected)
		}
		fields = append(fields, f)
	}
	return fields
}

func has(fields []*ast.Field, alias string) bool {
	for _, f := range fields {
		if f.Alias == alias {
			return true
		}
	}
	return false
}

// collected is asked where there are fragments, directives, or a field twice.
func collected(ctx context.Context, selected ast.SelectionSet) []*ast.Field {
	var fields []*ast.Field
	for _, f := range graphql.CollectFields(graphql.GetOperationContext(ctx), selected, []string{"Profile"}) {
		fields = append(fields, f.Field)
	}
	return fields
}

func (p Profile) value(name string) json.RawMessage {
	if name == "__typename" {
		return json.RawMessage(`"Profile"`)
	}
	if f := p.Fields.Field(name); f != nil && !f.Hidden {
		if raw, some := p.Values.Shown(f); some {
			return raw
		}
	}
	return json.RawMessage("null")
}

// UnmarshalProfile refuses everything: a profile is no input.
func UnmarshalProfile(context.Context, any) (Profile, error) {
	return Profile{}, errors.New("not an input")
}

// UnmarshalProfileInput takes the fields that the schema has admitted.
func UnmarshalProfileInput(v any) (profile.Given, error) {
	given, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("not a ProfileInput: an object is needed")
	}
	return given, nil
}

// MarshalProfileInput is never called: it is no output.
func MarshalProfileInput(profile.Given) graphql.Marshaler { return graphql.Null }
