package graph_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/graph"
	"github.com/authgraph/authgraph/internal/authtest"
)

// introspection allows introspection, as in development.
func introspection(o *graph.Options) { o.Introspection = true }

// TestIntrospection: the queries that tools send are allowed.
func TestIntrospection(t *testing.T) {
	files, err := filepath.Glob("testdata/introspection/*.graphql")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	api := newAPI(t, introspection)
	for _, file := range files {
		if got := api.post(t, authtest.Anyone(), read(t, file)); len(got.Errors) > 0 || !strings.Contains(got.raw, "LoginInput") {
			t.Errorf("%s: %.300s", file, got.raw)
		}
	}
	for _, document := range []string{
		`{__schema{queryType{name fields{name type{name fields{name}}}}}}`,
		`{a:__type(name:"User"){name} b:__type(name:"Session"){fields{name args{name type{name}}}}}`,
	} {
		if got := api.post(t, authtest.Anyone(), document); len(got.Errors) > 0 {
			t.Errorf("%s: %s", document, got.raw)
		}
	}
}
