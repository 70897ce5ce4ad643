package edge_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/authgraph/authgraph/graph/edge"
	"github.com/authgraph/authgraph/graph/edge/internal/testschema"
)

// present knows one error. Every other error becomes a fault.
func present(ctx context.Context, err error) *gqlerror.Error {
	e := &gqlerror.Error{Path: graphql.GetPath(ctx)}
	if errors.As(err, &testschema.Denied{}) {
		e.Message, e.Extensions = "Log in.", map[string]any{"code": "UNAUTHENTICATED"}
		return e
	}
	e.Message = "Something went wrong."
	e.Extensions = map[string]any{"code": "INTERNAL_SERVER_ERROR", "requestId": "r-1"}
	return e
}

// lists are how many elements the lists of the test schema can have.
var lists = map[string]int{"users": 3, "friends": 2, "faults": 100}

// newHandler serves the test schema as in development, changed by edit.
func newHandler(t testing.TB, edit func(*edge.Options)) *edge.Handler {
	t.Helper()
	return newHandlerOn(t, testschema.New(), edit)
}

func newHandlerOn(t testing.TB, root *testschema.Schema, edit func(*edge.Options)) *edge.Handler {
	t.Helper()
	o := edge.Options{
		Introspection: true,
		Suggestions:   true,
		Elements:      lists,
		Present:       present,
	}
	if edit != nil {
		edit(&o)
	}
	h, err := edge.New(root, o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// reply is an answer as a client reads it.
type reply struct {
	Status int
	Header http.Header
	Raw    string
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Path       []any
		Locations  []struct{ Line, Column int }
		Extensions map[string]any
	}
	Extensions map[string]any
}

// code is the only code of the errors, or "" if there are none.
func (r reply) code(t testing.TB) string {
	t.Helper()
	if len(r.Errors) == 0 {
		return ""
	}
	code, _ := r.Errors[0].Extensions["code"].(string)
	for _, e := range r.Errors {
		if e.Extensions["code"] != code {
			t.Errorf("codes %v and %v in one answer", code, e.Extensions["code"])
		}
	}
	return code
}

func send(t testing.TB, h http.Handler, r *http.Request) reply {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	out := reply{Status: w.Code, Header: w.Header(), Raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("answer %q: %v", out.Raw, err)
	}
	return out
}

func postRequest(body io.Reader) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/graphql", body)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// post sends a body unchanged.
func post(t testing.TB, h http.Handler, body string) reply {
	t.Helper()
	return send(t, h, postRequest(strings.NewReader(body)))
}

// query sends a document with variables, a JSON object or "".
func query(t testing.TB, h http.Handler, document, variables string) reply {
	t.Helper()
	return post(t, h, bodyOf(document, variables))
}

func bodyOf(document, variables string) string {
	text, _ := json.Marshal(document)
	body := `{"query":` + string(text)
	if variables != "" {
		body += `,"variables":` + variables
	}
	return body + "}"
}

// manyOperations allows several operations in a document, as for GraphiQL.
func manyOperations(o *edge.Options) { o.Operations = 10 }
