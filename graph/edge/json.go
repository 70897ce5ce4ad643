package edge

import (
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// What is wrong with JSON.
var (
	errJSON    = errors.New("not JSON")
	errUnicode = errors.New("not Unicode")
	errDepth   = errors.New("nested too deeply")
)

// parseJSON reads one JSON text (RFC 8259) and nothing beside it, as string,
// json.Number, bool, nil, map[string]any or []any. It is stricter than
// encoding/json, which would let two different passwords become equal or hide
// one value behind another: invalid UTF-8 and lone surrogates are errUnicode,
// a member given twice is errJSON. More than depth arrays and objects within
// each other are errDepth. The result shares no memory with b.
func parseJSON(b []byte, depth int) (any, error) {
	if !utf8.Valid(b) {
		return nil, errUnicode
	}
	r := jsonReader{b: b, depth: depth}
	v, err := r.value()
	if err != nil {
		return nil, err
	}
	if r.space(); r.i < len(r.b) {
		return nil, errJSON
	}
	return v, nil
}

type jsonReader struct {
	b     []byte
	i     int
	depth int // arrays and objects that may still open
}

func (r *jsonReader) space() {
	for r.i < len(r.b) {
		switch r.b[r.i] {
		case ' ', '\t', '\n', '\r':
			r.i++
		default:
			return
		}
	}
}

// next skips space and takes the byte c if it stands there.
func (r *jsonReader) next(c byte) bool {
	r.space()
	if r.i < len(r.b) && r.b[r.i] == c {
		r.i++
		return true
	}
	return false
}

func (r *jsonReader) value() (any, error) {
	r.space()
	if r.i >= len(r.b) {
		return nil, errJSON
	}
	switch c := r.b[r.i]; c {
	case '{':
		return r.nested(r.object)
	case '[':
		return r.nested(r.array)
	case '"':
		return r.text()
	case 't':
		return true, r.word("true")
	case 'f':
		return false, r.word("false")
	case 'n':
		return nil, r.word("null")
	default:
		return r.number()
	}
}

func (r *jsonReader) word(w string) error {
	if len(r.b)-r.i < len(w) || string(r.b[r.i:r.i+len(w)]) != w {
		return errJSON
	}
	r.i += len(w)
	return nil
}

func (r *jsonReader) nested(read func() (any, error)) (any, error) {
	if r.depth == 0 {
		return nil, errDepth
	}
	r.depth--
	r.i++ // the bracket
	v, err := read()
	r.depth++
	return v, err
}

func (r *jsonReader) array() (any, error) {
	list := []any{}
	if r.next(']') {
		return list, nil
	}
	for {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if r.next(']') {
			return list, nil
		}
		if !r.next(',') {
			return nil, errJSON
		}
	}
}

func (r *jsonReader) object() (any, error) {
	members := map[string]any{}
	if r.next('}') {
		return members, nil
	}
	for {
		if r.space(); r.i >= len(r.b) || r.b[r.i] != '"' {
			return nil, errJSON
		}
		name, err := r.text()
		if err != nil {
			return nil, err
		}
		if _, twice := members[name]; twice || !r.next(':') {
			return nil, errJSON
		}
		if members[name], err = r.value(); err != nil {
			return nil, err
		}
		if r.next('}') {
			return members, nil
		}
		if !r.next(',') {
			return nil, errJSON
		}
	}
}

func (r *jsonReader) number() (any, error) {
	start := r.i
	if r.b[r.i] == '-' {
		r.i++
	}
	if r.i < len(r.b) && r.b[r.i] == '0' {
		r.i++
	} else if !r.digits() {
		return nil, errJSON
	}
	if r.i < len(r.b) && r.b[r.i] == '.' {
		if r.i++; !r.digits() {
			return nil, errJSON
		}
	}
	if r.i < len(r.b) && (r.b[r.i] == 'e' || r.b[r.i] == 'E') {
		r.i++
		if r.i < len(r.b) && (r.b[r.i] == '+' || r.b[r.i] == '-') {
			r.i++
		}
		if !r.digits() {
			return nil, errJSON
		}
	}
	return json.Number(r.b[start:r.i]), nil
}

func (r *jsonReader) digits() bool {
	start := r.i
	for r.i < len(r.b) && r.b[r.i] >= '0' && r.b[r.i] <= '9' {
		r.i++
	}
	return r.i > start
}
