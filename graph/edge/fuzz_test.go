package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	library "github.com/vektah/gqlparser/v2/validator"

	"github.com/authgraph/authgraph/graph/edge/internal/testschema"
)

func fuzzHandler(f *testing.F, o Options) *Handler {
	f.Helper()
	o.Elements = map[string]int{"users": 3, "friends": 2, "faults": 100}
	h, err := New(testschema.New(), o)
	if err != nil {
		f.Fatal(err)
	}
	return h
}

// FuzzServe sends any body. The answer must have the right form and quote
// nothing. There must be no panic except the one that the schema offers.
func FuzzServe(f *testing.F) {
	const secret = "hunter2canary"
	for _, seed := range []string{
		`{"query":"query A($in:LoginInput!){choose(input:$in)}","variables":{"in":{"email":"` + secret + `","password":"x"}}}`,
		`{"query":"mutation{login(input:{email:\"` + secret + `\",password:1})}","operationName":"A"}`,
		`{"query":"{me{...f}}fragment f on User{id friends(first:2){id}}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"ab"}}}`,
		`{"query":"{users{id} fault denied need(int:3) echo(json:{a:[1]} stamp:\"x\")}"}`,
		`{"documentId":"sha256:0"}`, `[{"query":"{hello}"}]`, `{"query":"\ud800` + secret,
	} {
		f.Add([]byte(seed))
	}
	var panicked any
	h := fuzzHandler(f, Options{Recover: func(_ context.Context, value any) error {
		if value != testschema.Secret {
			panicked = value
		}
		return nil
	}})
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if panicked != nil {
			t.Fatalf("panic: %v", panicked)
		}
		var answer struct {
			Data   *json.RawMessage
			Errors []struct {
				Message    string
				Extensions struct{ Code string }
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("answer %q: %v", w.Body, err)
		}
		if answer.Data == nil && len(answer.Errors) == 0 || len(answer.Errors) > 20 {
			t.Errorf("answer %s", w.Body)
		}
		if !slices.Contains([]int{200, 400, 413}, w.Code) || w.Code != 200 && answer.Data != nil {
			t.Errorf("status %d, %s", w.Code, w.Body)
		}
		for _, e := range answer.Errors {
			if e.Extensions.Code == "" || strings.Contains(e.Message, secret) && !bytes.Contains(body, []byte("$"+secret)) {
				t.Errorf("error %+v", e)
			}
		}
	})
}

// FuzzDocument compares our rules with the library's: a document that passes
// here must be valid there.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{
		`{me{id best{email}}}`, `query A($n:Int=1,$p:Pick!){need(int:$n) pick(pick:$p)}`, `{echo(inner:{color:RED,numbers:[1],inner:{matrix:[[1]]}})}`,
		`{node{...on Cat{lives} ...on Dog{name}}}`, `{me{pet{...on Cat{a:name} ...on Dog{a:lives}}}}`, `{pick(pick:{id:1})}`,
		`query($e:String!){choose(input:{email:$e,password:"x"})}`, `{...f}fragment f on Query{__schema{types{name}}}`,
	} {
		f.Add(seed)
	}
	h := fuzzHandler(f, Options{Introspection: true, Suggestions: true, Operations: 5})
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "")
		if _, ref := h.analyse(text, ""); ref != nil {
			return
		}
		doc, err := parser.ParseQuery(&ast.Source{Input: text})
		if err != nil {
			t.Fatalf("%q is not parsed: %v", text, err)
		}
		if errs := library.ValidateWithRules(h.validator.schema, doc, nil); len(errs) > 0 {
			t.Errorf("%q is not valid: %v", text, errs)
		}
	})
}
