package edge_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

// canary is a value that must never come back in a message.
const canary = "hunter2canary"

func TestBodySize(t *testing.T) {
	h := newHandler(t, nil)
	body := func(size int) string {
		frame := bodyOf(`query($s:String){hello(name:$s)}`, `{"s":"%s"}`)
		return fmt.Sprintf(frame, strings.Repeat("x", size-len(frame)+2))
	}
	for _, c := range []struct {
		name    string
		size    int
		chunked bool
		want    int
	}{
		{"64 KiB", 64 << 10, false, 200},
		{"64 KiB and a byte", 64<<10 + 1, false, 413},
		{"64 KiB in chunks", 64 << 10, true, 200},
		{"64 KiB and a byte in chunks", 64<<10 + 1, true, 413},
		{"10 MiB in chunks", 10 << 20, true, 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			var reader io.Reader = strings.NewReader(body(c.size))
			if c.chunked {
				reader = iotest.OneByteReader(reader)
				if c.size > 1<<20 {
					reader = io.MultiReader(strings.NewReader(body(c.size)), strings.NewReader(""))
				}
			}
			req := postRequest(reader)
			if c.chunked && req.ContentLength != -1 {
				t.Fatal("not chunked")
			}
			r := send(t, h, req)
			if r.Status != c.want || c.want == 413 && r.code(t) != "BAD_REQUEST" {
				t.Errorf("answer = %d %.200s, want %d", r.Status, r.Raw, c.want)
			}
		})
	}
}

func TestBodyThatFails(t *testing.T) {
	h := newHandler(t, nil)
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"late":           {os.ErrDeadlineExceeded, 408},
		"cut off":        {io.ErrUnexpectedEOF, 400},
		"broken":         {errors.New(canary), 400},
		"bounded before": {&http.MaxBytesError{Limit: 1}, 413},
	} {
		t.Run(name, func(t *testing.T) {
			req := postRequest(io.MultiReader(strings.NewReader(`{"query":"{hello}",`), iotest.ErrReader(c.err)))
			r := send(t, h, req)
			if r.Status != c.want || r.code(t) != "BAD_REQUEST" || strings.Contains(r.Raw, canary) {
				t.Errorf("answer = %d %s, want %d", r.Status, r.Raw, c.want)
			}
		})
	}
}

func TestBodyIsStrict(t *testing.T) {
	h := newHandler(t, nil)
	for name, c := range map[string]struct{ body, code string }{
		"trailing data":              {`{"query":"{hello}"} x`, "BAD_REQUEST"},
		"two texts":                  {`{"query":"{hello}"}{"query":"{hello}"}`, "BAD_REQUEST"},
		"a member twice":             {`{"query":"{hello}","query":"{denied}"}`, "BAD_REQUEST"},
		"a member twice, escaped":    {`{"query":"{hello}","quer\u0079":"{denied}"}`, "BAD_REQUEST"},
		"an unknown member twice":    {`{"query":"{hello}","x":1,"x":2}`, "BAD_REQUEST"},
		"a variable twice":           {`{"query":"query($a:String){hello(name:$a)}","variables":{"a":"1","a":"2"}}`, "BAD_REQUEST"},
		"a comma too many":           {`{"query":"{hello}",}`, "BAD_REQUEST"},
		"a byte order mark":          {"\ufeff" + `{"query":"{hello}"}`, "BAD_REQUEST"},
		"a string":                   {`"{hello}"`, "BAD_REQUEST"},
		"null":                       {`null`, "BAD_REQUEST"},
		"query a number":             {`{"query":1}`, "BAD_REQUEST"},
		"operationName an object":    {`{"query":"{hello}","operationName":{}}`, "BAD_REQUEST"},
		"documentId a number":        {`{"query":"{hello}","documentId":1}`, "BAD_REQUEST"},
		"variables a list":           {`{"query":"{hello}","variables":[]}`, "BAD_REQUEST"},
		"variables a string":         {`{"query":"{hello}","variables":"{}"}`, "BAD_REQUEST"},
		"extensions a list":          {`{"query":"{hello}","extensions":[]}`, "BAD_REQUEST"},
		"a control character":        {"{\"query\":\"{hello}\n\"}", "BAD_REQUEST"},
		"a lone surrogate":           {`{"query":"query($a:String){hello(name:$a)}","variables":{"a":"\ud800"}}`, "BAD_USER_INPUT"},
		"a second half alone":        {`{"query":"query($a:String){hello(name:$a)}","variables":{"a":"\udc00"}}`, "BAD_USER_INPUT"},
		"two first halves":           {`{"query":"query($a:String){hello(name:$a)}","variables":{"a":"\ud800\ud800"}}`, "BAD_USER_INPUT"},
		"a lone surrogate in a name": {`{"query":"{hello}","\ud800":1}`, "BAD_USER_INPUT"},
		"not UTF-8":                  {`{"query":"query($a:String){hello(name:$a)}","variables":{"a":"` + "\xff" + `"}}`, "BAD_USER_INPUT"},
		"an encoded surrogate":       {`{"query":"query($a:String){hello(name:$a)}","variables":{"a":"` + "\xed\xa0\x80" + `"}}`, "BAD_USER_INPUT"},
		"variables too deep":         {`{"query":"{hello}","variables":{"a":` + strings.Repeat("[", 11) + strings.Repeat("]", 11) + `}}`, "COMPLEXITY_LIMIT_EXCEEDED"},
		"a secret in broken JSON":    {`{"query":"{hello}","variables":{"password":"` + canary + `"`, "BAD_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			r := post(t, h, c.body)
			if r.Status != 400 || r.code(t) != c.code || r.Data != nil {
				t.Errorf("answer = %d %s, want 400 %s", r.Status, r.Raw, c.code)
			}
			if strings.Contains(r.Raw, canary) {
				t.Errorf("the answer quotes what was sent: %s", r.Raw)
			}
		})
	}
	t.Run("what JSON allows is read", func(t *testing.T) {
		r := post(t, h, " \r\n\t{ \"unknown\" : [1.5e3, {}, true] , \"query\" : \"query($a:String)\\n{hello(name:$a)}\","+
			"\"variables\":{\"a\":\"\\ud83d\\ude00 \\u00e4 ä \\\\ \\/ \\b\\f\\n\\r\\t \\\"\"}} \n")
		if want := `{"hello":"hello 😀 ä ä \\ / \u0008\u000C\n\r\t \""}`; string(r.Data) != want {
			t.Errorf("data = %s, want %s", r.Data, want)
		}
	})
}

// TestWire uses a real server. A chunked body that never ends gets an answer,
// and the connection still works after an error.
func TestWire(t *testing.T) {
	server := httptest.NewServer(newHandler(t, nil))
	defer server.Close()
	for _, c := range []struct {
		body io.Reader
		want int
	}{
		{strings.NewReader(bodyOf("{hello}", "")), 200},
		{io.MultiReader(strings.NewReader(strings.Repeat(" ", 200<<10))), 413},
		{strings.NewReader(bodyOf("{hello}", "")), 200},
	} {
		resp, err := http.Post(server.URL, "application/json", c.body)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Error(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.want {
			t.Errorf("status = %d, want %d", resp.StatusCode, c.want)
		}
	}
}
