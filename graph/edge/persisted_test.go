package edge_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/authgraph/authgraph/graph/edge"
	"github.com/authgraph/authgraph/graph/edge/internal/testschema"
)

func hashOf(doc string) string {
	sum := sha256.Sum256([]byte(doc))
	return hex.EncodeToString(sum[:])
}

// persisted is the body of an automatic persisted query. If doc is "", the text
// is left out.
func persisted(doc, hash string) string {
	body := map[string]any{"extensions": map[string]any{
		"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash},
	}}
	if doc != "" {
		body["query"] = doc
	}
	text, _ := json.Marshal(body)
	return string(text)
}

func TestPersistedQueries(t *testing.T) {
	root := testschema.New()
	h := newHandlerOn(t, root, nil)
	const doc = `{hello}`
	hash := hashOf(doc)
	missing := func(t *testing.T, body string) {
		t.Helper()
		r := post(t, h, body)
		if r.Status != 200 || r.code(t) != "PERSISTED_QUERY_NOT_FOUND" || r.Errors[0].Message != "PersistedQueryNotFound" || r.Data != nil {
			t.Errorf("answer = %d %s, want PersistedQueryNotFound", r.Status, r.Raw)
		}
	}
	missing(t, persisted("", hash))
	if r := post(t, h, persisted(doc, hash)); r.Data == nil {
		t.Fatalf("the document with its hash: %s", r.Raw)
	}
	for name, body := range map[string]string{
		"by extension":           persisted("", hash),
		"by extension, letters":  persisted("", strings.ToUpper(hash)),
		"by documentId":          `{"documentId":"` + hash + `"}`,
		"by documentId, prefix":  `{"documentId":"sha256:` + hash + `"}`,
		"without text but empty": `{"query":"","documentId":"` + hash + `"}`,
	} {
		if r := post(t, h, body); string(r.Data) != `{"hello":"hello world"}` {
			t.Errorf("%s: %s", name, r.Raw)
		}
	}
	get := httptest.NewRequest(http.MethodGet, "/graphql?extensions="+
		url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+hash+`"}}`), nil)
	if r := send(t, h, get); r.Data == nil {
		t.Errorf("by GET: %s", r.Raw)
	}

	t.Run("what is wrong is refused", func(t *testing.T) {
		for name, body := range map[string]string{
			"another hash":   persisted(`{denied}`, hash),
			"no hash":        persisted(doc, ""),
			"a short hash":   persisted("", "abc"),
			"not hex":        persisted("", strings.Repeat("x", 64)),
			"version 2":      strings.ReplaceAll(persisted("", hash), `"version":1`, `"version":2`),
			"version a word": strings.ReplaceAll(persisted("", hash), `"version":1`, `"version":"1"`),
			"no object":      `{"extensions":{"persistedQuery":"x"}}`,
			"two ids":        strings.ReplaceAll(persisted("", hash), `{"ext`, `{"documentId":"`+hashOf("{x}")+`","ext`),
		} {
			if r := post(t, h, body); r.Status != 400 || r.code(t) != "BAD_REQUEST" {
				t.Errorf("%s: %d %s", name, r.Status, r.Raw)
			}
		}
	})
	t.Run("only valid queries are kept", func(t *testing.T) {
		for _, doc := range []string{
			`{nothing}`, `{`, `mutation{login(input:{email:"a",password:"b"})}`, "{" + aliases(16, "hello") + "}",
		} {
			post(t, h, persisted(doc, hashOf(doc)))
			missing(t, persisted("", hashOf(doc)))
		}
		if root.Logins.Load() != 1 {
			t.Errorf("%d logins: a mutation with its hash runs once", root.Logins.Load())
		}
	})
}

func TestTrusted(t *testing.T) {
	const hello, login = `query Hello{hello}`, `mutation Login($in:LoginInput!){login(input:$in)}`
	documents, err := edge.ReadTrusted(strings.NewReader(`{"h1":"` + hello + `","h2":"` + login + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	h := newHandler(t, func(o *edge.Options) { o.Trusted = documents })
	const in = `,"variables":{"in":{"email":"e","password":"x"}}`
	for name, c := range map[string]struct{ body, want string }{
		"by extension":       {persisted("", "h1"), `{"hello":"hello world"}`},
		"by documentId":      {`{"documentId":"h1"}`, `{"hello":"hello world"}`},
		"by prefixed id":     {`{"documentId":"sha256:h1"}`, `{"hello":"hello world"}`},
		"by text":            {`{"query":"` + hello + `"}`, `{"hello":"hello world"}`},
		"by both":            {persisted(hello, "h1"), `{"hello":"hello world"}`},
		"a mutation":         {`{"documentId":"h2"` + in + `}`, `{"login":"e"}`},
		"a mutation by text": {`{"query":"` + login + `"` + in + `}`, `{"login":"e"}`},
	} {
		if r := post(t, h, c.body); string(r.Data) != c.want {
			t.Errorf("%s: %s, want %s", name, r.Raw, c.want)
		}
	}
	for name, body := range map[string]string{
		"another text":                `{"query":"{hello}"}`,
		"a text that is like one":     `{"query":"query Hello{hello }"}`,
		"another hash":                persisted("", "h3"),
		"an id of another text":       persisted("{hello}", "h1"),
		"an id of the other text":     persisted(hello, "h2"),
		"a registration":              persisted("{hello}", hashOf("{hello}")),
		"an introspection":            `{"query":"{__schema{types{name}}}"}`,
		"something that is not valid": `{"query":"{nothing}"}`,
	} {
		if r := post(t, h, body); r.Status != 200 || r.code(t) != "DOCUMENT_NOT_TRUSTED" || r.Data != nil {
			t.Errorf("%s: %d %s", name, r.Status, r.Raw)
		}
	}
	if r := post(t, h, `{}`); r.Status != 400 || r.code(t) != "BAD_REQUEST" {
		t.Errorf("nothing: %d %s", r.Status, r.Raw)
	}
}

// TestTrustedMistakes: a manifest for another schema gives all mistakes at
// once, always in the same order.
func TestTrustedMistakes(t *testing.T) {
	_, err := edge.New(testschema.New(), edge.Options{Elements: lists, Suggestions: true, Trusted: map[string]string{
		"c": "{hello", "a": "query A { nothing }", "b": "{hello}", "d": "{hello}\nfragment F on Query { neither }",
	}})
	if err == nil {
		t.Fatal("taken")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, want := range []string{`trusted document "a", 1:11: Cannot query field "nothing"`, `trusted document "c", 1:7: `, `trusted document "d", 2:`} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d does not begin with %q:\n%v", i, want, err)
		}
	}
}

func TestReadTrusted(t *testing.T) {
	apollo := `{"format":"apollo-persisted-query-manifest","version":1,"operations":[
		{"id":"a1","name":"Hello","type":"query","body":"query Hello{hello}"}]}`
	got, err := edge.ReadTrusted(strings.NewReader(apollo))
	if err != nil || got["a1"] != "query Hello{hello}" || len(got) != 1 {
		t.Errorf("Apollo's manifest = %v, %v", got, err)
	}
	for name, text := range map[string]string{
		"no JSON": `{`, "a list": `[]`, "no documents": `{}`, "an empty document": `{"a":""}`, "an empty id": `{"":"{a}"}`,
		"an id twice": `{"a":"{a}","b":"{b}","a":"{a}"}`, "an id twice, written otherwise": `{"a":"{a}","\u0061":"{b}"}`,
		"Apollo's with an id twice":      `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a","body":"{a}"},{"id":"a","body":"{b}"}]}`,
		"Apollo's with operations twice": `{"format":"apollo-persisted-query-manifest","operations":[{"id":"a","body":"{a}"}],"operations":[{"id":"b","body":"{b}"}]}`,
		"Apollo's with a body twice":     `{"format":"apollo-persisted-query-manifest","operations":[{"id":"a","body":"{a}","body":"{b}"}]}`,
		"Apollo's with an empty id":      `{"format":"apollo-persisted-query-manifest","operations":[{"id":"","body":"{a}"},{"id":"b","body":"{b}"}]}`,
		"no UTF-8":                       "{\"a\":\"{a(b:\\\"\xff\\\")}\"}", "two manifests": `{"a":"{a}"}{"b":"{b}"}`, "nothing": ``, "null": `null`,
		"half a character": `{"a":"{a(b:\"\ud800\")}"}`, "Apollo's in other letters": `{"Format":"apollo-persisted-query-manifest","operations":[{"ID":"a","body":"{a}"}]}`,
		"another value": `{"a":1}`, "null for a document": `{"a":"{a}","b":null}`, "Apollo's without operations": `{"format":"apollo-persisted-query-manifest","version":1,"operations":[]}`,
	} {
		if got, err := edge.ReadTrusted(strings.NewReader(text)); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}
