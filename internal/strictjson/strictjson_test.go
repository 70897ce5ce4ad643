package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]error{
		`{}`: nil, ` [1 , 2 ] `: nil, `-0.5e+10`: nil, `"😀"`: nil, `"\ud83d\ude00"`: nil, `null`: nil,
		``: ErrSyntax, `{`: ErrSyntax, `[1,]`: ErrSyntax, `{"a":1,}`: ErrSyntax, `{a:1}`: ErrSyntax, `'a'`: ErrSyntax,
		`01`: ErrSyntax, `1.`: ErrSyntax, `.5`: ErrSyntax, `+1`: ErrSyntax, `-`: ErrSyntax, `1e`: ErrSyntax, `NaN`: ErrSyntax,
		`tru`: ErrSyntax, `truex`: ErrSyntax, `nullnull`: ErrSyntax, `1 2`: ErrSyntax, `"`: ErrSyntax, `"\`: ErrSyntax,
		`"\x"`: ErrSyntax, `"\u12"`: ErrSyntax, `"\u12G4"`: ErrSyntax, "\"\t\"": ErrSyntax, "\"\\n\x01\"": ErrSyntax,
		`{"a" 1}`: ErrSyntax, `{"a":1 "b":1}`: ErrSyntax,
		`// a` + "\n1": ErrSyntax, "\u00a01": ErrSyntax,
		`"\ud800"`: ErrUnicode, `"\ud800x"`: ErrUnicode, `"\udc00\ud800"`: ErrUnicode, `"\ud800\u0041"`: ErrUnicode,
		"\"\xff\"": ErrUnicode, "\xff": ErrUnicode,
		`[[[[]]]]`: ErrDepth, `{"a":{"a":{"a":{}}}}`: ErrDepth,
	} {
		if _, err := Parse([]byte(text), 3); !errors.Is(err, want) {
			t.Errorf("Parse(%q) = %v, want %v", text, err, want)
		}
	}
}

func TestParseRefusesTwice(t *testing.T) {
	for text, name := range map[string]string{
		`{"a":1,"b":2,"a":1}`: "a", `[{"a":{"b":1,"b":2}}]`: "b", `{"a":1,"\u0061":2}`: "a", `{"":1,"":1}`: "",
	} {
		_, err := Parse([]byte(text), 3)
		if twice, ok := errors.AsType[*DuplicateError](err); !ok || twice.Name != name {
			t.Errorf("Parse(%s) = %v, want a DuplicateError for %q", text, err, name)
		}
	}
	if _, err := Parse([]byte(`{"a":{"b":1},"b":2,"B":3}`), 3); err != nil {
		t.Errorf("the same name in two objects, or in another letter case: %v", err)
	}
}

func TestParseObject(t *testing.T) {
	if m, err := ParseObject([]byte(` {"a":1} `), 1); err != nil || m["a"] != json.Number("1") {
		t.Errorf("ParseObject() = %v, %v", m, err)
	}
	for text, want := range map[string]error{`[]`: ErrSyntax, `null`: ErrSyntax, `"{}"`: ErrSyntax, `{} {}`: ErrSyntax, ``: ErrSyntax, `{"a":[]}`: ErrDepth} {
		if m, err := ParseObject([]byte(text), 1); !errors.Is(err, want) {
			t.Errorf("ParseObject(%s) = %v, %v, want %v", text, m, err, want)
		}
	}
}

func TestParseSharesNothing(t *testing.T) {
	b := []byte(`{"name":"a value","n":12.5,"e":"\u0041"}`)
	v, err := Parse(b, 1)
	if err != nil {
		t.Fatal(err)
	}
	clear(b)
	if want := (map[string]any{"name": "a value", "n": json.Number("12.5"), "e": "A"}); !reflect.DeepEqual(v, want) {
		t.Errorf("after the buffer was wiped: %v", v)
	}
}

// FuzzParse compares with encoding/json: what is accepted here means the
// same there, and what only we refuse has one of our reasons.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{hello}","variables":{"a":[1,-2.5e3,"\ud83d\ude00\n",true,null,{}]}}`, `{"a":1,"a":2}`, `"\ud800"`, `[`, "\"\xff\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		const depth = 20
		ours, err := Parse(b, depth)
		_, twice := errors.AsType[*DuplicateError](err)
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
		case errors.Is(err, ErrSyntax) && json.Valid(b), twice && !duplicates(b), err == nil && duplicates(b):
			t.Errorf("refused %q", b)
		case errors.Is(err, ErrUnicode) && !bytes.Contains(bytes.ToValidUTF8(b, []byte("\uFFFD")), []byte("\uFFFD")) &&
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
