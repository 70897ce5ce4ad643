package edge_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/authgraph/authgraph/graph/edge"
	"github.com/authgraph/authgraph/graph/edge/internal/testschema"
)

func TestErrorsOfResolvers(t *testing.T) {
	var panics []any
	h := newHandler(t, func(o *edge.Options) {
		o.Recover = func(_ context.Context, value any) error {
			panics = append(panics, value)
			return errors.New("recovered")
		}
	})
	const something = `"message":"Something went wrong.","path":`
	for doc, want := range map[string]string{
		`{denied}`:        `{"errors":[{"message":"Log in.","path":["denied"],"extensions":{"code":"UNAUTHENTICATED"}}],"data":{"denied":null}}`,
		`{a:fault}`:       `{"errors":[{` + something + `["a"],"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"r-1"}}],"data":{"a":null}}`,
		`{panics}`:        `{"errors":[{` + something + `["panics"],"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"r-1"}}],"data":{"panics":null}}`,
		`{raw}`:           `{"data":{"raw":"a` + "\uFFFD" + `b"}}`,
		`{big(kib:2049)}`: `{"errors":[{` + `"message":"Something went wrong.","extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"r-1"}}],"data":null}`,
	} {
		if r := query(t, h, doc, ""); r.Raw != want || r.Status != 200 {
			t.Errorf("%s: %d %s, want %s", doc, r.Status, r.Raw, want)
		}
	}
	if !reflect.DeepEqual(panics, []any{testschema.Secret}) {
		t.Errorf("recovered %v", panics)
	}
	// The errors are new: the second request has its own path.
	if r := query(t, h, `{b:denied}`, ""); !reflect.DeepEqual(r.Errors[0].Path, []any{"b"}) {
		t.Errorf("path = %v", r.Errors[0].Path)
	}
}

func TestWithoutHooks(t *testing.T) {
	h := newHandler(t, func(o *edge.Options) { o.Present, o.Recover = nil, nil })
	for _, doc := range []string{`{denied}`, `{fault}`, `{panics}`, `{big(kib:2049)}`} {
		r := query(t, h, doc, "")
		if r.Status != 200 || r.code(t) != "INTERNAL_SERVER_ERROR" || strings.Contains(r.Raw, "pq") || strings.Contains(r.Raw, "log") {
			t.Errorf("%s: %d %s", doc, r.Status, r.Raw)
		}
	}
}

// TestArguments: a value that a scalar refuses is the client's error, and the
// scalar's text is left out.
func TestArguments(t *testing.T) {
	h := newHandler(t, nil)
	for doc, want := range map[string]string{
		`{echo(stamp:"` + canary + `")}`:                `The argument "stamp" does not fit its type.`,
		`{echo(inner:{inner:{when:"` + canary + `"}})}`: `The argument "inner.inner.when" does not fit its type.`,
	} {
		r := query(t, h, doc, "")
		if r.code(t) != "BAD_USER_INPUT" || r.Errors[0].Message != want || !reflect.DeepEqual(r.Errors[0].Path, []any{"echo"}) ||
			string(r.Data) != "null" || r.Status != 200 {
			t.Errorf("%s: %s, want %s", doc, r.Raw, want)
		}
	}
}

func TestErrorsOfAnAnswerAreFew(t *testing.T) {
	h := newHandler(t, func(o *edge.Options) { o.Field = tooMany })
	r := query(t, h, `{users{id}}`, "")
	if len(r.Errors) != 20 {
		t.Errorf("%d errors", len(r.Errors))
	}
}

func tooMany(ctx context.Context, next graphql.Resolver) (any, error) {
	for range 30 {
		graphql.AddErrorf(ctx, "again")
	}
	return next(ctx)
}

// TestField: the function around every resolver can refuse it. Its panic is
// caught, even if two root fields run in two goroutines.
func TestField(t *testing.T) {
	var fields sync.Map
	h := newHandler(t, func(o *edge.Options) {
		o.Field = func(ctx context.Context, next graphql.Resolver) (any, error) {
			field := graphql.GetFieldContext(ctx).Field
			fields.Store(field.ObjectDefinition.Name+"."+field.Name, true)
			switch field.Alias {
			case "closed":
				return nil, testschema.Denied{}
			case "broken":
				panic("a guard")
			}
			return next(ctx)
		}
	})
	const something = `"message":"Something went wrong.","path":["broken"],"extensions":{"code":"INTERNAL_SERVER_ERROR","requestId":"r-1"}`
	for doc, want := range map[string]string{
		`{a:hello closed:fault}`: `{"errors":[{"message":"Log in.","path":["closed"],"extensions":{"code":"UNAUTHENTICATED"}}],"data":{"a":"hello world","closed":null}}`,
		`{broken:fault}`:         `{"errors":[{` + something + `}],"data":{"broken":null}}`,
		`{broken:fault a:hello}`: `{"errors":[{` + something + `}],"data":{"broken":null,"a":"hello world"}}`,
	} {
		if r := query(t, h, doc, ""); r.Status != 200 || r.Raw != want {
			t.Errorf("%s: %d %s, want %s", doc, r.Status, r.Raw, want)
		}
	}
	query(t, h, `{me{closed:id}}`, "")
	for _, name := range []string{"Query.hello", "Query.me", "User.id"} {
		if _, ok := fields.Load(name); !ok {
			t.Errorf("nothing ran around %s", name)
		}
	}
}

// failing is a schema that fails outside of the resolvers.
type failing struct {
	graphql.ExecutableSchema
	exec func(context.Context) graphql.ResponseHandler
}

func (f failing) Exec(ctx context.Context) graphql.ResponseHandler { return f.exec(ctx) }

func TestFaults(t *testing.T) {
	var recovered any
	serve := func(exec func(context.Context) graphql.ResponseHandler) http.Handler {
		h, err := edge.New(failing{testschema.New(), exec}, edge.Options{
			Elements: lists,
			Present:  present,
			Recover:  func(_ context.Context, value any) error { recovered = value; return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	t.Run("a panic is contained", func(t *testing.T) {
		r := query(t, serve(func(context.Context) graphql.ResponseHandler { panic(testschema.Secret) }), `{hello}`, "")
		if r.Status != 500 || r.code(t) != "INTERNAL_SERVER_ERROR" || r.Data != nil || recovered != testschema.Secret {
			t.Errorf("answer = %d %s, recovered %v", r.Status, r.Raw, recovered)
		}
	})
	t.Run("no response is a fault", func(t *testing.T) {
		for _, response := range []*graphql.Response{nil, {}} {
			none := func(context.Context) graphql.ResponseHandler {
				return func(context.Context) *graphql.Response { return response }
			}
			if r := query(t, serve(none), `{hello}`, ""); r.Status != 500 || r.code(t) != "INTERNAL_SERVER_ERROR" {
				t.Errorf("answer = %d %s", r.Status, r.Raw)
			}
		}
	})
	t.Run("an error that is no JSON is a fault", func(t *testing.T) {
		h := newHandler(t, func(o *edge.Options) {
			o.Present = func(context.Context, error) *gqlerror.Error {
				return &gqlerror.Error{Message: testschema.Secret, Extensions: map[string]any{"code": "BAD", "cause": func() {}}}
			}
		})
		if r := query(t, h, `{denied}`, ""); r.Status != 500 || r.code(t) != "INTERNAL_SERVER_ERROR" {
			t.Errorf("answer = %d %s", r.Status, r.Raw)
		}
	})
	t.Run("an abort goes on", func(t *testing.T) {
		defer func() {
			if p := recover(); p != http.ErrAbortHandler {
				t.Errorf("recovered %v", p)
			}
		}()
		query(t, serve(func(context.Context) graphql.ResponseHandler { panic(http.ErrAbortHandler) }), `{hello}`, "")
	})
}

func TestObserveAndHeader(t *testing.T) {
	var seen []edge.Observation
	h := newHandler(t, func(o *edge.Options) {
		manyOperations(o)
		o.Observe = func(_ context.Context, o edge.Observation) { seen = append(seen, o) }
		o.Header = func(_ context.Context, h http.Header, codes []string) {
			if slices.Contains(codes, "UNAUTHENTICATED") {
				h.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			}
		}
	})
	long := strings.Repeat("n", 200)
	for _, c := range []struct {
		body string
		want edge.Observation
	}{
		{bodyOf(`query Me{me{id}}`, ""), edge.Observation{OperationName: "Me", OperationType: "query", RootField: "me", Status: 200}},
		{bodyOf(`mutation{add(n:1)}`, ""), edge.Observation{OperationType: "mutation", RootField: "add", Status: 200}},
		{bodyOf(`query D{denied b:denied fault}`, ""), edge.Observation{
			OperationName: "D", OperationType: "query", Codes: []string{"UNAUTHENTICATED", "INTERNAL_SERVER_ERROR"}, ErrorCount: 3, Status: 200,
		}},
		{`{"query":"{","operationName":"Some_Name1"}`, edge.Observation{OperationName: "Some_Name1", Codes: []string{"GRAPHQL_PARSE_FAILED"}, ErrorCount: 1, Status: 200}},
		{`{"query":"{","operationName":"a\nb"}`, edge.Observation{Codes: []string{"GRAPHQL_PARSE_FAILED"}, ErrorCount: 1, Status: 200}},
		{`{"query":"{","operationName":"\u001b[31m"}`, edge.Observation{Codes: []string{"GRAPHQL_PARSE_FAILED"}, ErrorCount: 1, Status: 200}},
		{bodyOf(`query `+long+`{hello}`, ""), edge.Observation{OperationName: long[:100], OperationType: "query", RootField: "hello", Status: 200}},
		{`[]`, edge.Observation{Codes: []string{"BAD_REQUEST"}, ErrorCount: 1, Status: 400}},
	} {
		seen = nil
		r := post(t, h, c.body)
		slices.Sort(c.want.Codes)
		for i := range seen {
			slices.Sort(seen[i].Codes) // the order differs, because fields run in parallel
		}
		if !reflect.DeepEqual(seen, []edge.Observation{c.want}) {
			t.Errorf("%.60s: %+v, want %+v", c.body, seen, c.want)
		}
		if got := r.Header.Get("WWW-Authenticate") != ""; got != slices.Contains(c.want.Codes, "UNAUTHENTICATED") {
			t.Errorf("%.60s: WWW-Authenticate %v", c.body, got)
		}
	}
}

// TestDefer: gqlparser adds @defer to every schema, but an answer is always
// whole.
func TestDefer(t *testing.T) {
	r := query(t, newHandler(t, nil), `{me{id ...on User@defer{best{email}}}}`, "")
	if r.code(t) != "GRAPHQL_VALIDATION_FAILED" || r.Data != nil {
		t.Errorf("@defer: %s", r.Raw)
	}
	served := edge.WithoutDefer(testschema.New().Schema())
	if served.Directives["defer"] != nil || served.Directives["skip"] == nil {
		t.Error("WithoutDefer removed the wrong directives")
	}
}
