package edge

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestParseJSON(t *testing.T) {
	for text, want := range map[string]error{
		`{}`: nil, ` [1 , 2 ] `: nil, `-0.5e+10`: nil, `"😀"`: nil, `"\ud83d\ude00"`: nil, `null`: nil,
		``: errJSON, `{`: errJSON, `[1,]`: errJSON, `{"a":1,}`: errJSON, `{a:1}`: errJSON, `'a'`: errJSON,
		`01`: errJSON, `1.`: errJSON, `.5`: errJSON, `+1`: errJSON, `-`: errJSON, `1e`: errJSON, `NaN`: errJSON,
		`tru`: errJSON, `truex`: errJSON, `nullnull`: errJSON, `1 2`: errJSON, `"`: errJSON, `"\`: errJSON,
		`"\x"`: errJSON, `"\u12"`: errJSON, `"\u12G4"`: errJSON, "\"\t\"": errJSON, "\"\\n\x01\"": errJSON,
		`{"a":1,"a":1}`: errJSON, `{"a":{"b":1,"b":1}}`: errJSON, `{"a" 1}`: errJSON, `{"a":1 "b":1}`: errJSON,
		`// a` + "\n1": errJSON, "\u00a01": errJSON,
		`"\ud800"`: errUnicode, `"\ud800x"`: errUnicode, `"\udc00\ud800"`: errUnicode, `"\ud800\u0041"`: errUnicode,
		"\"\xff\"": errUnicode, "\xff": errUnicode,
		`[[[[]]]]`: errDepth, `{"a":{"a":{"a":{}}}}`: errDepth,
	} {
		if _, err := parseJSON([]byte(text), 3); !errors.Is(err, want) {
			t.Errorf("parseJSON(%q) = %v, want %v", text, err, want)
		}
	}
}

func TestParseJSONSharesNothing(t *testing.T) {
	b := []byte(`{"name":"a value","n":12.5,"e":"\u0041"}`)
	v, err := parseJSON(b, 1)
	if err != nil {
		t.Fatal(err)
	}
	clear(b)
	if want := (map[string]any{"name": "a value", "n": json.Number("12.5"), "e": "A"}); !reflect.DeepEqual(v, want) {
		t.Errorf("after the buffer was wiped: %v", v)
	}
}

// FuzzParseJSON compares with encoding/json: what is accepted here means the
// same there, and what only we refuse has one of our reasons.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{hello}","variables":{"a":[1,-2.5e3,"\ud83d\ude00\n",true,null,{}]}}`, `{"a":1,"a":2}`, `"\ud800"`, `[`, "\"\xff\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		const depth = 20
		ours, err := parseJSON(b, depth)
		decoder := json.NewDecoder(bytes.NewReader(b))
		decoder.UseNumber()
		var theirs any
		theirErr := decoder.Decode(&theirs)
		if theirErr == nil && decoder.More() {
			theirErr = errors.New("trailing data")
		}
		switch {
		case err == nil && theirErr != nil:
			t.Errorf("accepted %q: %v", b, theirErr)
		case err == nil && !reflect.DeepEqual(ours, theirs):
			t.Errorf("%q is %#v, not %#v", b, ours, theirs)
		case errors.Is(err, errJSON) && json.Valid(b) && !duplicates(b):
			t.Errorf("refused %q", b)
		case errors.Is(err, errUnicode) && !bytes.Contains(bytes.ToValidUTF8(b, []byte("\uFFFD")), []byte("\uFFFD")) &&
			!strings.Contains(strings.ToLower(string(b)), `\ud`):
			t.Errorf("%q is Unicode", b)
		}
	})
}

// duplicates reports whether an object has a member twice.
func duplicates(b []byte) bool {
	type level struct {
		object bool
		names  map[string]bool
		value  bool
	}
	decoder := json.NewDecoder(bytes.NewReader(b))
	var stack []level
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		top := len(stack) - 1
		if delim, ok := token.(json.Delim); ok && (delim == '}' || delim == ']') {
			stack = stack[:top]
			continue
		}
		if top >= 0 && stack[top].object && !stack[top].value {
			name := token.(string)
			if stack[top].names[name] {
				return true
			}
			stack[top].names[name] = true
			stack[top].value = true
			continue
		}
		if top >= 0 {
			stack[top].value = false
		}
		if delim, ok := token.(json.Delim); ok {
			stack = append(stack, level{object: delim == '{', names: map[string]bool{}})
		}
	}
}
