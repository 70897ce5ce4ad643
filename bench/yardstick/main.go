// Yardstick is the least that a gqlgen server can do: POST, a query cache, and a
// static `me`. Its CPU per request is the unit Y.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/bench/yardstick/graph"
)

//go:generate go tool gqlgen generate

type resolver struct{}

var ann = &graph.User{ID: "019aa7a2-8c7e-7c53-9f11-6f3d4b1c2a10", Email: "ann@example.org"}

func (resolver) Query() graph.QueryResolver              { return resolver{} }
func (resolver) Me(context.Context) (*graph.User, error) { return ann, nil }

// api is bare on purpose: whatever a server adds to it is what is measured.
func api() http.Handler {
	s := handler.New(graph.NewExecutableSchema(graph.Config{Resolvers: resolver{}}))
	s.AddTransport(transport.POST{})
	s.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	mux := http.NewServeMux()
	mux.Handle("/graphql", s)
	return mux
}

// main serves on the address that is its one argument.
func main() {
	if len(os.Args) != 2 {
		log.Fatal("yardstick ADDRESS")
	}
	log.Fatal(http.ListenAndServe(os.Args[1], api())) //nolint:gosec // time-outs would be more than the least
}
