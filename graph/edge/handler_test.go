package edge_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/authgraph/authgraph/graph/edge"
	"github.com/authgraph/authgraph/graph/edge/internal/testschema"
)

const plain, response = "application/json", "application/graphql-response+json"

func TestServe(t *testing.T) {
	h := newHandler(t, nil)
	for range 2 { // parsed, then from the cache
		r := query(t, h, `query Me { me { id email } }`, "")
		if want := `{"data":{"me":{"id":"019aa7a2-8c7e-7c53-9f11-6f3d4b1c2a10","email":"ann@example.org"}}}`; r.Raw != want {
			t.Errorf("answer = %s, want %s", r.Raw, want)
		}
		for name, want := range map[string]string{
			"Content-Type":           "application/json; charset=utf-8",
			"Cache-Control":          "no-store",
			"X-Content-Type-Options": "nosniff",
			"Vary":                   "Accept",
			"Content-Length":         "87",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
	}
}

// TestStatus is the table of section 6.4 of GraphQL over HTTP.
func TestStatus(t *testing.T) {
	h := newHandler(t, nil)
	for _, c := range []struct {
		name, body      string
		plain, response int
		code            string
		data            bool
	}{
		{"executed", bodyOf(`{hello}`, ""), 200, 200, "", true},
		{"executed, with an error", bodyOf(`{hello denied}`, ""), 200, 200, "UNAUTHENTICATED", true},
		{"executed, all of it null", bodyOf(`mutation{add(n:1)}`, ""), 200, 200, "", true},
		{"not parsed", bodyOf(`{`, ""), 200, 400, "GRAPHQL_PARSE_FAILED", false},
		{"no operation", bodyOf(`#`, ""), 200, 400, "GRAPHQL_PARSE_FAILED", false},
		{"not valid", bodyOf(`{nothing}`, ""), 200, 400, "GRAPHQL_VALIDATION_FAILED", false},
		{"a variable that does not fit", bodyOf(`query($n:Int!){need(int:$n)}`, `{"n":"1"}`), 200, 400, "BAD_USER_INPUT", false},
		{"too large", bodyOf("{"+strings.Repeat("hello ", 2000)+"}", ""), 200, 400, "COMPLEXITY_LIMIT_EXCEEDED", false},
		{"no such operation", `{"query":"query A{hello}","operationName":"B"}`, 400, 400, "BAD_REQUEST", false},
		{"a subscription", bodyOf(`subscription{ticks}`, ""), 400, 400, "BAD_REQUEST", false},
		{"not JSON", `{"query"`, 400, 400, "BAD_REQUEST", false},
		{"nothing", ``, 400, 400, "BAD_REQUEST", false},
		{"no query", `{}`, 400, 400, "BAD_REQUEST", false},
		{"a batch", `[{"query":"{hello}"}]`, 400, 400, "BAD_REQUEST", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for accept, want := range map[string]int{plain: c.plain, response: c.response} {
				req := postRequest(strings.NewReader(c.body))
				req.Header.Set("Accept", accept)
				r := send(t, h, req)
				if r.Status != want || r.code(t) != c.code {
					t.Errorf("%s: status %d, code %q (%s), want %d, %q", accept, r.Status, r.code(t), r.Raw, want, c.code)
				}
				if (r.Data != nil) != c.data {
					t.Errorf("%s: data entry %v, want %v", accept, r.Data != nil, c.data)
				}
				if got := r.Header.Get("Content-Type"); got != accept+"; charset=utf-8" {
					t.Errorf("Content-Type = %q, want %s", got, accept)
				}
			}
		})
	}
}

func TestMethods(t *testing.T) {
	root := testschema.New()
	h := newHandlerOn(t, root, nil)
	const login = `mutation{login(input:{email:"a",password:"b"})}`
	get := func(values url.Values) reply {
		return send(t, h, httptest.NewRequest(http.MethodGet, "/graphql?"+values.Encode(), nil))
	}
	t.Run("GET runs a query", func(t *testing.T) {
		r := get(url.Values{
			"query":         {`query A($n: String) { hello(name: $n) }`},
			"operationName": {"A"}, "variables": {`{"n":"Ann"}`}, "extensions": {`{"a":{}}`},
		})
		if r.Status != 200 || string(r.Data) != `{"hello":"hello Ann"}` {
			t.Errorf("answer = %d %s", r.Status, r.Raw)
		}
	})
	t.Run("GET does not run a mutation", func(t *testing.T) {
		for _, doc := range []string{login, "query A{hello} " + login} {
			r := get(url.Values{"query": {doc}})
			if r.Data != nil || r.code(t) == "" || root.Logins.Load() != 0 {
				t.Errorf("answer = %d %s, %d logins", r.Status, r.Raw, root.Logins.Load())
			}
		}
		if r := get(url.Values{"query": {login}}); r.Status != 405 || r.Header.Get("Allow") != "POST" {
			t.Errorf("answer = %d, Allow %q", r.Status, r.Header.Get("Allow"))
		}
	})
	for _, method := range []string{"HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"} {
		t.Run(method+" is refused", func(t *testing.T) {
			req := httptest.NewRequest(method, "/graphql", strings.NewReader(bodyOf(login, "")))
			req.Header.Set("Content-Type", plain)
			r := send(t, h, req)
			if r.Status != 405 || r.Header.Get("Allow") != "GET, POST" || r.code(t) != "BAD_REQUEST" {
				t.Errorf("answer = %d %s", r.Status, r.Raw)
			}
		})
	}
	for name, c := range map[string]struct {
		query string
		want  int
		code  string
	}{
		"no parameters":         {"", 400, "BAD_REQUEST"},
		"a bad escape":          {"query=%zz", 400, "BAD_REQUEST"},
		"a parameter twice":     {"query={hello}&operationName=A&operationName=B", 400, "BAD_REQUEST"},
		"variables not JSON":    {"query={hello}&variables=x", 400, "BAD_REQUEST"},
		"variables no object":   {"query={hello}&variables=[]", 400, "BAD_REQUEST"},
		"extensions no object":  {"query={hello}&extensions=1", 400, "BAD_REQUEST"},
		"not UTF-8":             {"query={hello(name:%22%ff%22)}", 400, "BAD_USER_INPUT"},
		"a lone surrogate":      {`query={hello}&variables={"a":"\ud800"}`, 400, "BAD_USER_INPUT"},
		"longer than the bound": {"query={hello}&x=" + strings.Repeat("x", 64<<10), 414, "BAD_REQUEST"},
	} {
		t.Run("GET, "+name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodGet, "/graphql", nil)
			req.URL.RawQuery = c.query
			if r := send(t, h, req); r.Status != c.want || r.code(t) != c.code {
				t.Errorf("answer = %d %s, want %d %s", r.Status, r.Raw, c.want, c.code)
			}
		})
	}
	t.Run("GET, null and empty are absent", func(t *testing.T) {
		if r := get(url.Values{"query": {"{hello}"}, "variables": {"null"}, "extensions": {""}}); r.Data == nil {
			t.Errorf("answer = %d %s", r.Status, r.Raw)
		}
	})
}

func TestContentType(t *testing.T) {
	root := testschema.New()
	h := newHandlerOn(t, root, nil)
	body := bodyOf(`mutation{login(input:{email:"a",password:"b"})}`, "")
	try := func(t *testing.T, types []string, want int) {
		t.Helper()
		req := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(body))
		if types != nil {
			req.Header["Content-Type"] = types
		}
		if r := send(t, h, req); r.Status != want {
			t.Errorf("%q: answer = %d %s, want %d", types, r.Status, r.Raw, want)
		}
	}
	for _, bad := range [][]string{
		nil, {""}, {"text/plain"}, {"application/x-www-form-urlencoded"}, {"multipart/form-data; boundary=x"},
		{"application/graphql"}, {"application/jsonx"}, {"application/json; charset=iso-8859-1"},
		{"application/json; charset=utf-16"}, {"application/json, text/plain"}, {"application/json;;"},
		{"text/plain; a=application/json"}, {"application/json", "text/plain"},
	} {
		try(t, bad, 415)
	}
	if n := root.Logins.Load(); n != 0 {
		t.Errorf("%d logins ran", n)
	}
	for _, good := range []string{
		"application/json", "application/json; charset=utf-8", `Application/JSON;charset="UTF-8"`, "application/json; charset=utf8",
	} {
		try(t, []string{good}, 200)
	}
	req := postRequest(strings.NewReader(body))
	req.Header.Set("Content-Encoding", "gzip")
	if r := send(t, h, req); r.Status != 415 {
		t.Errorf("an encoded body: answer = %d %s", r.Status, r.Raw)
	}
}

func TestNotAcceptable(t *testing.T) {
	h := newHandler(t, nil)
	req := postRequest(strings.NewReader(bodyOf(`{hello}`, "")))
	req.Header.Set("Accept", "text/html, application/xml")
	r := send(t, h, req)
	if r.Status != 406 || r.code(t) != "BAD_REQUEST" || r.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("answer = %d %s", r.Status, r.Raw)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, o := range map[string]edge.Options{
		"a trusted document that is not valid": {Trusted: map[string]string{"a": "{nothing}"}},
		"a trusted document that is too large": {Trusted: map[string]string{"a": "{" + strings.Repeat("hello ", 1000) + "}"}},
		"a list without an entry":              {Elements: map[string]int{"users": 3, "friends": 2}},
		"an entry of no list":                  {Elements: map[string]int{"users": 3, "friends": 2, "faults": 1, "hello": 1}},
		"a list of nothing":                    {Elements: map[string]int{"users": 3, "friends": 2, "faults": 0}},
		"a list too long to count with":        {Elements: map[string]int{"users": 3, "friends": 2, "faults": 1<<20 + 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if o.Elements == nil {
				o.Elements = lists
			}
			if _, err := edge.New(testschema.New(), o); err == nil {
				t.Error("New() = nil error")
			}
		})
	}
	if _, err := edge.New(testschema.New(), edge.Options{Elements: lists}); err != nil {
		t.Errorf("New() = %v with nothing to refuse", err)
	}
}

// TestTogether sends one document in many requests at once, for the race
// detector.
func TestTogether(t *testing.T) {
	h := newHandler(t, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				r := query(t, h, `query A($in: LoginInput!) { choose(input: $in) me { ...U } } fragment U on User { id friends { id } }`,
					`{"in":{"email":"ann","password":"x","inner":{"numbers":[1,2]}}}`)
				if !strings.Contains(r.Raw, `"choose":"ann"`) {
					t.Errorf("answer = %s", r.Raw)
				}
			}
		})
	}
	wg.Wait()
}
