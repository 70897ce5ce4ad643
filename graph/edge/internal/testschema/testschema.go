// Package testschema is a small GraphQL schema for the tests of package edge.
// It has what the product's schema lacks: every kind of type and argument. Like
// generated code, it runs on gqlgen's runtime. It has no introspection: the
// tests of package graph cover that, and the generated code.
package testschema

import (
	_ "embed" // of the schema
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

//go:embed schema.graphqls
var sdl string

// Secret is part of errors that must not reach a client.
const Secret = "pq: relation \"users\" does not exist"

// Denied is an error that the tests' presenter knows.
type Denied struct{}

func (Denied) Error() string { return "denied" }

// Schema resolves everything from constants and arguments.
type Schema struct {
	// Logins counts how often the mutation login ran.
	Logins atomic.Int64

	schema *ast.Schema
}

// New makes a Schema.
func New() *Schema {
	return &Schema{schema: gqlparser.MustLoadSchema(&ast.Source{Input: sdl})}
}

// Schema is the parsed schema.
func (s *Schema) Schema() *ast.Schema { return s.schema }

// object is an object: its fields, each a value or a resolver, and its type as
// __typename.
type object map[string]any

type resolver func(args map[string]any) (any, error)

func always(v any) resolver { return func(map[string]any) (any, error) { return v, nil } }

// ann is the only user.
func ann() object {
	return object{
		"__typename": "User",
		"id":         "019aa7a2-8c7e-7c53-9f11-6f3d4b1c2a10", "email": "ann@example.org",
		"pet":  object{"__typename": "Cat", "id": "c1"},
		"best": resolver(func(map[string]any) (any, error) { return ann(), nil }),
		"friends": resolver(func(args map[string]any) (any, error) {
			return make([]any, args["first"].(int64)), nil
		}),
	}
}

func (s *Schema) query() object {
	return object{
		"__typename": "Query",
		"me":         ann(), "node": ann(), "users": []any{ann(), ann(), ann()},
		"hello":  resolver(func(args map[string]any) (any, error) { return "hello " + text(args["name"]), nil }),
		"echo":   resolver(echo),
		"need":   resolver(func(args map[string]any) (any, error) { return args["int"], nil }),
		"choose": resolver(func(args map[string]any) (any, error) { return named(args["input"]), nil }),
		"pick":   always("picked"),
		"denied": resolver(func(map[string]any) (any, error) { return nil, Denied{} }),
		"fault":  resolver(func(map[string]any) (any, error) { return nil, errors.New(Secret) }),
		"faults": resolver(func(args map[string]any) (any, error) { return make([]any, args["count"].(int64)), nil }),
		"panics": resolver(func(map[string]any) (any, error) { panic(Secret) }),
		"big": resolver(func(args map[string]any) (any, error) {
			return strings.Repeat("x", int(args["kib"].(int64))<<10), nil
		}),
		"raw": "a\xffb",
	}
}

func (s *Schema) mutation() object {
	return object{
		"__typename": "Mutation",
		"add":        resolver(func(args map[string]any) (any, error) { return args["n"].(int64) + 1, nil }),
		"login": resolver(func(args map[string]any) (any, error) {
			s.Logins.Add(1)
			return named(args["input"]), nil
		}),
	}
}

func text(v any) string {
	if v == nil {
		return "null"
	}
	return v.(string)
}

func named(input any) string {
	in := input.(map[string]any)
	if in["email"] != nil {
		return text(in["email"])
	}
	return text(in["username"])
}

// echo returns what arrived, without what is missing or null.
func echo(args map[string]any) (any, error) {
	var out []string
	for _, name := range []string{"int", "float", "id", "string", "bool", "color", "list", "matrix", "json", "stamp", "inner"} {
		if v := args[name]; v != nil {
			out = append(out, fmt.Sprintf("%s=%v", name, v))
		}
	}
	return strings.Join(out, " "), nil
}
