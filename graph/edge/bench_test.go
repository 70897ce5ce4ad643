package edge_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/authgraph/authgraph/graph/edge"
	"github.com/authgraph/authgraph/graph/edge/internal/testschema"
)

// BenchmarkPOST compares this package with gqlgen's own transport in one run,
// with a cached document and a static field.
func BenchmarkPOST(b *testing.B) {
	stock := handler.New(testschema.New())
	stock.AddTransport(transport.POST{})
	stock.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	ours := newHandler(b, func(o *edge.Options) { *o = edge.Options{Elements: lists} })
	static := `{"query":"query Me { me { id email } }"}`
	login := bodyOf(`mutation Login($input: LoginInput!) { login(input: $input) }`,
		`{"input":{"email":"ann@example.org","password":"correct horse"}}`)
	for _, c := range []struct {
		name string
		h    http.Handler
		body string
	}{
		{"static/stock", stock, static}, {"static/edge", ours, static},
		{"variables/stock", stock, login}, {"variables/edge", ours, login},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				c.h.ServeHTTP(w, postRequest(strings.NewReader(c.body)))
				if w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
